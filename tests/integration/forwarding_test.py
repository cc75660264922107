#!/usr/bin/env python3
"""What reaches the upstream, and what comes back."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

ODD_BODY = b'{ "messages" : [{"role":"user","content":"caf\\u00e9 \xc3\xa9 \\ud83d\\ude00"}] ,\n\t"temperature": 1.50e0, "model":"gpt-4o", "x_unknown": [ ] }'


def one_call(request, **target_fields):
    upstream = Upstream()
    with Gateway(config(target(upstream, **target_fields))) as gateway:
        answer = ask(gateway, request)
        return upstream.wait_for(), answer


@case
def a_body_is_forwarded_byte_for_byte():
    sent, _ = one_call(post("/v1/chat/completions", ODD_BODY))
    equal(sent.body, ODD_BODY)


@case
def a_model_name_is_rewritten_by_splicing_alone():
    sent, _ = one_call(post("/v1/chat/completions", ODD_BODY.replace(b'"gpt-4o"', b'"nick"')), azure_api_version="v1", azure_deployment="dep-1", aliases=["nick"])
    equal(sent.body, ODD_BODY.replace(b'"gpt-4o"', b'"dep-1"'))


@case
def a_missing_model_is_added_for_the_v1_surface_when_the_path_names_the_deployment():
    sent, _ = one_call(post("/openai/deployments/gpt-4o/chat/completions?api-version=x", b'{"messages":[]}'), azure_api_version="v1")
    equal(sent.body, b'{"messages":[],"model":"gpt-4o"}')
    sent, _ = one_call(post("/openai/deployments/gpt-4o/chat/completions?api-version=x", b'{"model":null,"messages":[]}'), azure_api_version="v1")
    equal(sent.body, b'{"model":"gpt-4o","messages":[]}')


@case
def the_dated_surface_has_the_deployment_and_the_version_in_the_url():
    for path, end in (("chat/completions", "chat/completions"), ("completions", "completions"), ("embeddings", "embeddings")):
        sent, _ = one_call(post(f"/v1/{path}", CHAT), azure_deployment="my dep")
        equal(sent.start, f"POST /openai/deployments/my%20dep/{end}?api-version=2024-10-21 HTTP/1.1")


@case
def the_v1_surface_has_neither():
    sent, _ = one_call(post("/v1/chat/completions", CHAT), azure_api_version="v1")
    equal(sent.start, "POST /openai/v1/chat/completions HTTP/1.1")


@case
def a_path_template_is_filled():
    sent, _ = one_call(post("/v1/chat/completions", CHAT), path_template="/front/{deployment}/chat?x=1")
    equal(sent.start, "POST /front/gpt-4o/chat?x=1&api-version=2024-10-21 HTTP/1.1")


@case
def every_spelling_of_the_route_reaches_the_same_deployment():
    upstream = Upstream()
    with Gateway(config(target(upstream, azure_deployment="dep-1"))) as gateway:
        paths = ["/v1/chat/completions", "/chat/completions", "/openai/v1/chat/completions",
                 "/openai/deployments/dep-1/chat/completions?api-version=2023-05-15", "/openai/deployments/gpt-4o/chat/completions"]
        for number, path in enumerate(paths, 1):
            equal(chat(gateway, path=path).status, 200, path)
            equal(upstream.wait_for(number).start, "POST /openai/deployments/dep-1/chat/completions?api-version=2024-10-21 HTTP/1.1", path)


@case
def only_listed_headers_go_upstream_and_no_credential_of_the_client():
    noise = [("authorization", "Bearer client-secret"), ("api-key", "client-secret"), ("cookie", "a=client-secret"), ("x-forwarded-for", "10.0.0.1"),
             ("x-stainless-lang", "python"), ("user-agent", "OpenAI/Python"), ("openai-organization", "org"), ("x-custom", "client-secret"), ("accept-encoding", "gzip, br")]
    sent, _ = one_call(post("/v1/chat/completions", CHAT, noise), headers={"x-extra": "from the configuration"})
    equal(sorted(sent.names()), sorted(["host", "content-type", "accept", "accept-encoding", "user-agent", "x-extra", "api-key", "x-ms-client-request-id", "content-length"]))
    equal(sent["api-key"], "test-key-1")
    equal(sent["accept-encoding"], "identity")
    assert b"client-secret" not in sent.raw_head


@case
def an_openai_target_gets_a_bearer():
    sent, _ = one_call(post("/v1/chat/completions", CHAT), provider="openai")
    equal(sent["authorization"], "Bearer test-key-1")
    equal(sent.start, "POST /v1/chat/completions HTTP/1.1")


@case
def a_token_as_secret_goes_out_as_bearer():
    upstream = Upstream()
    token = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln"
    with Gateway(config(target(upstream)), env={"KT_TEST_KEY": token}) as gateway:
        chat(gateway)
        sent = upstream.wait_for()
        equal(sent["authorization"], f"Bearer {token}")
        equal(sent["api-key"], None)


@case
def a_secret_file_is_read_anew_for_every_request():
    upstream = Upstream()
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write("first\n")
    with Gateway(config(target(upstream, secret_key_ref={"file": file.name}))) as gateway:
        chat(gateway)
        pathlib.Path(file.name).write_text("second\n")
        chat(gateway)
    equal([each["api-key"] for each in upstream.requests], ["first", "second"])


@case
def gpt_35_and_3_5_are_one_model_and_aliases_work():
    upstream = Upstream()
    with Gateway(config(target(upstream, model="gpt-35-turbo", aliases=["cheap"]))) as gateway:
        for name in ("gpt-35-turbo", "gpt-3.5-turbo", "cheap", "ch\\u0065ap"):
            equal(chat(gateway, b'{"model":"%s","messages":[]}' % name.encode()).status, 200, name)
        answer = chat(gateway, {**CHAT, "model": "gpt-9"})
        equal((answer.status, answer.error["code"], answer.error["param"]), (404, "model_not_found", "model"))
        assert "gpt-35-turbo" in answer.error["message"]


@case
def reply_headers_are_azures_useful_ones_and_ours():
    upstream = Upstream(reply=plain({"id": "x"}, fields=[("apim-request-id", "apim-1"), ("x-ratelimit-remaining-tokens", "7"), ("x-ms-region", "Sweden Central"),
                                                         ("set-cookie", "a=b"), ("server", "secret-server"), ("retry-after-ms", "12"), ("x-random", "1")]))
    with Gateway(config(target(upstream, id="sweden"))) as gateway:
        answer = chat(gateway)
        equal(answer["x-request-id"], "apim-1")
        equal((answer["x-ratelimit-remaining-tokens"], answer["x-ms-region"], answer["retry-after-ms"]), ("7", "Sweden Central", "12"))
        equal((answer["x-kt-target"], answer["x-kt-attempts"], answer["x-kt-verdict"]), ("sweden", "1", "allow"))
        assert int(answer["x-kt-overhead-us"]) >= 0 and answer["date"]
        equal(answer["x-kt-request-id"], upstream.requests[0]["x-ms-client-request-id"])
        for name in ("set-cookie", "server", "x-random"):
            assert answer[name] is None, name
        assert answer["x-kt-request-id"] != chat(gateway)["x-kt-request-id"]


@case
def azures_4xx_pass_unchanged_with_their_own_body():
    body = b'{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}'
    for status in (400, 401, 403, 404, 422):
        upstream = Upstream(reply=plain(body, status))
        with Gateway(config(target(upstream), target(Upstream(), id="two"))) as gateway:
            answer = chat(gateway)
            equal((answer.status, answer.body, answer["x-kt-attempts"]), (status, body, "1"))


@case
def a_reply_without_a_type_gets_one():
    upstream = Upstream(reply=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
    with Gateway(config(target(upstream))) as gateway:
        equal(chat(gateway)["content-type"], "application/json")


@case
def a_vision_body_of_many_megabytes_passes_unchanged():
    image = "data:image/png;base64," + "QUJD" * (5 << 20)
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": image}}]}]}).encode()
    sent, answer = one_call(post("/v1/chat/completions", body))
    equal(answer.status, 200)
    assert sent.body == body


@case
def a_chunked_request_body_arrives_whole():
    upstream = Upstream()
    with Gateway(config(target(upstream))) as gateway:
        body = json.dumps(CHAT).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        equal(ask(gateway, head + b"".join(chunk(body[i:i + 3]) for i in range(0, len(body), 3)) + b"0\r\n\r\n").status, 200)
        equal(upstream.wait_for().body, body)
        equal(upstream.requests[0]["content-length"], str(len(body)))


@case
def large_replies_pass_whole():
    big = json.dumps({"data": "x" * (8 << 20)}).encode()
    upstream = Upstream(reply=plain(big))
    with Gateway(config(target(upstream))) as gateway:
        assert chat(gateway).body == big


@case
def models_come_from_the_configuration():
    with Gateway(config(target(Upstream()), target(Upstream(), id="two", model="text-embedding-3-small"))) as gateway:
        for path in ("/v1/models", "/models", "/openai/v1/models"):
            equal(sorted(each["id"] for each in ask(gateway, get(path)).json()["data"]), ["gpt-4o", "text-embedding-3-small"])
        equal(ask(gateway, get("/v1/models/gpt-4o")).json()["object"], "model")
        equal(ask(gateway, get("/v1/models/none")).status, 404)


run_cases()
