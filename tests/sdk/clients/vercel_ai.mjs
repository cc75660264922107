import { createAzure } from "@ai-sdk/azure";
import { createOpenAI } from "@ai-sdk/openai";
import { embed, generateText, streamText } from "ai";
import { assert, base, run } from "./check.mjs";

const openai = createOpenAI({ baseURL: `${base}/v1`, apiKey: "unused" });
const azure = createAzure({ baseURL: `${base}/openai`, apiKey: "unused", apiVersion: "2024-10-21", useDeploymentBasedUrls: true });

async function streamed(model, prompt) {
  let text = "";
  for await (const part of streamText({ model, prompt, maxRetries: 0 }).textStream) text += part;
  return text;
}

await run({
  "chat": async () => assert.equal((await generateText({ model: openai.chat("gpt-4o"), prompt: "simulate:reply=Hello from Azure", maxRetries: 0 })).text, "Hello from Azure"),
  "stream": async () => assert.equal(await streamed(openai.chat("gpt-4o"), "simulate:reply=one two three"), "one two three"),
  "embeddings": async () => assert.ok((await embed({ model: openai.textEmbeddingModel("text-embedding-3-small"), value: "a", maxRetries: 0 })).embedding.length > 100),
  "azure provider": async () => {
    assert.equal((await generateText({ model: azure.chat("gpt-4o"), prompt: "simulate:reply=dated", maxRetries: 0 })).text, "dated");
    assert.equal(await streamed(azure.chat("gpt-4o"), "simulate:reply=one two three"), "one two three");
  },
  "errors": async () => assert.rejects(generateText({ model: openai.chat("none"), prompt: "x", maxRetries: 0 }), (error) => error.statusCode === 404),
});
