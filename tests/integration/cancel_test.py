#!/usr/bin/env python3
"""A client that goes away ends the upstream's work within 100 ms, in every phase."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

LIMIT = 0.1
STREAM = {**CHAT, "stream": True}


def waiting(*first):
    """An upstream that reads the request, sends `first`, and then only watches."""
    def script(channel, upstream):
        upstream.read_request(channel)
        for piece in first:
            channel.send(piece)
        upstream.watch(channel)
    return script


def leaves(script, body, read=0, how="close", tls=None):
    """The time between the client's leaving and the upstream's noticing; the best of three, as the machine may be busy."""
    upstream = Upstream(script, tls=tls)
    times = []
    with Gateway(config(target(upstream))) as gateway:
        for number in range(3):
            channel = gateway.connect()
            channel.send(post("/v1/chat/completions", body))
            if script is not None:
                upstream.wait_for(number + 1)
            if read:
                assert channel.read_exactly(read)
            left = time.monotonic()
            if how == "half-close":
                channel.sock.shutdown(socket.SHUT_WR)
            else:
                getattr(channel, how)()
            wait_until(lambda: len(upstream.gone_at) > number, "the upstream is closed")
            times.append(upstream.gone_at[number] - left)
            channel.close()
        wait_until(lambda: 'status="499"' in ask(gateway, get("/metrics")).body.decode(), "499 in the metrics")
    assert min(times) < LIMIT, f"{min(times) * 1000:.0f} ms"


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"


@case
def while_the_upstream_thinks():
    for body in (CHAT, STREAM):
        for how in ("close", "reset", "half-close"):
            leaves(waiting(), body, how=how)


@case
def while_the_upstream_sends_its_head():
    leaves(waiting(b"HTTP/1.1 200 OK\r\ncontent-"), CHAT)


@case
def while_a_plain_body_comes():
    leaves(waiting(HEAD + b"{"), CHAT)


@case
def before_the_first_event_of_a_stream():
    leaves(waiting(STREAM_HEAD), STREAM)


@case
def in_the_middle_of_a_stream():
    for how in ("close", "reset", "half-close"):
        leaves(waiting(STREAM_HEAD + chunk(delta("a"))), STREAM, read=100, how=how)


@case
def in_the_middle_of_an_event():
    leaves(waiting(STREAM_HEAD + chunk(delta("a")) + chunk(b"data: {\"cho")), STREAM, read=100)


@case
def while_the_request_is_still_being_sent_upstream():
    gate = threading.Event()

    def slow(channel, upstream):
        channel.read_until(b"\r\n\r\n")
        upstream.requests.append(None)
        gate.wait(BOUND)
        upstream.watch(channel)

    upstream = Upstream(slow)
    with Gateway(config(target(upstream))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", {**CHAT, "x": "y" * (24 << 20)}))
        upstream.wait_for()
        channel.close()
        wait_until(lambda: 'status="499"' in ask(gateway, get("/metrics")).body.decode(), "the exchange has ended", bound=2)
        gate.set()
        wait_until(lambda: upstream.gone_at, "the upstream is closed")


@case
def during_the_tls_handshake():
    def mute(channel, upstream):
        channel.fill()                     # the ClientHello
        upstream.requests.append(None)
        upstream.watch(channel)

    upstream = Upstream(mute)
    with Gateway(config(target(upstream.url.replace("http:", "https:")))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        left = time.monotonic()
        channel.close()
        wait_until(lambda: upstream.gone_at, "the upstream is closed")
        assert upstream.gone_at[0] - left < LIMIT * 2


run_cases()
