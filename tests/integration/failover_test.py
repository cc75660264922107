#!/usr/bin/env python3
"""Several targets of one model: listed order, what moves on and what does not, and stale connections."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


@case
def retryable_answers_move_on_in_listed_order():
    for status in (408, 429, 500, 502, 503, 504):
        first, second = Upstream(reply=plain({"error": {"message": "no"}}, status)), Upstream()
        with Gateway(config(target(first, id="a"), target(second, id="b"))) as gateway:
            answer = chat(gateway)
            equal((answer.status, answer["x-kt-target"], answer["x-kt-attempts"]), (200, "b", "2"), str(status))


@case
def when_all_fail_the_last_answer_is_given_with_its_retry_after_and_the_client_is_told_not_to_repeat():
    first = Upstream(reply=plain({"error": {"message": "first"}}, 500))
    second = Upstream(reply=plain({"error": {"message": "second"}}, 429, [("retry-after", "7"), ("retry-after-ms", "7000")]))
    with Gateway(config(target(first), target(second, id="b"))) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer["retry-after"], answer["retry-after-ms"], answer["x-should-retry"]), (429, "7", "7000", "false"))
        equal(answer.error["message"], "second")


@case
def an_answer_beats_a_connection_failure():
    busy = Upstream(reply=plain({"error": {"message": "busy"}}, 429, [("retry-after", "3")]))
    with Gateway(config(target(busy), target("http://127.0.0.1:1", id="b"))) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer["retry-after"]), (429, "3"))


@case
def a_single_target_passes_its_429_on_for_the_client_to_retry():
    upstream = Upstream(reply=plain({"error": {"message": "busy"}}, 429, [("retry-after", "3")]))
    with Gateway(config(target(upstream))) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer["x-should-retry"], len(upstream.requests)), (429, None, 1))


@case
def a_reused_connection_that_had_died_costs_one_silent_retry():
    def one_then_close(channel, upstream):
        upstream.read_request(channel)
        channel.send(upstream.reply)
        channel.close()

    def die_on_second(channel, upstream):
        upstream.read_request(channel)
        channel.send(upstream.reply)
        channel.read_message()
        channel.reset()

    for script in (one_then_close, die_on_second):
        upstream = Upstream(script)
        with Gateway(config(target(upstream)), workers=1) as gateway:
            for _ in range(4):
                answer = chat(gateway)
                equal((answer.status, answer["x-kt-attempts"]), (200, "1"))
            equal(len(upstream.requests), 4)


@case
def connections_are_reused():
    upstream = Upstream()
    with Gateway(config(target(upstream)), workers=1) as gateway:
        for _ in range(20):
            chat(gateway)
        equal((len(upstream.requests), upstream.connections), (20, 1))


@case
def an_answer_with_bytes_behind_it_is_never_reused():
    upstream = Upstream(reply=plain({"a": 1}) + plain({"smuggled": 1}))
    with Gateway(config(target(upstream)), workers=1) as gateway:
        for _ in range(3):
            equal(chat(gateway).json(), {"a": 1})
        equal(upstream.connections, 3)


@case
def a_group_gives_different_models_one_name():
    upstream = Upstream(reply=plain({"error": {}}, 503)), Upstream()
    groups = [{"name": "both", "targets": ["a", "b"], "aliases": ["together"]}]
    with Gateway(config(target(upstream[0], id="a"), target(upstream[1], id="b", model="other", azure_api_version="v1"), model_groups=groups)) as gateway:
        for name in ("both", "together"):
            equal(chat(gateway, {**CHAT, "model": name})["x-kt-target"], "b")
        equal(upstream[1].requests[0].json()["model"], "other")


@case
def a_prompt_that_fits_no_target_is_refused_or_goes_to_a_larger_one():
    small, large = Upstream(), Upstream()
    targets = target(small, max_context_tokens=50), target(large, id="large", model="gpt-4.1", max_context_tokens=5000)
    long = {"model": "gpt-4o", "messages": [{"role": "user", "content": "one two three four " * 100}]}
    with Gateway(config(*targets)) as gateway:
        answer = chat(gateway, long)
        equal((answer.status, answer.error["code"], len(small.requests)), (400, "context_length_exceeded", 0))
        equal(chat(gateway).status, 200)
    with Gateway({**config(*targets), "providers": {"targets": list(targets), "fallback": {"context_window": "next_larger"}}}) as gateway:
        answer = chat(gateway, long)
        equal((answer.status, answer["x-kt-target"]), (200, "large"))


run_cases()
