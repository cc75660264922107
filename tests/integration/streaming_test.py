#!/usr/bin/env python3
"""Streams: shape, timing, and everything that can go wrong in the middle."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

STREAM = {**CHAT, "stream": True}
PRELUDE = event({"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]})
ROLE = event({"id": "c1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
STOP = event({"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
ANNOTATION = event({"id": "", "choices": [{"index": 0, "finish_reason": None, "content_filter_results": {"hate": {"filtered": False}}, "content_filter_offsets": {"check_offset": 1}}]})
USAGE = event({"id": "c1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})


def after(*pieces, then="close"):
    """Sends the head and `pieces` of one stream, then does something else."""
    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD + b"".join(chunk(piece) for piece in pieces))
        if then == "stall":
            upstream.watch(channel)
        elif isinstance(then, bytes):
            channel.send(then)
            upstream.watch(channel)
        else:
            getattr(channel, then)()
    return Upstream(script)


@case
def azures_stream_passes_byte_for_byte_on_openai_routes():
    raw = PRELUDE + ROLE + b": comment\n\n" + delta("h\u00e9") + b"event: x\ndata:  {\"choices\" : [ ] }\n\n" + ANNOTATION + STOP + USAGE + DONE
    upstream = Upstream(reply=STREAM_HEAD + b"".join(chunk(raw[i:i + 7]) for i in range(0, len(raw), 7)) + b"0\r\n\r\n")
    with Gateway(config(target(upstream))) as gateway:
        for path in ("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "/openai/v1/chat/completions"):
            answer = chat(gateway, STREAM, path)
            equal((answer.status, answer.complete), (200, True))
            equal(answer.body, raw)


@case
def every_event_on_v1_has_a_choice_with_a_delta_and_nothing_is_lost():
    upstream = Upstream(reply=stream(PRELUDE, ROLE, delta("a"), ANNOTATION, delta("b"), STOP, DONE))
    with Gateway(config(target(upstream))) as gateway:
        answer = chat(gateway, STREAM)
        blocks = events_of(answer.body)
        equal(blocks[-1], DONE)
        values = [json.loads(block[6:]) for block in blocks[:-1]]
        assert all(value["choices"] and all("delta" in each for each in value["choices"]) for value in values)
        equal(values[0]["prompt_filter_results"][0]["prompt_index"], 0)
        equal(values[2]["choices"][0]["content_filter_offsets"], {"check_offset": 1})
        equal("".join(value["choices"][0]["delta"].get("content") or "" for value in values), "ab")
        assert delta("a") in blocks and STOP in blocks, "untouched events stay as they are"


@case
def a_usage_event_that_the_client_asked_for_passes():
    upstream = Upstream(reply=stream(ROLE, STOP, USAGE, DONE))
    with Gateway(config(target(upstream))) as gateway:
        assert USAGE in events_of(chat(gateway, {**STREAM, "stream_options": {"include_usage": True}}).body)
        wait_until(lambda: 'direction="input"} 3' in ask(gateway, get("/metrics")).body.decode(), "tokens in the metrics")


@case
def any_cutting_of_the_upstreams_bytes_gives_the_same_stream():
    raw = PRELUDE + ROLE + delta("h\u00e9\U0001f600") + STOP + DONE
    cuts = []
    upstream = Upstream(reply=lambda request: STREAM_HEAD + b"".join(chunk(raw[a:b]) for a, b in cuts if b > a) + b"0\r\n\r\n")
    with Gateway(config(target(upstream))) as gateway:
        results = set()
        for size in (1, 2, 3, 5, 64, len(raw)):
            cuts[:] = [(i, min(i + size, len(raw))) for i in range(0, len(raw), size)]
            results.add(chat(gateway, STREAM).body)
        for at in range(1, len(raw), 11):
            cuts[:] = [(0, at), (at, len(raw))]
            results.add(chat(gateway, STREAM).body)
        equal(len(results), 1)


@case
def each_event_arrives_before_the_next_one_is_sent():
    go = threading.Semaphore(0)

    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD)
        for text in ("one", "two", "three"):
            channel.send(chunk(delta(text)))
            if not go.acquire(timeout=BOUND):
                return
        channel.send(chunk(DONE) + b"0\r\n\r\n")

    with Gateway(config(target(Upstream(script)))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", STREAM))
        equal(channel.read_head().status, 200)
        for text in ("one", "two", "three"):
            equal(channel.read_chunk(), delta(text))
            go.release()
        equal((channel.read_chunk(), channel.read_chunk()), (DONE, b""))


@case
def done_and_the_last_chunk_come_in_one_write():
    upstream = Upstream(reply=stream(ROLE, delta("a"), STOP) [:-5] + chunk(DONE) + b"0\r\n\r\n")
    with Gateway(config(target(upstream))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", STREAM))
        while DONE not in channel.buffer:
            assert channel.fill()
        assert channel.buffer.endswith(DONE + b"\r\n0\r\n\r\n"), channel.buffer[-40:]


@case
def a_stream_that_is_cut_ends_with_an_error_event_and_without_an_end():
    for then, code in (("close", "upstream_truncated"), ("reset", "upstream_truncated"), (b"0\r\n\r\n", "upstream_truncated"), (b"zz\r\n", "upstream_protocol"),
                       (chunk(b"data: {broken\n\n"), "upstream_protocol"), (chunk(b"data: {\"a\":1}{}\n\n"), "upstream_protocol"), ("stall", "upstream_idle_timeout")):
        for path in ("/v1/chat/completions", "/openai/deployments/gpt-4o/chat/completions"):
            with Gateway(config(target(after(ROLE, delta("a"), then=then), stream_idle_timeout_seconds=0.3))) as gateway:
                answer = chat(gateway, STREAM, path)
                blocks = events_of(answer.body)
                equal((answer.status, answer.complete, DONE in blocks), (200, False, False), str(then))
                assert delta("a") in blocks
                last = json.loads(blocks[-1][6:])["error"]
                equal((last["code"], last["type"], last["param"]), (code, "upstream_error", None), str(then))


@case
def good_events_before_garbage_in_the_same_read_still_arrive():
    with Gateway(config(target(after(delta("good") + b"data: {broken\n\n", then="stall")))) as gateway:
        blocks = events_of(chat(gateway, STREAM).body)
        equal(blocks[0], delta("good"))
        equal(json.loads(blocks[1][6:])["error"]["code"], "upstream_protocol")


@case
def an_error_event_of_the_upstream_is_passed_on_and_ends_the_stream_visibly():
    failure = event({"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}})
    with Gateway(config(target(after(ROLE, delta("a"), failure, DONE, then=b"0\r\n\r\n")))) as gateway:
        answer = chat(gateway, STREAM)
        assert failure in answer.body and not answer.complete


@case
def before_the_first_event_another_target_takes_over():
    good = Upstream(reply=stream(ROLE, DONE))
    for then in ("close", "reset", b"zz\r\n", b"0\r\n\r\n"):
        with Gateway(config(target(after(then=then)), target(good, id="two"))) as gateway:
            answer = chat(gateway, STREAM)
            equal((answer.status, answer["x-kt-target"], answer["x-kt-attempts"], answer.complete), (200, "two", "2", True), str(then))


@case
def before_the_first_event_a_failure_is_a_plain_502():
    with Gateway(config(target(after(then="close")))) as gateway:
        answer = chat(gateway, STREAM)
        equal((answer.status, answer.error["code"]), (502, "upstream_truncated"))


@case
def a_silent_upstream_means_comments_and_failover_still_works_after_them():
    def silent(channel, upstream):
        upstream.read_request(channel)
        upstream.watch(channel)
    good = Upstream(reply=stream(ROLE, STOP, DONE))
    with Gateway(config(target(Upstream(silent), timeout_seconds=0.5), target(good, id="two"), gateway={"keepalive_comment_seconds": 0.1})) as gateway:
        answer = chat(gateway, STREAM)
        blocks = events_of(answer.body)
        equal((answer.status, answer.complete, blocks[0], blocks[-1]), (200, True, b": ping\n\n", DONE))
    with Gateway(config(target(Upstream(silent), timeout_seconds=0.5), gateway={"keepalive_comment_seconds": 0.1})) as gateway:
        answer = chat(gateway, STREAM)
        equal((answer.status, answer.complete), (200, False))
        equal(json.loads(events_of(answer.body)[-1][6:])["error"]["code"], "upstream_timeout")


@case
def comments_also_come_between_events():
    with Gateway(config(target(after(delta("a"), then="stall"), stream_idle_timeout_seconds=0.6), gateway={"keepalive_comment_seconds": 0.1})) as gateway:
        blocks = events_of(chat(gateway, STREAM).body)
        equal(blocks[:2], [delta("a"), b": ping\n\n"])


@case
def a_client_that_asks_for_a_stream_and_gets_a_plain_answer_sees_it():
    upstream = Upstream(reply=plain({"id": "plain"}))
    with Gateway(config(target(upstream))) as gateway:
        equal(chat(gateway, STREAM).json(), {"id": "plain"})


@case
def a_reader_that_stops_slows_the_upstream_down():
    sent = [0]

    def endless(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD)
        channel.sock.settimeout(1.0)
        piece = chunk(delta("x" * 8000))
        try:
            while sent[0] < 256 << 20:
                sent[0] += channel.sock.send(piece)
        except TimeoutError:
            pass
        upstream.watch(channel)

    with Gateway(config(target(Upstream(endless)))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", STREAM))
        channel.read_head()
        last = [-1]

        def stopped():
            before, last[0] = last[0], sent[0]
            time.sleep(0.3)
            return sent[0] == before > 0
        wait_until(stopped, "the upstream is held back")
        assert sent[0] < 24 << 20, f"{sent[0]} bytes were buffered"
        channel.close()


@case
def what_is_no_stream_is_not_taken_for_a_complete_one():
    for type_line in (b"application/json", b"text/plain"):
        head = STREAM_HEAD.replace(b"text/event-stream", type_line)
        upstream = Upstream(reply=head + chunk(ROLE + delta("a")) + b"0\r\n\r\n")
        with Gateway(config(target(upstream))) as gateway:
            answer = chat(gateway, STREAM)
            equal((answer.status, answer.error["code"]), (502, "upstream_protocol"))
    upstream = Upstream(reply=STREAM_HEAD.replace(b"text/event-stream", b"Text/Event-Stream; charset=utf-8") + chunk(ROLE + STOP + DONE) + b"0\r\n\r\n")
    with Gateway(config(target(upstream))) as gateway:
        assert chat(gateway, STREAM).body.endswith(DONE)


@case
def a_plain_answer_to_a_stream_that_stalls_is_504():
    def stall(channel, upstream):
        upstream.read_request(channel)
        channel.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
        upstream.watch(channel)
    with Gateway(config(target(Upstream(stall), timeout_seconds=1))) as gateway:
        equal(chat(gateway, STREAM).status, 504)


@case
def comments_alone_do_not_keep_a_stream_alive_for_ever():
    def comment(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD + chunk(ROLE))
        end = time.monotonic() + BOUND
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                channel.send(chunk(b": still here\n\n"))
                select.select([channel.sock], [], [], 0.02)
                if select.select([channel.sock], [], [], 0)[0]:
                    break
        upstream.gone_at.append(time.monotonic())
    upstream = Upstream(comment)
    with Gateway(config(target(upstream, stream_idle_timeout_seconds=0.1))) as gateway:
        answer = chat(gateway, STREAM)
        assert not answer.complete and b"upstream_idle_timeout" in answer.body
        wait_until(lambda: upstream.gone_at, "the upstream's connection to close")


run_cases()
