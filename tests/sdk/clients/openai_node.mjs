import OpenAI, { AzureOpenAI, BadRequestError, NotFoundError, RateLimitError } from "openai";
import { assert, base, run } from "./check.mjs";

const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "unused", maxRetries: 0 });
const azure = new AzureOpenAI({ endpoint: base, apiKey: "unused", apiVersion: "2024-10-21", maxRetries: 0 });
const ask = (content, more = {}) => ({ model: "gpt-4o", messages: [{ role: "user", content }], ...more });

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  return text;
}

await run({
  "chat": async () => {
    const answer = await client.chat.completions.create(ask("simulate:reply=Hello from Azure"));
    assert.equal(answer.choices[0].message.content, "Hello from Azure");
    assert.ok(answer._request_id);
  },
  "stream": async () => assert.equal(await textOf(await client.chat.completions.create(ask("simulate:reply=one two three", { stream: true }))), "one two three"),
  "tools": async () => {
    const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];
    const answer = await client.chat.completions.create(ask("simulate:tool", { tools }));
    assert.equal(answer.choices[0].message.tool_calls[0].function.name, "weather");
  },
  "embeddings": async () => assert.equal((await client.embeddings.create({ model: "text-embedding-3-small", input: ["a", "b"] })).data.length, 2),
  "models": async () => assert.ok((await client.models.list()).data.some((model) => model.id === "gpt-4o")),
  "errors": async () => {
    await assert.rejects(client.chat.completions.create({ model: "none", messages: [] }), NotFoundError);
    await assert.rejects(client.chat.completions.create(ask("simulate:content_filter")), BadRequestError);
    await assert.rejects(client.chat.completions.create(ask("simulate:status=429")), RateLimitError);
  },
  "a stream that breaks rejects": async () => assert.rejects(async () => textOf(await client.chat.completions.create(ask("simulate:events=5 simulate:reset_after=600", { stream: true })))),
  "abort": async () => {
    const stream = await client.chat.completions.create(ask("simulate:events=200", { stream: true }));
    for await (const chunk of stream) { stream.controller.abort(); break; }
    assert.ok((await client.chat.completions.create(ask("hello"))).choices.length);
  },
  "azure client": async () => {
    assert.equal((await azure.chat.completions.create(ask("simulate:reply=dated"))).choices[0].message.content, "dated");
    assert.equal(await textOf(await azure.chat.completions.create(ask("simulate:reply=one two", { stream: true }))), "one two");
  },
});
