import { AzureChatOpenAI, ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { assert, base, run } from "./check.mjs";

const chat = new ChatOpenAI({ model: "gpt-4o", apiKey: "unused", maxRetries: 0, configuration: { baseURL: `${base}/v1` } });
const azure = new AzureChatOpenAI({ azureOpenAIApiKey: "unused", azureOpenAIApiDeploymentName: "gpt-4o", azureOpenAIApiVersion: "2024-10-21", azureOpenAIEndpoint: base, maxRetries: 0 });

async function textOf(model, prompt) {
  let text = "";
  for await (const part of await model.stream(prompt)) text += part.content;
  return text;
}

await run({
  "chat": async () => assert.equal((await chat.invoke("simulate:reply=hello chain")).content, "hello chain"),
  "stream": async () => assert.equal(await textOf(chat, "simulate:reply=one two three"), "one two three"),
  "azure chat and stream": async () => {
    assert.equal((await azure.invoke("simulate:reply=dated")).content, "dated");
    assert.equal(await textOf(azure, "simulate:reply=one two three"), "one two three");
  },
  "embeddings": async () => {
    const maker = new OpenAIEmbeddings({ model: "text-embedding-3-small", apiKey: "unused", configuration: { baseURL: `${base}/v1` } });
    assert.equal((await maker.embedDocuments(["a", "b"])).length, 2);
  },
});
