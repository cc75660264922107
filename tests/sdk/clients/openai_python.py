import asyncio, base64, os, struct
import openai
from openai import AsyncOpenAI, AzureOpenAI, OpenAI
from check import case, run

BASE = os.environ["KT_BASE"]
client = OpenAI(base_url=f"{BASE}/v1", api_key="unused", max_retries=0)
azure = AzureOpenAI(azure_endpoint=BASE, api_key="unused", api_version="2024-10-21", max_retries=0)


def ask(text, **more):
    return dict(model="gpt-4o", messages=[{"role": "user", "content": text}], **more)


@case
def chat():
    answer = client.chat.completions.create(**ask("simulate:reply=Hello from Azure"))
    assert answer.choices[0].message.content == "Hello from Azure", answer
    assert answer.usage.total_tokens > 0 and answer._request_id


@case
def stream():
    text = "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**ask("simulate:reply=one two three", stream=True)))
    assert text == "one two three", text


@case
def stream_with_usage():
    chunks = list(client.chat.completions.create(**ask("simulate:reply=one two", stream=True, stream_options={"include_usage": True})))
    assert chunks[-1].usage.total_tokens > 0


@case
def tools():
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}
    answer = client.chat.completions.create(**ask("simulate:tool", tools=[tool]))
    assert answer.choices[0].message.tool_calls[0].function.name == "weather"
    parts = [call for chunk in client.chat.completions.create(**ask("simulate:tool", tools=[tool], stream=True)) for call in (chunk.choices[0].delta.tool_calls or [])]
    assert parts[0].function.name == "weather" and "".join(part.function.arguments or "" for part in parts).endswith("}")


@case
def embeddings():
    answer = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 100
    raw = client.embeddings.create(model="text-embedding-3-small", input="one", encoding_format="base64")
    values = struct.unpack("<%df" % len(answer.data[0].embedding), base64.b64decode(raw.data[0].embedding))
    assert abs(values[0] - answer.data[0].embedding[0]) < 1e-5


@case
def models():
    assert "gpt-4o" in [model.id for model in client.models.list()]
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"


@case
def vision_with_a_4_mb_data_url():
    url = "data:image/png;base64," + base64.b64encode(b"x" * (3 << 20)).decode()
    content = [{"type": "text", "text": "simulate:reply=seen"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content == "seen"


@case
def errors_have_their_own_classes():
    for kind, call in ((openai.NotFoundError, lambda: client.chat.completions.create(model="no-such-model", messages=[])),
                       (openai.BadRequestError, lambda: client.chat.completions.create(**ask("simulate:content_filter"))),
                       (openai.RateLimitError, lambda: client.chat.completions.create(**ask("simulate:status=429"))),
                       (openai.InternalServerError, lambda: client.chat.completions.create(**ask("simulate:status=500")))):
        try:
            call()
        except kind as error:
            assert error.request_id and isinstance(error.body, dict), error
        else:
            raise AssertionError(kind)


@case
def a_content_filter_answer_keeps_azures_details():
    try:
        client.chat.completions.create(**ask("simulate:content_filter"))
    except openai.BadRequestError as error:
        assert error.code == "content_filter" and error.body["innererror"]["code"] == "ResponsibleAIPolicyViolation", error.body


@case
def a_429_is_retried_by_the_client():
    calls = client.with_options(max_retries=1)
    try:
        calls.chat.completions.create(**ask("simulate:status=429"), timeout=20)
    except openai.RateLimitError as error:
        assert error.response.request.headers["x-stainless-retry-count"] == "1"


@case
def a_stream_that_breaks_raises():
    try:
        for _ in client.chat.completions.create(**ask("simulate:events=5 simulate:reset_after=600", stream=True)):
            pass
    except Exception:
        pass
    else:
        raise AssertionError("the stream looked complete")


@case
def cancelled_streams_leave_the_client_usable():
    with client.chat.completions.create(**ask("simulate:events=200", stream=True)) as answer:
        next(iter(answer))
    assert client.chat.completions.create(**ask("hello")).choices


@case
def many_at_once():
    async def go():
        many = AsyncOpenAI(base_url=f"{BASE}/v1", api_key="unused", max_retries=0)
        answers = await asyncio.gather(*[many.chat.completions.create(**ask(f"simulate:reply=number {i}")) for i in range(40)])
        assert [answer.choices[0].message.content for answer in answers] == [f"number {i}" for i in range(40)]
    asyncio.run(go())


@case
def azure_client_chat_stream_embeddings():
    assert azure.chat.completions.create(**ask("simulate:reply=dated")).choices[0].message.content == "dated"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in azure.chat.completions.create(**ask("simulate:reply=one two", stream=True)) if chunk.choices)
    assert text == "one two"
    assert azure.embeddings.create(model="text-embedding-3-small", input="x").data
    try:
        azure.chat.completions.create(model="no-such-deployment", messages=[])
    except openai.NotFoundError as error:
        assert error.code == "DeploymentNotFound", error


run()
