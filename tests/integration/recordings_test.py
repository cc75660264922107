#!/usr/bin/env python3
"""Answers that Azure really gave, replayed by a scripted upstream."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

RECORDINGS = [json.loads(line) for line in (ROOT / "tests/fixtures/azure_replies.jsonl").read_text().splitlines()]
PASSED = ("apim-request-id", "x-ms-region", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "azureml-model-session")


def as_sent(recording, cut):
    """The recorded answer as Azure puts it on the wire; the body in pieces of `cut` bytes."""
    body = recording["body"].encode()
    head = f"HTTP/1.1 {recording['status']} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in recording["fields"])
    return head.encode() + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunk(body[i:i + cut]) for i in range(0, len(body), cut)) + b"0\r\n\r\n"


def replay(recording, path, cut=4000):
    stream_wanted = recording["body"].startswith("data:")
    with Gateway(config(target(Upstream(reply=as_sent(recording, cut))))) as gateway:
        return chat(gateway, {**CHAT, "stream": stream_wanted}, path)


@case
def on_azure_routes_every_answer_passes_byte_for_byte():
    for recording in RECORDINGS:
        answer = replay(recording, "/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01")
        equal((answer.status, answer.body, answer.complete), (recording["status"], recording["body"].encode(), True), recording["name"])


@case
def plain_answers_pass_byte_for_byte_on_v1_too_with_azures_headers():
    for recording in RECORDINGS:
        if recording["body"].startswith("data:"):
            continue
        answer = replay(recording, "/v1/chat/completions")
        equal((answer.status, answer.body), (recording["status"], recording["body"].encode()), recording["name"])
        fields = dict(recording["fields"])
        for name in PASSED:
            equal(answer[name], fields.get(name), f"{recording['name']} {name}")
        assert answer["content-type"] and answer["x-request-id"] and answer["set-cookie"] is None


@case
def recorded_streams_keep_their_text_on_v1_and_every_event_has_a_choice():
    streams = [recording for recording in RECORDINGS if recording["body"].startswith("data:")]
    assert len(streams) >= 3
    for recording in streams:
        def text_of(body):
            values = [json.loads(block[6:]) for block in events_of(body) if block.startswith(b"data: {")]
            return values, "".join(value["choices"][0]["delta"].get("content") or "" for value in values if value["choices"] and "delta" in value["choices"][0])
        expected = text_of(recording["body"].encode())[1]
        for cut in (1, 37, 4000):
            answer = replay(recording, "/v1/chat/completions", cut)
            assert b"\"error\"" not in answer.body, (recording["name"], cut, answer.body[-300:])
            values, text = text_of(answer.body)
            equal((text, answer.complete), (expected, True), recording["name"])
            assert all(value["choices"] and all("delta" in each for each in value["choices"]) for value in values)
            assert events_of(answer.body)[-1] == DONE


run_cases()
