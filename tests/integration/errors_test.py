#!/usr/bin/env python3
"""What clients and upstreams do wrong, and the answer to it."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


def refuses(gateway, request, status, kind, code=None):
    answer = ask(gateway, request)
    equal((answer.status, answer.error["type"]), (status, kind))
    if code:
        equal(answer.error["code"], code)
    assert answer["x-request-id"] and answer["x-kt-request-id"] and answer["content-type"] == "application/json"
    return answer


@case
def unusable_requests_are_refused_and_nothing_reaches_the_upstream():
    upstream = Upstream()
    limits = {"size_limits": {"max_body_bytes": 4096}}
    with Gateway(config(target(upstream), **limits)) as gateway:
        path = "/v1/chat/completions"
        bad = "validation_error"
        for body, code in ((b"", "invalid_json"), (b"{", "invalid_json"), (b"nothing", "invalid_json"), (b'{"model":"gpt-4o"} x', "invalid_json"),
                           (b'{"model":"gpt-4o"}{}', "invalid_json"), (b"[]", None), (b'"gpt-4o"', None), (b'{"model":"gpt-4o","a":"\xff"}', "invalid_json"),
                           (b'{"model":"gpt-4o","a":"\x00"}', "invalid_json"), (b'{"model":"gpt-4o","model":"gpt-4o"}', "duplicate_key"),
                           (b'{"model":"gpt-4o","\\u006dodel":"x"}', "duplicate_key"), (b'{"model":"gpt-4o","messages":[{"role":"user","role":"system"}]}', "duplicate_key"),
                           (b'{"model":"gpt-4o","a":' + b"[" * 70 + b"]" * 70 + b"}", "invalid_json"), (b'{"model":"gpt-4o","a":NaN}', "invalid_json"),
                           (b'{"messages":[]}', "invalid_field"), (b'{"model":7,"messages":[]}', "invalid_field"), (b'{"model":"gpt-4o","stream":"yes"}', "invalid_field")):
            refuses(gateway, post(path, body), 400, bad, code)
        refuses(gateway, post(path, {**CHAT, "a": "x" * 5000}), 413, bad)
        refuses(gateway, post(path, CHAT).replace(b"application/json", b"text/plain"), 415, bad)
        refuses(gateway, post(path, CHAT, [("content-encoding", "gzip")]), 415, bad)
        refuses(gateway, post("/v1/chat/unknown", CHAT), 404, "not_found_error", "unknown_url")
        refuses(gateway, post("/v1/files", CHAT), 404, "not_found_error", "unknown_url")
        equal(refuses(gateway, get(path), 405, bad)["allow"], "POST")
        refuses(gateway, post("/v1/models", CHAT), 405, bad)
        refuses(gateway, post("/openai/deployments/none/chat/completions", CHAT), 404, "not_found_error", "DeploymentNotFound")
        refuses(gateway, get("/v1/models", [("x", "y" * 20000)]), 431, bad)
        answer = refuses(gateway, post(path, b'{"model":"gpt-4o", "a":tru}'), 400, bad, "invalid_json")
        assert "byte 2" in answer.error["message"]
    equal(upstream.requests, [])


@case
def a_body_that_declares_too_much_is_refused_before_it_is_sent():
    with Gateway(config(target(Upstream()))) as gateway:
        channel = gateway.connect()
        channel.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n")
        equal(channel.read_message().status, 413)


@case
def an_upstream_that_cannot_be_used_is_502_or_504():
    def answers(data, close="close"):
        def script(channel, upstream):
            upstream.read_request(channel)
            channel.send(data)
            getattr(channel, close)()
        return Upstream(script)

    def silent(channel, upstream):
        upstream.read_request(channel)
        upstream.watch(channel)

    closed = socket.create_server(("127.0.0.1", 0))
    nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    for upstream, status, code in (
            (nobody, 502, "upstream_connect"),
            (answers(b""), 502, "upstream_reset"),
            (answers(b"", "reset"), 502, "upstream_reset"),
            (answers(b"HTTP/1.1 200 O"), 502, "upstream_truncated"),
            (answers(head + b'content-length: 10\r\n\r\n{"a"'), 502, "upstream_truncated"),
            (answers(head + b'transfer-encoding: chunked\r\n\r\n5\r\n{"a":'), 502, "upstream_truncated"),
            (answers(head + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), 502, "upstream_protocol"),
            (answers(head + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}"), 502, "upstream_protocol"),
            (answers(head + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}"), 502, "upstream_protocol"),
            (answers(b"SSH-2.0-OpenSSH\r\n\r\n"), 502, "upstream_protocol"),
            (answers(head + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\nxx"), 502, "upstream_protocol"),
            (answers(head + b"x: " + b"y" * 200000 + b"\r\n\r\n"), 502, "upstream_too_large"),
            (Upstream(silent), 504, "upstream_timeout")):
        with Gateway(config(target(upstream, timeout_seconds=0.3))) as gateway:
            answer = chat(gateway)
            equal((answer.status, answer.error["code"], answer.error["type"]), (status, code, "upstream_error"))
            assert "127.0.0.1" not in answer.body.decode(), "an address in an error"


@case
def a_reply_over_the_limit_is_502():
    upstream = Upstream(reply=plain(b'{"a":"' + b"x" * 70000 + b'"}'))
    with Gateway(config(target(upstream), size_limits={"max_response_bytes": 65536})) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer.error["code"]), (502, "upstream_too_large"))


@case
def interim_answers_are_skipped():
    upstream = Upstream(reply=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + plain({"a": 1}))
    with Gateway(config(target(upstream))) as gateway:
        equal(chat(gateway).json(), {"a": 1})


@case
def a_target_without_its_secret_is_warned_about_and_the_rest_serves():
    upstream = Upstream()
    with Gateway(config(target(upstream, id="dumb", secret_key_ref={"env": "KT_TEST_MISSING"}), target(upstream, id="good"),
                        target(upstream, id="alone", model="other", secret_key_ref={"env": "KT_TEST_MISSING"}))) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer["x-kt-target"]), (200, "good"))
        answer = chat(gateway, {**CHAT, "model": "other"})
        equal((answer.status, answer.error["code"]), (503, "no_credential"))
        assert "KT_TEST_MISSING" in gateway.log() and '"target":"dumb"' in gateway.log()
        health = ask(gateway, get("/health")).json()
        equal((health["status"], health["providers"]["alone"]["status"]), ("degraded", "unhealthy"))


@case
def neither_keys_nor_prompts_stand_in_logs_errors_or_pages():
    upstream = Upstream(reply=b"garbage\r\n\r\n")
    canary, key = "canary-prompt-text", "canary-key-value"
    with Gateway(config(target(upstream, headers={"x-extra": "canary-header-value"})), env={"KT_TEST_KEY": key}) as gateway:
        answers = [chat(gateway, {"model": "gpt-4o", "messages": [{"role": "user", "content": canary}]}),
                   chat(gateway, b'{"model":"gpt-4o","messages":"' + canary.encode() + b'" oops}'),
                   ask(gateway, get("/keeptrusts/config")), ask(gateway, get("/health")), ask(gateway, get("/metrics"))]
        text = gateway.log() + "".join(each.raw_head.decode() + each.body.decode() for each in answers)
        for secret in (canary, key, "canary-header-value"):
            assert secret not in text, secret


run_cases()
