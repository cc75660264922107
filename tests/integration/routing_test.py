#!/usr/bin/env python3
"""The fault matrix with scripted upstreams, plain and streamed, and what routing promises. Each case also asserts that no
descriptor and no attempt is left behind. Shown elsewhere: cancelled requests in cancel_test.py, slow readers and pipelining in
streaming_test.py and connection_test.py, dead pooled connections and glued answers in failover_test.py, certificates in
tls_test.py."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

STREAM = {**CHAT, "stream": True}
REPLY = {"choices": [{"index": 0, "message": {"content": "hello"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
WHOLE = stream(delta("hello"), delta("", finish_reason="stop"), DONE)


def serves(request):
    return WHOLE if request.json().get("stream") else plain(REPLY)


def good(id="b", **more):
    upstream = Upstream(reply=serves)
    return upstream, target(upstream, id=id, **more)


def descriptors(gateway):
    return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))


def providers(gateway):
    return ask(gateway, get("/keeptrusts/providers/metrics")).json()["providers"]


def circuit(gateway, id="a"):
    return providers(gateway)[id]["circuit"]


@contextlib.contextmanager
def tidy(configuration, *upstreams, **more):
    """A gateway that must have as many descriptors at the end as at the start, and nothing in flight."""
    with Gateway(configuration, *more.pop("args", ()), **more) as gateway:
        before = descriptors(gateway)
        yield gateway
        for upstream in upstreams:
            upstream.close()
        wait_until(lambda: descriptors(gateway) <= before, f"{before} descriptors, as at the start")
        for id, each in providers(gateway).items():
            equal(each["in_flight"], 0, f"in flight at {id}")


def sends(data, then="close"):
    """An upstream that reads a request, sends this and goes, or stays silent."""
    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(data)
        upstream.watch(channel) if then == "wait" else getattr(channel, then)()
    return Upstream(script)


def tls_url(upstream):
    return upstream.url.replace("http:", "https:")


class Full:
    """A port whose queue of new connections is full: nobody answers a SYN."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._held = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.port))
            self._held.append(sock)

    def close(self):
        for sock in [*self._held, self._listener]:
            sock.close()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
# What an upstream does before it has committed to an answer -> what the client sees when nobody else can be asked.
FAULTS = {
    "connection refused": (lambda: "http://127.0.0.1:1", {}, 502, "upstream_connect"),
    "connection timeout": (Full, {"connect_timeout_seconds": 0.3}, 504, "upstream_connect_timeout"),
    "slow handshake": (lambda: Upstream(lambda channel, upstream: upstream.watch(channel)), {"tls": True, "connect_timeout_seconds": 0.3}, 504, "upstream_connect_timeout"),
    "no tls": (lambda: Upstream(lambda channel, upstream: channel.send(b"HTTP/1.1 400 Bad\r\n\r\n")), {"tls": True}, 502, "upstream_tls"),
    "reset at once": (lambda: sends(b"", "reset"), {}, 502, "upstream_reset"),
    "closed without an answer": (lambda: sends(b""), {}, 502, "upstream_reset"),
    "stall before the first byte": (lambda: sends(b"", "wait"), {"first_token_timeout_seconds": 0.3}, 504, "upstream_timeout"),
    "garbage": (lambda: sends(b"what is this\r\n\r\n"), {}, 502, "upstream_protocol"),
    "a bad header": (lambda: sends(b"HTTP/1.1 200 OK\r\nbad header\r\ncontent-length: 2\r\n\r\n{}"), {}, 502, "upstream_protocol"),
    "two framings": (lambda: sends(HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), {}, 502, "upstream_protocol"),
    "two lengths": (lambda: sends(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} "), {}, 502, "upstream_protocol"),
    "101": (lambda: sends(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"), {}, 502, "upstream_protocol"),
    "a bad chunk size": (lambda: sends(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), {}, 502, "upstream_protocol"),
    "short content-length": (lambda: sends(HEAD + b"content-length: 20\r\n\r\n{}"), {}, 502, "upstream_truncated"),
    "reset in the body": (lambda: sends(HEAD + b"content-length: 20\r\n\r\n{}", "reset"), {}, 502, "upstream_truncated"),
    "truncated chunks": (lambda: sends(HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"), {}, 502, "upstream_truncated"),
    "no such host": (lambda: "https://no-such-host.invalid", {}, 502, "upstream_dns"),
}


def broken(make, fields, **more):
    upstream = make()
    fields = dict(fields)
    url = tls_url(upstream) if fields.pop("tls", False) else upstream if isinstance(upstream, str) else upstream.url
    return ([] if isinstance(upstream, str) else [upstream]), target(url, id="a", **fields, **more)


@case
def a_fault_before_the_answer_is_its_own_error_when_nobody_else_can_be_asked():
    for name, (make, fields, status, code) in FAULTS.items():
        upstreams, bad = broken(make, fields)
        with tidy(config(bad, gateway={"dns_timeout_seconds": 2}), *upstreams) as gateway:
            for body in (CHAT, STREAM):
                answer = chat(gateway, body)
                equal((answer.status, answer.error["code"], answer["x-kt-attempts"]), (status, code, "1"), name)
            soon(lambda: [providers(gateway)["a"][name] for name in ("attempts", "failures", "circuit")], [2, 2, "closed"], name)


@case
def the_same_fault_is_no_failure_when_another_target_can_be_asked():
    for name, (make, fields, _, _) in FAULTS.items():
        upstreams, bad = broken(make, fields)
        twin, well = good()
        with tidy(config(bad, well), *upstreams, twin) as gateway:
            for body in (CHAT, STREAM):
                answer = chat(gateway, body)
                equal((answer.status, answer.complete, answer["x-kt-target"], answer["x-kt-attempts"]), (200, True, "b", "2"), name)


@case
def an_answer_that_is_too_large_is_502_and_asks_nobody_else():
    large = b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"y" * 1000) for i in range(200)) + b"content-length: 2\r\n\r\n{}"
    for reply, limits in ((large, {}), (plain({"a": "x" * 9000}), {"size_limits": {"max_response_bytes": 4096}})):
        upstream = sends(reply)
        twin, well = good()
        with tidy(config(target(upstream, id="a"), well, **limits), upstream, twin) as gateway:
            for body in (CHAT, STREAM):
                answer = chat(gateway, body)
                equal((answer.status, answer.error["code"], answer["x-kt-attempts"]), (502, "upstream_too_large", "1"))
            equal((len(twin.requests), circuit(gateway)), (0, "closed"))


@case
def a_stream_that_fails_after_its_first_content_is_cut_visibly_and_asks_nobody_else():
    begun = STREAM_HEAD + chunk(delta("one"))
    for upstream, fields, code in ((sends(begun), {}, "upstream_truncated"), (sends(begun, "reset"), {}, "upstream_truncated"),
                                   (sends(begun + b"0\r\n\r\n"), {}, "upstream_truncated"), (sends(begun + b"zz\r\n"), {}, "upstream_protocol"),
                                   (sends(begun, "wait"), {"stream_idle_timeout_seconds": 0.3}, "upstream_idle_timeout")):
        twin, well = good()
        with tidy(config(target(upstream, id="a", **fields), well), upstream, twin) as gateway:
            answer = chat(gateway, STREAM)
            equal((answer.status, answer.complete, answer["x-kt-attempts"]), (200, False, "1"), code)
            last = json.loads(events_of(answer.body)[-1][6:])
            equal(last["error"]["code"], code)
            assert b'"content":"one"' in answer.body.replace(b": ", b":") and b"[DONE]" not in answer.body
            soon(lambda: (len(twin.requests), providers(gateway)["a"]["failures"]), (0, 1))


@case
def an_error_event_inside_a_200_before_the_first_content_fails_over():
    role = event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    prompt = event({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]})
    for prelude in ((), (prompt,), (prompt, role)):
        upstream = Upstream(reply=stream(*prelude, event({"error": {"message": "overloaded", "code": "server_error"}})))
        twin, well = good()
        with tidy(config(target(upstream, id="a"), well), upstream, twin) as gateway:
            answer = chat(gateway, STREAM)
            equal((answer.status, answer.complete, answer["x-kt-target"], answer["x-kt-attempts"]), (200, True, "b", "2"))
            assert b"overloaded" not in answer.body and b"prompt_filter_results" not in answer.body, answer.body


@case
def the_prelude_waits_for_the_first_content():
    role = event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    gate = threading.Event()

    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD + chunk(role))
        gate.wait(BOUND)
        channel.send(chunk(delta("now")) + chunk(DONE) + b"0\r\n\r\n")

    upstream = Upstream(script)
    twin, well = good()
    with tidy(config(target(upstream, id="a"), well), upstream, twin) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", STREAM))
        upstream.wait_for()
        equal(select.select([channel.sock], [], [], 0.2)[0], [], "nothing before the content")
        gate.set()
        answer = channel.read_message()
        assert answer.complete and answer.body.index(b"assistant") < answer.body.index(b"now")
        channel.close()


@case
def a_429_moves_on_at_once_and_cools_the_target_down_for_the_stated_time():
    busy = Upstream(reply=plain({"error": {"message": "busy"}}, 429, [("retry-after-ms", "900"), ("retry-after", "60")]))
    twin, well = good()
    with tidy(config(target(busy, id="a"), well), busy, twin) as gateway:
        started = time.monotonic()
        for body in (CHAT, STREAM, CHAT):
            answer = chat(gateway, body)
            equal((answer.status, answer["x-kt-target"]), (200, "b"))
        assert time.monotonic() - started < 0.8, "nobody waited"
        equal(len(busy.requests), 1, "it is not asked while it cools down")
        state = providers(gateway)["a"]
        assert 0 < state["cool_down_ms"] <= 900 and state["status"] == "degraded" and state["circuit"] == "closed", state
        equal(state["rate_limited"], 1)
        wait_until(lambda: providers(gateway)["a"]["cool_down_ms"] == 0, "the cool-down's end")
        busy.reply = serves
        equal(chat(gateway)["x-kt-target"], "a", "back after it")


@case
def when_all_targets_cool_down_the_answer_comes_at_once_with_the_shortest_wait():
    first = Upstream(reply=plain({"error": {"message": "one"}}, 429, [("retry-after", "9")]))
    second = Upstream(reply=plain({"error": {"message": "two"}}, 429, [("retry-after", "5")]))
    with tidy(config(target(first, id="a"), target(second, id="b")), first, second) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer["retry-after"], answer.error["message"]), (429, "5", "two"))
        started = time.monotonic()
        answer = chat(gateway, STREAM)
        equal((answer.status, answer.error["code"], answer["retry-after"]), (429, "rate_limit_exceeded", "5"))
        assert time.monotonic() - started < 1 and len(first.requests) == len(second.requests) == 1


@case
def a_retry_waits_as_long_as_the_upstream_says():
    replies = []

    def once_busy(request):
        replies.append(time.monotonic())
        return plain({"error": {}}, 503, [("retry-after-ms", "400")]) if len(replies) % 2 else serves(request)

    upstream = Upstream(reply=once_busy)
    providers_section = {"targets": [target(upstream, id="a")], "retry": {"max_attempts": 2, "initial_delay_ms": 10, "budget_ratio": 1}}
    with tidy({**config(), "providers": providers_section}, upstream) as gateway:
        for body in (CHAT, STREAM):
            answer = chat(gateway, body)
            equal((answer.status, answer["x-kt-attempts"]), (200, "2"))
            assert 0.39 <= replies[-1] - replies[-2] < 2, replies
        upstream.reply = plain({"error": {}}, 503, [("retry-after", "60")])
        started = time.monotonic()
        answer = chat(gateway)
        equal((answer.status, answer["retry-after"], answer["x-kt-attempts"]), (503, "60", "1"))
        assert time.monotonic() - started < 1, "a wait that is too long is not waited for"


@case
def final_answers_pass_byte_for_byte_and_ask_nobody_else():
    body = {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}, "message": "no"}}
    for status in (400, 401, 403, 404, 413, 422):
        upstream = Upstream(reply=plain(body, status))
        twin, well = good()
        with tidy(config(target(upstream, id="a"), well), upstream, twin) as gateway:
            for request in (CHAT, STREAM):
                answer = chat(gateway, request)
                equal((answer.status, answer.json(), answer["x-kt-attempts"]), (status, body, "1"))
            equal((len(twin.requests), providers(gateway)["a"]["failures"]), (0, 0))


def storm(gateway, count, body=CHAT):
    channel = gateway.connect()
    statuses = []
    for _ in range(count):
        channel.send(post("/v1/chat/completions", body))
        answer = channel.read_message()
        if answer["connection"] == "close":
            channel.close()
            channel = gateway.connect()
        statuses.append(answer)
    channel.close()
    return statuses


@case
def a_storm_of_500_reaches_the_upstreams_1_1_times_at_most():
    upstream = Upstream(reply=plain({"error": {"message": "broken"}}, 500))
    retry = {"max_attempts": 3, "initial_delay_ms": 1, "max_delay_ms": 2}
    with tidy({**config(), "providers": {"targets": [target(upstream, id="a")], "retry": retry}}, upstream) as gateway:
        answers = storm(gateway, 400) + storm(gateway, 100, STREAM)
        equal({answer.status for answer in answers}, {500})
        ratio = len(upstream.requests) / len(answers)
        print(f"# one target: {ratio:.3f} upstream requests a request")
        assert 1 < ratio <= 1.10, f"{ratio:.3f} upstream requests a request"
    two = [Upstream(reply=plain({"error": {"message": "broken"}}, 500)) for _ in range(2)]
    both = [target(each, id=id) for each, id in zip(two, "ab")]
    with tidy({**config(), "providers": {"targets": both, "retry": retry}}, *two) as gateway:
        answers = storm(gateway, 500)
        ratio = sum(len(each.requests) for each in two) / len(answers)
        print(f"# two targets: {ratio:.3f} upstream requests a request")
        assert ratio <= 1.10, f"{ratio:.3f} upstream requests a request over two targets"


@case
def a_breaker_opens_answers_without_the_upstream_and_recovers():
    upstream = Upstream(reply=plain({"error": {"message": "broken"}}, 500))
    breaker = {"failure_threshold": 5, "cooldown_seconds": 1}
    with tidy({**config(), "providers": {"targets": [target(upstream, id="a")], "circuit_breaker": breaker}}, upstream) as gateway:
        answers = storm(gateway, 20)
        opened = [answer.status for answer in answers].index(503)
        soon(lambda: (opened, len(upstream.requests), circuit(gateway)), (5, 5, "open"))
        for body in (CHAT, STREAM):
            answer = chat(gateway, body)
            equal((answer.status, answer.error["code"], answer["x-kt-attempts"]), (503, "circuit_open", None))
            assert 1 <= int(answer["retry-after"]) <= 2 and 0 < int(answer["retry-after-ms"]) <= 1000
        times = []
        channel = gateway.connect()
        for _ in range(50):
            started = time.monotonic()
            channel.send(post("/v1/chat/completions", CHAT))
            if channel.read_message().status == 503:
                times.append(time.monotonic() - started)
        channel.close()
        median = sorted(times)[len(times) // 2] * 1000
        print(f"# circuit_open: {len(times)} answers, median {median:.2f} ms, longest {max(times) * 1000:.2f} ms")
        assert median < 5, f"median {median:.1f} ms"
        health = ask(gateway, get("/health"))
        upstream.reply = serves
        equal((health.status, health.json()["status"]), (503, "unhealthy"))
        wait_until(lambda: circuit(gateway) == "half_open", "the trial's time", 2)
        equal(chat(gateway).status, 200)
        soon(lambda: circuit(gateway), "closed")
        equal(ask(gateway, get("/health")).json()["status"], "healthy")


@case
def a_half_open_circuit_lets_one_trial_through_at_a_time():
    gate = threading.Event()
    state = {"broken": True}

    def script(channel, upstream):
        while upstream.read_request(channel) is not None:
            if not state["broken"]:
                gate.wait(BOUND)
            channel.send(plain({"error": {}}, 500) if state["broken"] else plain(REPLY))

    upstream = Upstream(script)
    with tidy({**config(), "providers": {"targets": [target(upstream, id="a")], "circuit_breaker": {"failure_threshold": 2, "cooldown_seconds": 0.3}}}, upstream) as gateway:
        storm(gateway, 2)
        equal(circuit(gateway), "open")
        state["broken"] = False
        wait_until(lambda: circuit(gateway) == "half_open", "the trial's time")
        trial = gateway.connect()
        trial.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for(3)
        for _ in range(5):
            equal(chat(gateway).error["code"], "circuit_open")
        equal(len(upstream.requests), 3)
        gate.set()
        equal(trial.read_message().status, 200)
        trial.close()
        soon(lambda: circuit(gateway), "closed")


@case
def what_is_not_the_targets_fault_leaves_its_circuit_closed():
    for status in (400, 404, 413, 422, 429):
        upstream = Upstream(reply=plain({"error": {"message": "no"}}, status))
        with tidy({**config(), "providers": {"targets": [target(upstream, id="a")], "circuit_breaker": {"failure_threshold": 2}}}, upstream) as gateway:
            storm(gateway, 6)
            equal((len(upstream.requests), circuit(gateway)), (6, "closed"), str(status))


@case
def with_one_of_two_targets_dead_every_request_succeeds():
    for breaker in ({}, {"circuit_breaker": {"failure_threshold": 3}}):
        twin, well = good()
        dead = target("http://127.0.0.1:1", id="a")
        with tidy({**config(), "providers": {"targets": [dead, well], "strategy": "round_robin", **breaker}}, twin) as gateway:
            answers = storm(gateway, 300) + storm(gateway, 100, STREAM)
            equal({(answer.status, answer["x-kt-target"]) for answer in answers}, {(200, "b")})
            if breaker:
                equal((providers(gateway)["a"]["attempts"], circuit(gateway)), (3, "open"))
                equal(ask(gateway, get("/health")).json()["status"], "degraded")


@case
def provisioned_throughput_comes_first_spills_over_before_its_429_and_comes_back():
    left = {"requests": 20}
    ptu = Upstream(reply=lambda request: plain(REPLY, 200, [("x-ratelimit-remaining-requests", str(left["requests"])), ("x-ratelimit-limit-requests", "20"),
                                                            ("x-ratelimit-remaining-tokens", "1000000"), ("x-ratelimit-limit-tokens", "1000000")]))
    payg = Upstream(reply=serves)
    targets = [target(payg, id="payg", priority=1), target(ptu, id="ptu", priority=0)]
    with tidy({**config(), "providers": {"targets": targets, "strategy": "priority"}}, ptu, payg) as gateway:
        equal([chat(gateway)["x-kt-target"] for _ in range(3)], ["ptu"] * 3)
        left["requests"] = 0
        equal(chat(gateway)["x-kt-target"], "ptu")
        equal((chat(gateway)["x-kt-target"], chat(gateway, STREAM)["x-kt-target"]), ("payg", "payg"))
        equal(providers(gateway)["ptu"]["rate_limited"], 0, "it left before a 429")
        left["requests"] = 20
        wait_until(lambda: chat(gateway)["x-kt-target"] == "ptu", "the way back: 20 a minute are one in three seconds")


@case
def weights_and_stickiness_are_kept():
    upstreams = [Upstream(reply=serves) for _ in range(2)]
    targets = [target(upstreams[0], id="a", weight=9), target(upstreams[1], id="b", weight=1)]
    with tidy({**config(), "providers": {"targets": targets, "strategy": "weighted_round_robin"}}, *upstreams) as gateway:
        shares = [answer["x-kt-target"] for answer in storm(gateway, 100)]
        equal(shares.count("b"), 10)
    upstreams = [Upstream(reply=serves) for _ in range(2)]
    targets = [target(upstreams[0], id="a"), target(upstreams[1], id="b")]
    with tidy({**config(), "providers": {"targets": targets, "routing": {"strategy": "sticky"}}}, *upstreams) as gateway:
        homes = {}
        for _ in range(3):
            for user in range(40):
                home = chat(gateway, {**CHAT, "user": f"user-{user}"})["x-kt-target"]
                equal(homes.setdefault(user, home), home)
        assert 8 <= list(homes.values()).count("a") <= 32, homes


@case
def a_group_of_different_models_shares_traffic_and_goes_on_to_its_fallback():
    upstreams = [Upstream(reply=serves) for _ in range(3)]
    targets = [target(upstreams[0], id="a", azure_api_version="v1"), target(upstreams[1], id="b", model="small", azure_api_version="v1"),
               target(upstreams[2], id="c", model="other", azure_api_version="v1")]
    groups = [{"name": "ab", "targets": ["a", "b"], "strategy": "weighted_round_robin", "weights": {"a": 3, "b": 1}, "fallback_group": "rest"}, {"name": "rest", "targets": ["c"]}]
    with tidy(config(*targets, model_groups=groups), *upstreams) as gateway:
        names = [chat(gateway, {**CHAT, "model": "ab"})["x-kt-target"] for _ in range(80)]
        assert 58 <= names.count("a") <= 62, names.count("a")
        equal({request.json()["model"] for request in upstreams[1].requests}, {"small"})
        for upstream in upstreams[:2]:
            upstream.reply = plain({"error": {}}, 503)
        answer = chat(gateway, {**CHAT, "model": "ab"})
        equal((answer.status, answer["x-kt-target"], answer["x-kt-attempts"]), (200, "c", "3"))


@case
def data_may_only_go_where_the_policy_allows_it():
    upstreams = [Upstream(reply=serves) for _ in range(2)]
    eu = target(upstreams[0], id="eu", data_policy={"region": "westeurope", "retention_days": 0})
    us = target(upstreams[1], id="us")
    chain = {"policies": {"chain": ["data-routing-policy"]}, "policy": {"data-routing-policy": {"allowed_regions": ["westeurope"]}}}
    with tidy(config(us, eu, **chain), *upstreams) as gateway:
        equal([chat(gateway)["x-kt-target"] for _ in range(3)], ["eu"] * 3)
        upstreams[0].reply = plain({"error": {}}, 503)
        answer = chat(gateway)
        equal((answer.status, answer["x-kt-attempts"], len(upstreams[1].requests)), (503, "1", 0))
    with tidy(config(us, **chain)) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer.error["code"], len(upstreams[1].requests)), (409, "input_blocked", 0))


@case
def a_secret_that_was_rotated_counts_at_once_and_costs_one_401_at_most():
    upstream = Upstream(reply=lambda request: serves(request) if request["api-key"] == "new" else plain({"error": {"message": "key"}}, 401))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "key"
        path.write_text("old")

        def rotates(request):
            if request["api-key"] == "new":
                return serves(request)
            path.with_name("next").write_text("new")   # the file changes while the old key is under way
            path.with_name("next").rename(path)
            return plain({"error": {"message": "key"}}, 401)

        fields = {"id": "a", "secret_key_ref": {"file": str(path)}}
        section = {"targets": [target(upstream, **fields)], "circuit_breaker": {}}
        with tidy({**config(), "providers": section}, upstream) as gateway:
            equal(chat(gateway).status, 401)
            soon(lambda: circuit(gateway), "open")
            equal((chat(gateway).error["code"], len(upstream.requests)), ("circuit_open", 1))
            path.with_name("next").write_text("new")
            path.with_name("next").rename(path)
            answer = chat(gateway)
            equal((answer.status, answer["x-kt-attempts"]), (200, "1"))
            soon(lambda: circuit(gateway), "closed")
            assert "credential_refused" in gateway.log() and "credential_renewed" in gateway.log()
            assert "new" not in [line for line in gateway.log().splitlines() if "credential_re" in line][0].split('"')
        path.write_text("old")
        upstream = Upstream(reply=rotates)
        section["targets"] = [target(upstream, **fields)]
        with tidy({**config(), "providers": section}, upstream) as gateway:
            answer = chat(gateway)
            equal((answer.status, answer["x-kt-attempts"], len(upstream.requests)), (200, "2", 2))
            soon(lambda: circuit(gateway), "closed")


@case
def an_early_answer_is_passed_on():
    def script(channel, upstream):
        channel.read_head()
        channel.send(plain({"error": {"message": "too much"}}, 413, [("connection", "close")]))
        upstream.watch(channel)

    upstream = Upstream(script)
    with tidy(config(target(upstream, id="a")), upstream) as gateway:
        answer = chat(gateway, {**CHAT, "padding": "x" * 8_000_000})
        equal((answer.status, answer.error["message"], answer["x-kt-attempts"]), (413, "too much", "1"))
        wait_until(lambda: upstream.gone_at, "the connection's end")


@case
def a_target_with_all_its_places_taken_is_passed_over():
    gate = threading.Event()

    def script(channel, upstream):
        upstream.read_request(channel)
        gate.wait(BOUND)
        channel.send(plain(REPLY))

    upstream = Upstream(script)
    twin, well = good()
    with tidy(config(target(upstream, id="a", rate_limits={"max_parallel_requests": 1}), well), upstream, twin) as gateway:
        first = gateway.connect()
        first.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        for body in (CHAT, STREAM):
            equal(chat(gateway, body)["x-kt-target"], "b")
        gate.set()
        equal(first.read_message().status, 200)
        first.close()
    gate.clear()
    upstream = Upstream(script)
    with tidy(config(target(upstream, id="a", rate_limits={"max_parallel_requests": 1})), upstream) as gateway:
        first = gateway.connect()
        first.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        answer = chat(gateway)
        equal((answer.status, answer.error["code"], [name for name in answer.names() if name == "retry-after"]), (503, "overloaded", ["retry-after"]))
        gate.set()
        equal(first.read_message().status, 200)
        first.close()


@case
def every_503_of_ours_says_when_to_come_back():
    with tidy(config(target("http://127.0.0.1:1", id="a", secret_key_ref={"env": "KT_NO_SUCH_KEY"}))) as gateway:
        answer = chat(gateway)
        equal((answer.status, answer.error["code"], answer["retry-after"]), (503, "no_credential", "1"))


@case
def many_idle_connections_do_no_harm():
    upstream, well = good()
    with tidy(config(well), upstream) as gateway:
        memory = lambda: int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text())[1])
        chat(gateway)
        before = memory()
        idle = [gateway.connect() for _ in range(2000)]
        started = time.monotonic()
        equal({answer.status for answer in storm(gateway, 50)}, {200})
        assert time.monotonic() - started < 5
        assert (memory() - before) / len(idle) <= 8, f"{(memory() - before) / len(idle):.1f} KiB each"
        for channel in idle:
            channel.close()


@case
def the_deadline_bounds_all_attempts_together():
    upstreams = [sends(b"", "wait") for _ in range(3)]
    targets = [target(each, id=id, first_token_timeout_seconds=0.4) for each, id in zip(upstreams, "abc")]
    with tidy(config(*targets, gateway={"request_deadline_seconds": 0.6}), *upstreams) as gateway:
        started = time.monotonic()
        answer = chat(gateway)
        equal((answer.status, answer.error["code"], answer["x-kt-attempts"], answer["x-should-retry"]), (504, "upstream_timeout", "2", "false"))
        assert 0.5 < time.monotonic() - started < 1.5


@case
def metrics_tell_of_circuits_attempts_and_refusals():
    upstream = Upstream(reply=plain({"error": {}}, 500))
    twin, well = good()
    section = {"targets": [target(upstream, id="a"), well], "circuit_breaker": {"failure_threshold": 1}}
    with tidy({**config(), "providers": section}, upstream, twin) as gateway:
        chat(gateway)
        chat(gateway, STREAM)
        first_token = 'keeptrusts_llm_first_token_seconds_count{model="gpt-4o",provider="azure-openai"} 1'
        soon(lambda: first_token in ask(gateway, get("/metrics")).body.decode(), True, first_token)
        text = ask(gateway, get("/metrics")).body.decode()
        for line in ('keeptrusts_gateway_circuit_state{target="a",state="open"} 1', 'keeptrusts_gateway_circuit_state{target="b",state="closed"} 1',
                     'keeptrusts_gateway_target_attempts_total{target="a"} 1', 'keeptrusts_gateway_target_failures_total{target="a"} 1',
                     'keeptrusts_gateway_target_in_flight{target="b"} 0', "keeptrusts_gateway_further_attempts_total 1",
                     'keeptrusts_gateway_limit_refusals_total{scope="global"} 0'):
            assert line in text, line
        health = ask(gateway, get("/health")).json()
        equal((health["status"], health["providers"]["a"]["status"], health["providers"]["a"]["reason"]), ("degraded", "unhealthy", "circuit open"))
        statistics = providers(gateway)["b"]
        assert statistics["latency_ms"] > 0 and statistics["first_token_ms"] > 0 and statistics["attempts"] == 2, statistics


@case
def health_probes_cost_nothing_and_turn_the_verdict():
    upstream = Upstream(reply=plain({"status": "ok"}))
    twin, well = good()
    probe = {"interval_seconds": 1, "timeout_seconds": 0.5, "path": "/status", "healthy_threshold": 1, "unhealthy_threshold": 1}
    with tidy(config(target(upstream, id="a", health_probe=probe), well), upstream, twin) as gateway:
        request = upstream.wait_for()
        equal((request.start, request["api-key"], request["authorization"], request.body), ("GET /status HTTP/1.1", None, None, b""))
        equal(providers(gateway)["a"]["probe"], "healthy")
        upstream.reply = plain({"error": {}}, 503)
        wait_until(lambda: providers(gateway)["a"]["probe"] == "unhealthy", "a bad probe")
        equal((chat(gateway)["x-kt-target"], providers(gateway)["a"]["status"], providers(gateway)["b"]["probe"]), ("b", "unhealthy", "off"))
        upstream.reply = plain({"status": "ok"})
        wait_until(lambda: providers(gateway)["a"]["probe"] == "healthy", "a good probe")


@case
def without_a_path_a_probe_is_a_connection_and_brings_a_trial_forward():
    upstream = Upstream(reply=plain({"error": {}}, 500))
    section = {"targets": [target(upstream, id="a")], "circuit_breaker": {"failure_threshold": 1, "cooldown_seconds": 60},
               "health_monitor": {"interval_seconds": 1, "timeout_seconds": 0.5}}
    with tidy({**config(), "providers": section}, upstream) as gateway:
        chat(gateway)
        upstream.reply = serves
        wait_until(lambda: circuit(gateway) == "half_open", "the trial, long before 60 s")
        wait_until(lambda: upstream.connections >= 2, "the probe's connection")
        equal(len(upstream.requests), 1)
        equal(chat(gateway).status, 200)
        soon(lambda: circuit(gateway), "closed")
        assert "NOT IN EFFECT" not in gateway.log()


run_cases()
