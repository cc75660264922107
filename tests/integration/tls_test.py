#!/usr/bin/env python3
"""TLS towards upstreams is verified; TLS towards clients works."""
import pathlib, sys, warnings
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *
from certificates import Authority

warnings.simplefilter("ignore")   # old protocol versions are asked for on purpose
OURS, OTHER = Authority(), Authority()
TRUST = {"SSL_CERT_FILE": OURS.certificate}


def through(tls, host="127.0.0.1", count=1, reply=None):
    upstream = Upstream(tls=tls, reply=reply)
    with Gateway(config(target(f"https://{host}:{upstream.port}")), env=TRUST, workers=1) as gateway:
        return upstream, [chat(gateway) for _ in range(count)]


@case
def a_certificate_of_a_trusted_authority_for_this_host_is_accepted():
    for names, host in (("IP:127.0.0.1", "127.0.0.1"), ("DNS:localhost", "localhost")):
        _, answers = through(OURS.server(names), host)
        equal(answers[0].status, 200, host)


@case
def anything_else_is_502_and_no_request_is_sent():
    for what, tls, host in (("another authority", OTHER.server("IP:127.0.0.1"), "127.0.0.1"),
                            ("another address", OURS.server("IP:127.0.0.2"), "127.0.0.1"),
                            ("another name", OURS.server("DNS:example.org"), "localhost"),
                            ("a name for an address", OURS.server("DNS:127.0.0.1"), "127.0.0.1"),
                            ("a common name only", OURS.server("DNS:leaf"), "localhost"),
                            ("expired", OURS.server("IP:127.0.0.1", not_after=-1), "127.0.0.1"),
                            ("TLS 1.1", OURS.server("IP:127.0.0.1", versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)), "127.0.0.1")):
        upstream, answers = through(tls, host)
        equal((answers[0].status, answers[0].error["code"], upstream.requests), (502, "upstream_tls", []), what)


@case
def both_current_versions_work():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        _, answers = through(OURS.server("IP:127.0.0.1", versions=(version, version)))
        equal(answers[0].status, 200, str(version))


@case
def an_upstream_that_does_not_speak_tls_is_502():
    def script(channel, upstream):
        channel.fill()
        channel.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    upstream = Upstream(script)
    with Gateway(config(target(f"https://127.0.0.1:{upstream.port}")), env=TRUST) as gateway:
        equal(chat(gateway).error["code"], "upstream_tls")


@case
def sessions_are_resumed():
    resumed = []

    def script(channel, upstream):
        resumed.append(channel.sock.session_reused)
        upstream.read_request(channel)
        channel.send(upstream.reply)
        channel.sock.unwrap()

    upstream = Upstream(script, tls=OURS.server("IP:127.0.0.1"))
    with Gateway(config(target(upstream)), env=TRUST, workers=1) as gateway:
        for _ in range(4):
            equal(chat(gateway).status, 200)
    assert resumed[0] is False and any(resumed[1:]), resumed


@case
def streams_and_large_bodies_pass_through_tls():
    upstream = Upstream(tls=OURS.server("IP:127.0.0.1"), reply=stream(*[delta("x" * 5000) for _ in range(200)], DONE))
    with Gateway(config(target(upstream)), env=TRUST) as gateway:
        answer = chat(gateway, {**CHAT, "stream": True, "pad": "y" * (3 << 20)})
        equal((answer.complete, len(events_of(answer.body))), (True, 201))
        equal(len(upstream.requests[0].json()["pad"]), 3 << 20)


@case
def a_tls_stream_that_ends_without_close_notify_is_not_taken_for_complete():
    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":1}")
        channel.sock.shutdown(socket.SHUT_RDWR)

    upstream = Upstream(script, tls=OURS.server("IP:127.0.0.1"))
    with Gateway(config(target(upstream)), env=TRUST) as gateway:
        equal(chat(gateway).status, 502)


@case
def clients_can_use_tls_too():
    certificate, key = OURS.issue("IP:127.0.0.1")
    with Gateway(config(target(Upstream())), "--tls-cert", certificate, "--tls-key", key, tls=True) as gateway:
        context = ssl.create_default_context(cafile=OURS.certificate)
        channel = Channel(context.wrap_socket(socket.create_connection(("127.0.0.1", gateway.port)), server_hostname="127.0.0.1"))
        for _ in range(2):
            channel.send(post("/v1/chat/completions", {**CHAT, "pad": "y" * 200000}))
            equal(channel.read_message().status, 200)
        channel.close()
        plain_text = gateway.connect()
        plain_text.send(get("/healthz"))
        plain_text.read_message()
        assert plain_text.at_end()


@case
def a_tls_client_that_is_slow_but_reads_gets_a_long_answer_whole():
    certificate, key = OURS.issue("IP:127.0.0.1")
    long = b'{"a":"' + b"x" * (6 << 20) + b'"}'
    with Gateway(config(target(Upstream(reply=plain(long))), gateway={"write_timeout_seconds": 0.5}), "--tls-cert", certificate, "--tls-key", key, tls=True) as gateway:
        context = ssl.create_default_context(cafile=OURS.certificate)
        channel = Channel(context.wrap_socket(gateway.connect(buffer=65536).sock, server_hostname="127.0.0.1"))
        channel.send(post("/v1/chat/completions", CHAT, [("connection", "close")]))
        started = time.monotonic()
        assert channel.read_slowly(65536, 0.005).endswith(long)
        assert time.monotonic() - started > 1.5, "not slow enough to show anything"


run_cases()
