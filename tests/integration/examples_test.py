#!/usr/bin/env python3
"""The example configurations of configs/, against scripted upstreams: each does what its first line says."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

REPLY = {"choices": [{"index": 0, "message": {"content": "hello"}}], "usage": {"prompt_tokens": 1000, "completion_tokens": 500}}
STREAM = {**CHAT, "stream": True}
BROKEN = plain({"error": {"message": "broken"}}, 500)


def serves(request):
    return stream(delta("hello"), DONE) if request.json().get("stream") else plain(REPLY)


def example(number, upstreams, *args, **env):
    """The gateway on configs/page-NUMBER-*.yaml, each host of it answered by an upstream: {"host": upstream}."""
    (path,) = (ROOT / "configs").glob(f"page-{number:02}-*.yaml")
    text = path.read_text()
    for host, upstream in upstreams.items():
        assert f"https://{host}" in text, host
        text = text.replace(f"https://{host}", upstream if isinstance(upstream, str) else upstream.url)
    keys = {name: f"key-of-{name}" for name in re.findall(r"env: (\w+)", text)}
    return Gateway(text, *args, env={**keys, **env})


def providers(gateway):
    return ask(gateway, get("/keeptrusts/providers/metrics")).json()["providers"]


@case
def page_5_a_second_region_answers_when_the_first_cannot():
    east, west = Upstream(reply=serves), Upstream(reply=serves)
    hosts = {"my-resource-eastus.openai.azure.com": east, "my-resource-westeurope.openai.azure.com": west}
    with example(5, hosts) as gateway:
        equal([chat(gateway)["x-kt-target"] for _ in range(3)], ["azure-eastus-primary"] * 3)
        east.reply = BROKEN
        for body in (CHAT, STREAM) * 5:
            answer = chat(gateway, body)
            equal((answer.status, answer["x-kt-target"]), (200, "azure-westeurope-failover"))
        equal((providers(gateway)["azure-eastus-primary"]["circuit"], len(east.requests)), ("open", 3 + 5))
        equal({request["api-key"] for request in west.requests}, {"key-of-AZURE_OPENAI_API_KEY_WESTEUROPE"})
    for east in (Upstream(reply=plain({"error": {}}, 429, [("retry-after", "30")])), "http://127.0.0.1:1"):
        west = Upstream(reply=serves)
        with example(5, {"my-resource-eastus.openai.azure.com": east, "my-resource-westeurope.openai.azure.com": west}) as gateway:
            equal([chat(gateway)["x-kt-target"] for _ in range(4)], ["azure-westeurope-failover"] * 4)


@case
def page_6_a_prompt_never_leaves_its_region():
    us, eu = Upstream(reply=serves), Upstream(reply=serves)
    with example(6, {"my-resource-eastus.openai.azure.com": us, "my-resource-westeurope.openai.azure.com": eu}) as gateway:
        equal({chat(gateway, body)["x-kt-target"] for body in (CHAT, STREAM)}, {"azure-eu-only"})
        eu.reply = BROKEN
        answer = chat(gateway)
        equal((answer.status, answer["x-kt-attempts"], len(us.requests)), (500, "1", 0))


@case
def page_7_openai_answers_when_azure_cannot():
    azure, openai = Upstream(reply=plain({"error": {}}, 429, [("retry-after", "30")])), Upstream(reply=serves)
    with example(7, {"my-resource.openai.azure.com": azure, "api.openai.com": openai}) as gateway:
        for body in (CHAT, STREAM):
            answer = chat(gateway, body)
            equal((answer.status, answer["x-kt-target"]), (200, "openai-fallback"))
        request = openai.requests[0]
        equal((request.target, request["authorization"], request["api-key"]), ("/v1/chat/completions", "Bearer key-of-OPENAI_API_KEY", None))
        equal(azure.requests[0]["authorization"], None)


@case
def page_8_a_failing_target_is_left_alone():
    upstream = Upstream(reply=BROKEN)
    with example(8, {"my-resource.openai.azure.com": upstream}) as gateway:
        equal([chat(gateway).status for _ in range(8)], [500] * 5 + [503] * 3)
        answer = chat(gateway, STREAM)
        equal((answer.error["code"], len(upstream.requests)), ("circuit_open", 5))
        assert 25 <= int(answer["retry-after"]) <= 30


@case
def page_9_a_failure_that_passes_is_tried_again():
    failures = [2]

    def fails_twice(request):
        failures[0] -= 1
        return BROKEN if failures[0] >= 0 else serves(request)

    upstream = Upstream(reply=fails_twice)
    with example(9, {"my-resource.openai.azure.com": upstream}) as gateway:
        started = time.monotonic()
        answer = chat(gateway)
        equal((answer.status, answer["x-kt-attempts"]), (200, "3"))
        assert time.monotonic() - started >= 0.3, "half of 200 ms and half of 400 ms at least"
        upstream.reply = plain({"error": {"message": "no"}}, 400)
        equal((chat(gateway).status, len(upstream.requests)), (400, 4))


@case
def page_10_only_targets_without_retention_are_asked():
    standard, zdr = Upstream(reply=serves), Upstream(reply=serves)
    with example(10, {"my-other-resource.openai.azure.com": standard, "my-resource.openai.azure.com": zdr}) as gateway:
        equal({chat(gateway, body)["x-kt-target"] for body in (CHAT, STREAM)}, {"azure-zdr"})
        zdr.reply = BROKEN
        equal((chat(gateway).status, len(standard.requests)), (500, 0))


@case
def page_11_a_user_always_meets_the_same_model():
    upstream = Upstream(reply=serves)
    with example(11, {"my-resource.openai.azure.com": upstream}) as gateway:
        homes = {}
        for _ in range(2):
            for user in range(100):
                home = chat(gateway, {**CHAT, "model": "assistant"}, fields=[("x-user-id", f"user-{user}")])["x-kt-target"]
                equal(homes.setdefault(user, home), home)
        mini = list(homes.values()).count("azure-gpt4o-mini")
        assert 2 <= mini <= 22, f"{mini} of 100 users meet the smaller model"
        assert {request.target.split("/")[3] for request in upstream.requests} == {"gpt-4o", "gpt-4o-mini"}


@case
def page_12_limits_and_a_budget_are_kept():
    upstream = Upstream(reply=serves)
    with example(12, {"my-resource.openai.azure.com": upstream}, REPORTING_CLIENT_KEY="reporting") as gateway:
        equal(chat(gateway).status, 401)
        key = [("authorization", "Bearer reporting")]
        equal([chat(gateway, fields=[*key, ("x-user-id", "one")]).status for _ in range(4)], [200, 200, 200, 429])
        answer = chat(gateway, fields=[*key, ("x-user-id", "two")])
        equal((answer.status, answer["x-kt-cost-usd"]), (200, "0.0075"))
        answer = chat(gateway, {**CHAT, "max_tokens": 60000}, fields=key)
        equal((answer.status, answer.error["code"]), (429, "rate_limit_exceeded"))
        answer = chat(gateway, {**CHAT, "max_tokens": 500000}, fields=key)
        equal((answer.status, answer["x-should-retry"]), (429, "false"))
        equal(len(upstream.requests), 4)


@case
def mirror_sends_a_copy_and_nobody_waits_for_it():
    primary = Upstream(reply=serves)
    gate = threading.Event()

    def slow(channel, upstream):
        while upstream.read_request(channel) is not None:
            gate.wait(BOUND)
            channel.send(BROKEN)

    shadow = Upstream(slow)
    section = {"targets": [target(primary, id="a"), target(shadow, id="b", model="gpt-4o-mini")], "routing": {"strategy": "mirror", "mirror_target": "b"}}
    with Gateway({**config(), "providers": section}) as gateway:
        for body in (CHAT, STREAM):
            equal((chat(gateway, body).status, len(primary.requests)), (200, 1 if body is CHAT else 2))
        shadow.wait_for(2)
        equal({request.target.split("/")[3] for request in shadow.requests}, {"gpt-4o-mini"})
        equal({request.json()["messages"][0]["content"] for request in shadow.requests}, {"hello"})
        gate.set()
        wait_until(lambda: providers(gateway)["b"]["failures"] == 2, "the copies' answers in the statistics")
        section["routing"]["sample_rate"] = 0
    with Gateway({**config(), "providers": section}) as gateway:
        before = len(shadow.requests)
        equal([chat(gateway).status for _ in range(5)], [200] * 5)
        equal(len(shadow.requests), before)


run_cases()
