import os
from langchain_openai import AzureChatOpenAI, AzureOpenAIEmbeddings, ChatOpenAI, OpenAIEmbeddings
from check import case, run

BASE = os.environ["KT_BASE"]
chat_model = ChatOpenAI(model="gpt-4o", base_url=f"{BASE}/v1", api_key="unused", max_retries=0)
azure_model = AzureChatOpenAI(azure_deployment="gpt-4o", azure_endpoint=BASE, api_key="unused", api_version="2024-10-21", max_retries=0)


@case
def chat():
    assert chat_model.invoke("simulate:reply=hello chain").content == "hello chain"


@case
def stream():
    assert "".join(part.content for part in chat_model.stream("simulate:reply=one two three")) == "one two three"


@case
def azure_chat_and_stream():
    assert azure_model.invoke("simulate:reply=dated").content == "dated"
    assert "".join(part.content for part in azure_model.stream("simulate:reply=one two three")) == "one two three"


@case
def tools():
    def weather(city: str) -> str:
        "Tells the weather."
        return city
    assert chat_model.bind_tools([weather]).invoke("simulate:tool").tool_calls[0]["name"] == "weather"


@case
def embeddings():
    for maker in (OpenAIEmbeddings(model="text-embedding-3-small", base_url=f"{BASE}/v1", api_key="unused", check_embedding_ctx_length=False),
                  AzureOpenAIEmbeddings(model="text-embedding-3-small", azure_endpoint=BASE, api_key="unused", api_version="2024-10-21", check_embedding_ctx_length=False)):
        assert len(maker.embed_documents(["a", "b"])) == 2


run()
