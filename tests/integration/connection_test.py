#!/usr/bin/env python3
"""The client's connection: keep-alive, pipelining, expectations, slow senders, TLS."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


def echo_of(request):
    return plain({"echo": request.json()["messages"][0]["content"]})


def asking(text):
    return post("/v1/chat/completions", {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]})


@case
def pipelined_requests_are_answered_in_order_in_any_cutting():
    upstream = Upstream(reply=echo_of)
    with Gateway(config(target(upstream))) as gateway:
        whole = b"".join(asking(str(i)) for i in range(5)) + get("/healthz") + asking("last")
        for size in (len(whole), 1000, 61, 7):
            channel = gateway.connect()
            for at in range(0, len(whole), size):
                channel.send(whole[at:at + size])
            for i in range(5):
                equal(channel.read_message().json()["echo"], str(i))
            equal(channel.read_message().json()["status"], "ok")
            equal(channel.read_message().json()["echo"], "last")
            channel.close()


@case
def a_connection_is_kept_until_close_is_asked_for():
    with Gateway(config(target(Upstream()))) as gateway:
        channel = gateway.connect()
        for _ in range(3):
            channel.send(get("/healthz"))
            equal(channel.read_message()["connection"], None)
        channel.send(get("/healthz", [("connection", "close")]))
        equal(channel.read_message()["connection"], "close")
        assert channel.at_end()


@case
def an_http_1_0_client_gets_its_answer_and_the_end():
    with Gateway(config(target(Upstream(reply=stream(delta("a"), DONE))))) as gateway:
        channel = gateway.connect()
        channel.send(b"GET /healthz HTTP/1.0\r\nhost: h\r\n\r\n")
        equal(channel.read_message().json()["status"], "ok")
        assert channel.at_end()


@case
def a_refused_body_closes_the_connection_so_that_no_byte_of_it_becomes_a_request():
    with Gateway(config(target(Upstream()))) as gateway:
        channel = gateway.connect()
        channel.send(b"POST /v1/unknown HTTP/1.1\r\nhost: h\r\ncontent-length: 50000000\r\n\r\nGET /healthz HTTP/1.1\r\nhost: h\r\n\r\n")
        equal(channel.read_message().status, 404)
        assert channel.at_end()


@case
def expect_100_is_answered_before_the_body():
    with Gateway(config(target(Upstream()))) as gateway:
        channel = gateway.connect()
        head, body = post("/v1/chat/completions", CHAT, [("expect", "100-continue")]).split(b"\r\n\r\n")
        channel.send(head + b"\r\n\r\n")
        equal(channel.read_head().status, 100)
        channel.send(body)
        equal(channel.read_message().status, 200)
        channel.send(post("/v1/unknown", CHAT, [("expect", "100-continue")]).split(b"\r\n\r\n")[0] + b"\r\n\r\n")
        equal(channel.read_message().status, 404)


@case
def slow_heads_and_slow_bodies_are_408():
    with Gateway(config(target(Upstream()), gateway={"header_timeout_seconds": 0.2, "body_timeout_seconds": 0.2})) as gateway:
        channel = gateway.connect()
        channel.send(b"POST /v1/chat/completions HTTP/1.1\r\nho")
        equal(channel.read_message().status, 408)
        assert channel.at_end()
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT)[:-5])
        equal(channel.read_message().status, 408)
        assert channel.at_end()


@case
def an_idle_connection_is_closed_without_a_word():
    with Gateway(config(target(Upstream()), gateway={"idle_timeout_seconds": 0.2})) as gateway:
        channel = gateway.connect()
        channel.send(get("/healthz"))
        channel.read_message()
        assert channel.at_end()


@case
def many_clients_at_once_each_get_their_own_answer():
    upstream = Upstream(reply=echo_of)
    with Gateway(config(target(upstream))) as gateway:
        wrong = []

        def client(number):
            channel = gateway.connect()
            for turn in range(20):
                text = f"{number}-{turn}"
                channel.send(asking(text))
                answer = channel.read_message()
                if answer is None or answer.json().get("echo") != text:
                    wrong.append(text)
            channel.close()
        threads = [threading.Thread(target=client, args=(number,)) for number in range(32)]
        [thread.start() for thread in threads]
        [thread.join(60) for thread in threads]
        equal(wrong, [])


LONG = b'{"a":"' + b"x" * (6 << 20) + b'"}'


@case
def a_reader_that_is_slow_but_reads_gets_a_long_answer_whole():
    with Gateway(config(target(Upstream(reply=plain(LONG))), gateway={"write_timeout_seconds": 0.5})) as gateway:
        channel = gateway.connect(buffer=65536)
        channel.send(post("/v1/chat/completions", CHAT, [("connection", "close")]))
        started = time.monotonic()
        assert channel.read_slowly(65536, 0.02).endswith(LONG)
        assert time.monotonic() - started > 1.5, "not slow enough to show anything"


@case
def a_reader_that_stops_is_cut():
    with Gateway(config(target(Upstream(reply=plain(LONG))), gateway={"write_timeout_seconds": 0.2})) as gateway:
        channel = gateway.connect(buffer=65536)
        channel.send(post("/v1/chat/completions", CHAT))
        wait_until(lambda: '"event":"request"' in gateway.log(), "the end of the exchange")
        answer = channel.read_message()
        assert not answer.complete and len(answer.body) < len(LONG) / 2


@case
def memory_of_large_bodies_is_given_back():
    def resident(gateway):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text())[1]) >> 10
    with Gateway(config(target(Upstream()))) as gateway:
        chat(gateway)
        before = resident(gateway)
        for _ in range(3):
            equal(chat(gateway, {**CHAT, "pad": "x" * (24 << 20)}).status, 200)
        wait_until(lambda: resident(gateway) < before + 16, f"less than {before} + 16 MiB again")


@case
def unix_sockets_are_listened_on():
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/kt.sock"
        with Gateway(config(target(Upstream())), "--listen", f"unix:{path}"):
            sock = socket.socket(socket.AF_UNIX)
            wait_until(lambda: os.path.exists(path), "the socket file")
            sock.connect(path)
            channel = Channel(sock)
            channel.send(get("/healthz"))
            equal(channel.read_message().status, 200)


run_cases()
