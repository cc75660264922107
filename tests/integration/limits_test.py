#!/usr/bin/env python3
"""Limits, consumers, budgets, tokens and cost, as a running gateway enforces them."""
import hashlib, pathlib, selectors, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

STREAM = {**CHAT, "stream": True}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": 200}, "completion_tokens_details": {"reasoning_tokens": 100}}
REPLY = {"choices": [{"index": 0, "message": {"content": "hello"}}], "usage": USAGE}
PRICING = {"input": 2.5, "output": 10, "cached_input": 1.25, "reasoning": 20}
COST = "0.00825"   # (800 * 2.5 + 200 * 1.25 + 400 * 10 + 100 * 20) / 1,000,000


def serves(request):
    body = request.json()
    if not body.get("stream"):
        return plain(REPLY)
    wished = body.get("stream_options", {}).get("include_usage")
    return stream(delta("hello"), delta("", finish_reason="stop"), *([event({"choices": [], "usage": USAGE})] if wished else []), DONE)


def metric(gateway, line):
    text = ask(gateway, get("/metrics")).body.decode()
    return next((each.rsplit(" ", 1)[1] for each in text.splitlines() if each.startswith(line)), None)


def refused(answer, what):
    equal((answer.status, answer.error["code"]), (429, "rate_limit_exceeded"), what)
    assert what in answer.error["message"], answer.error
    assert int(answer["retry-after"]) >= 1 and int(answer["retry-after-ms"]) > 0, answer.fields


def served(gateway, count, body=None, fields=()):
    return [chat(gateway, body, fields=fields).status for _ in range(count)]


@case
def every_scope_of_request_limits_counts_for_itself():
    limit = {"max_requests": 2, "window_seconds": 60}
    with Gateway(config(target(Upstream(reply=serves)), global_rate_limit=limit)) as gateway:
        equal(served(gateway, 2), [200, 200])
        answer = chat(gateway, STREAM)
        refused(answer, "global")
        equal((answer["x-ratelimit-limit-requests"], answer["x-ratelimit-remaining-requests"]), ("2", "0"))
        equal(metric(gateway, 'keeptrusts_gateway_limit_refusals_total{scope="global"}'), "1")
    forwarded = lambda address: [("x-forwarded-for", f"9.9.9.9, {address}")]
    with Gateway(config(target(Upstream(reply=serves)), ip_rate_limit={**limit, "trust_proxy_depth": 1})) as gateway:
        equal(served(gateway, 2, fields=forwarded("10.0.0.1")), [200, 200])
        refused(chat(gateway, fields=forwarded("10.0.0.1")), "ip")
        equal(served(gateway, 1, fields=forwarded("10.0.0.2")), [200])
    with Gateway(config(target(Upstream(reply=serves)), ip_rate_limit=limit)) as gateway:
        equal(served(gateway, 2, fields=forwarded("10.0.0.1")), [200, 200])
        refused(chat(gateway, fields=forwarded("10.0.0.7")), "ip")
    with Gateway(config(target(Upstream(reply=serves)), user_rate_limit={**limit, "header_names": ["x-team"]})) as gateway:
        equal(served(gateway, 2, fields=[("x-team", "red")]), [200, 200])
        refused(chat(gateway, fields=[("x-team", "red")]), "user")
        equal(served(gateway, 1, fields=[("x-team", "blue")]) + served(gateway, 3), [200] * 4)


@case
def tokens_are_reserved_and_then_settled_on_the_usage():
    upstream = Upstream(reply=serves)
    with Gateway(config(target(upstream), token_rate_limit={"max_tokens": 10000, "window_seconds": 60})) as gateway:
        body = {**CHAT, "max_tokens": 6000}
        equal(served(gateway, 3, body), [200, 200, 200])   # 1500 each once it is known, 6000 each would be too many
        answer = chat(gateway, body)
        refused(answer, "token")
        equal((answer["x-ratelimit-limit-tokens"], answer["x-ratelimit-remaining-tokens"]), ("10000", "5500"))
        equal(chat(gateway, {**STREAM, "max_tokens": 100}).status, 200)
        answer = chat(gateway, {**CHAT, "max_tokens": 20000})
        equal((answer.status, answer["x-should-retry"], answer["retry-after"]), (429, "false", None))
        equal(len(upstream.requests), 4)


@case
def a_refused_or_failed_request_gives_its_reservation_back():
    with Gateway(config(target("http://127.0.0.1:1"), token_rate_limit={"max_tokens": 10000, "window_seconds": 60}, )) as gateway:
        equal(served(gateway, 5, {**CHAT, "max_tokens": 6000}), [502] * 5)


@case
def a_targets_own_limits_lead_to_the_next_target():
    first, second = Upstream(reply=serves), Upstream(reply=serves)
    for limits in ({"rpm": 2}, {"tpm": 3500}):
        with Gateway(config(target(first, id="a", rate_limits=limits), target(second, id="b"))) as gateway:
            equal([chat(gateway, {**CHAT, "max_tokens": 600})["x-kt-target"] for _ in range(4)], ["a", "a", "b", "b"], str(limits))
        with Gateway(config(target(first, id="a", rate_limits=limits))) as gateway:
            equal(served(gateway, 2, {**CHAT, "max_tokens": 600}), [200, 200])
            refused(chat(gateway, {**CHAT, "max_tokens": 600}), "target")


@case
def a_request_waits_a_little_for_its_turn_and_only_so_many_wait():
    gate = threading.Event()

    def held(channel, upstream):
        while upstream.read_request(channel) is not None:
            gate.wait(BOUND)
            channel.send(plain(REPLY))

    upstream = Upstream(held)
    with Gateway(config(target(upstream)), "--max-concurrency", "1", workers=1) as gateway:
        running, *others = [gateway.connect() for _ in range(3)]
        running.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        for channel in others:
            channel.send(post("/v1/chat/completions", CHAT))
        (first, *_), _, _ = select.select([channel.sock for channel in others], [], [], BOUND)
        refused_one = next(channel for channel in others if channel.sock is first)
        answer = refused_one.read_message()
        equal((answer.status, answer.error["code"], answer["retry-after"]), (503, "overloaded", "1"))
        gate.set()
        equal([channel.read_message().status for channel in (running, *others) if channel is not refused_one], [200, 200])
        gate.clear()
        running.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for(3)
        gone = gateway.connect()
        gone.send(post("/v1/chat/completions", CHAT))
        gone.close()
        answer = chat(gateway)
        equal((answer.status, answer.error["code"]), (503, "overloaded"))
        gate.set()
        equal(running.read_message().status, 200)
        wait_until(lambda: chat(gateway).status == 200, "a free place")
        equal(len(upstream.requests), 4, "who left the queue asked nobody")


class Crowd:
    """Many connections that ask again as soon as they are answered."""

    def __init__(self, gateway, connections, body=CHAT):
        self.request = post("/v1/chat/completions", body)
        self.selector, self.granted, self.asked = selectors.DefaultSelector(), [], 0
        for _ in range(connections):
            channel = gateway.connect()
            channel.sock.setblocking(False)
            self.selector.register(channel.sock, selectors.EVENT_READ, [channel, b"", 0.0])

    def run(self, seconds, rate):
        """Asks `rate` times a second over all connections, whatever the answers are; notes when a request was granted."""
        began = time.monotonic()
        free = [key.data for key in self.selector.get_map().values()]
        while (now := time.monotonic()) < began + seconds:
            while free and self.asked < (now - began) * rate:
                entry = free.pop()
                entry[2] = now
                entry[0].sock.send(self.request)
                self.asked += 1
            for key, _ in self.selector.select(0.002):
                entry = key.data
                entry[1] += entry[0].sock.recv(65536)
                head, mark, rest = entry[1].partition(b"\r\n\r\n")
                if not mark or len(rest) < int(re.search(rb"content-length: (\d+)", head)[1]):
                    continue
                if head.startswith(b"HTTP/1.1 200"):
                    self.granted.append((entry[2], time.monotonic()))
                entry[1] = b""
                free.append(entry)
        for key in list(self.selector.get_map().values()):
            key.data[0].close()


@case
def at_ten_times_overload_no_window_has_more_than_its_limit_and_the_share_is_served():
    limit, window = 100, 1.0
    with Gateway(config(target(Upstream(reply=serves)), global_rate_limit={"max_requests": limit, "window_seconds": window})) as gateway:
        crowd = Crowd(gateway, 200)
        crowd.run(5, 10 * limit / window)
    assert crowd.asked > 5 * limit * 5, f"only {crowd.asked} were asked"
    # A request was certainly granted inside a window when it was both sent and answered in it.
    begins = sorted(sent for sent, _ in crowd.granted)
    worst = max(sum(1 for sent, done in crowd.granted if sent >= begin and done < begin + window) for begin in begins)
    share = len(crowd.granted) / (5 * limit)
    print(f"# {crowd.asked} asked from 200 connections in 5 s: at most {worst} of {limit} in one window, {share:.3f} of the limit served")
    assert worst <= 1.02 * limit, f"{worst} in one window"
    assert share >= 0.95, f"{share:.2f} of the limit was served"


def consumers(*more):
    keys = {"alice": "alice-key", "bob": "bob-key"}
    made = [{"id": id, "key_ref": {"sha256": hashlib.sha256(key.encode()).hexdigest()}} for id, key in keys.items()]
    for each, fields in zip(made, more):
        each.update(fields)
    return made


ALICE, BOB = [("authorization", "Bearer alice-key")], [("api-key", "bob-key")]


@case
def a_consumer_needs_its_key_before_the_body_is_read():
    upstream = Upstream(reply=serves)
    with Gateway(config(target(upstream), target(upstream, id="mini", model="gpt-4o-mini"), consumers=consumers({}, {"models": ["gpt-4o-mini"]}))) as gateway:
        for fields in ((), [("authorization", "Bearer wrong")], [("api-key", "alice-ke")]):
            channel = gateway.connect()
            lines = [f"{k}: {v}\r\n" for k, v in fields]
            channel.send("POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n" + "".join(lines) + "\r\n")
            answer = channel.read_message()   # no byte of the body was sent
            equal((answer.status, answer.error["code"]), (401, "invalid_api_key"))
            channel.close()
        equal(len(upstream.requests), 0)
        equal(served(gateway, 1, fields=ALICE) + served(gateway, 1, STREAM, ALICE), [200, 200])
        answer = chat(gateway, fields=BOB)
        equal((answer.status, answer.error["code"], answer.error["param"]), (403, "permission_denied", "model"))
        equal({request["api-key"] for request in upstream.requests}, {"test-key-1"})
    with Gateway(config(target(upstream))) as gateway:   # without the section any or no key is accepted
        equal(served(gateway, 1) + served(gateway, 1, fields=[("authorization", "Bearer unused")]), [200, 200])


@case
def a_consumer_has_its_own_limits():
    with Gateway(config(target(Upstream(reply=serves)), consumers=consumers({"rate_limits": {"rpm": 2}}, {}))) as gateway:
        equal(served(gateway, 2, fields=ALICE), [200, 200])
        refused(chat(gateway, fields=ALICE), "consumer")
        equal(served(gateway, 3, fields=BOB), [200] * 3)


@case
def a_budget_is_kept_over_a_restart():
    for budget in ({"daily_tokens": 4000}, {"monthly_tokens": 4000}, {"daily_usd": 0.021}, {"monthly_usd": 0.021}):
        (what,) = budget
        setup = config(target(Upstream(reply=serves), pricing=PRICING), consumers=consumers({"budget": budget}, {}))
        body = {**CHAT, "max_tokens": 10}
        with tempfile.TemporaryDirectory() as state:
            with Gateway(setup, state=state) as gateway:
                equal(served(gateway, 2, body, ALICE), [200, 200])   # 1500 tokens and 0.00825 USD each
            sums = pathlib.Path(state) / "budgets"
            with Gateway(setup, state=state) as gateway:
                known = sums.read_text()
                equal(chat(gateway, body, fields=ALICE).status, 200, what)
                answer = chat(gateway, body, fields=ALICE)
                refused(answer, what)
                equal((answer["x-should-retry"], metric(gateway, 'keeptrusts_gateway_limit_refusals_total{scope="budget"}')), ("false", "1"))
                equal(chat(gateway, body, fields=BOB).status, 200)
                wait_until(lambda: sums.read_text() != known, "the new sums in the file")
                gateway.signal(signal.SIGKILL)
                gateway.wait()
                gateway.expect_exit = -signal.SIGKILL
            with Gateway(setup, state=state) as gateway:
                refused(chat(gateway, body, fields=ALICE), what)


@case
def a_budget_holds_under_many_requests_at_once():
    setup = config(target(Upstream(reply=serves)), consumers=consumers({"budget": {"daily_tokens": 30000}}, {}))
    with Gateway(setup) as gateway:
        channels = [gateway.connect() for _ in range(60)]
        for channel in channels:
            channel.send(post("/v1/chat/completions", {**CHAT, "max_tokens": 1500}, ALICE))
        granted = [channel.read_message().status for channel in channels].count(200)
        for channel in channels:
            channel.close()
        assert 15 <= granted <= 20, f"{granted} of 20 affordable requests"


@case
def usage_is_asked_for_and_stripped_on_v1_and_untouched_on_azures_routes():
    upstream = Upstream(reply=serves)
    with Gateway(config(target(upstream, azure_api_version="2024-10-21"))) as gateway:
        answer = chat(gateway, STREAM)
        equal(upstream.requests[-1].json()["stream_options"], {"include_usage": True})
        assert b"prompt_tokens" not in answer.body and answer.complete
        soon(lambda: metric(gateway, 'keeptrusts_llm_tokens_total{model="gpt-4o",provider="azure-openai",direction="input"}'), "1000")
        answer = chat(gateway, {**STREAM, "stream_options": {"include_usage": True}})
        assert b'"prompt_tokens": 1000' in answer.body
        answer = chat(gateway, {**STREAM, "data_sources": []})
        equal(upstream.requests[-1].json().get("stream_options"), None)
        answer = chat(gateway, STREAM, path="/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21")
        equal((upstream.requests[-1].body, answer.complete), (json.dumps(STREAM).encode(), True))


@case
def record_metrics_and_header_agree_on_the_cost():
    upstream = Upstream(reply=serves)
    chain = {"policies": {"chain": ["audit-logger"]}}
    with Gateway(config(target(upstream, pricing=PRICING), **chain)) as gateway:
        answer = chat(gateway)
        equal(answer["x-kt-cost-usd"], COST)
        streamed = chat(gateway, STREAM)
        equal((streamed.status, streamed["x-kt-cost-usd"]), (200, None))
        soon(lambda: float(metric(gateway, 'keeptrusts_llm_cost_total{model="gpt-4o"')), 2 * float(COST))
        wait_until(lambda: records(gateway, 2), "two records")
        for record in records(gateway, 2):
            equal((float(record["cost_usd"]), record["tokens"]["input"], record["tokens"]["output"], record["tokens"]["cached"], record["tokens"]["reasoning"], record["tokens"]["estimated"]),
                  (float(COST), 1000, 500, 200, 100, False))


def records(gateway, count):
    """The records of answered requests, when there are that many."""
    done = subprocess.run([KT, "events", "export", "--state-dir", str(pathlib.Path(gateway.dir.name) / "state")], capture_output=True, text=True, timeout=30)
    found = [each for each in map(json.loads, done.stdout.splitlines()) if each.get("tokens", {}).get("output")]
    return found if len(found) >= count else []


@case
def a_stream_that_breaks_off_is_recorded_with_an_estimate():
    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(STREAM_HEAD + b"".join(chunk(delta(f"word {i}")) for i in range(7)))
        channel.close()

    with Gateway(config(target(Upstream(script), pricing=PRICING), policies={"chain": ["audit-logger"]})) as gateway:
        equal(chat(gateway, STREAM).complete, False)
        wait_until(lambda: records(gateway, 1), "the record")
        (record,) = records(gateway, 1)
        equal((record["tokens"]["output"], record["tokens"]["estimated"]), (7, True))
        assert float(record["cost_usd"]) > 0


@case
def a_prompt_longer_than_any_window_is_refused_and_a_larger_one_is_asked_when_wanted():
    upstreams = [Upstream(reply=serves) for _ in range(2)]
    small, large = target(upstreams[0], id="small", max_context_tokens=50), target(upstreams[1], id="large", model="gpt-4.1", max_context_tokens=100000)
    body = {**CHAT, "messages": [{"role": "user", "content": "many words " * 100}]}
    with Gateway(config(small)) as gateway:
        answer = chat(gateway, body)
        equal((answer.status, answer.error["code"], len(upstreams[0].requests)), (400, "context_length_exceeded", 0))
        equal(chat(gateway).status, 200)
    with Gateway({**config(), "providers": {"targets": [small, large], "fallback": {"context_window": "next_larger"}}}) as gateway:
        equal((chat(gateway, body)["x-kt-target"], chat(gateway)["x-kt-target"]), ("large", "small"))


@case
def what_cannot_be_enforced_is_refused_at_load():
    hedge = {**config(), "providers": {"targets": [target("http://127.0.0.1:1")], "routing": {"hedge": {"after": "p95"}}}}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy-config.yaml"
        path.write_text(json.dumps(hedge))
        done = subprocess.run([KT, "policy", "lint", "--file", str(path)], capture_output=True, text=True, timeout=30)
        equal(done.returncode, 2)
        assert "E211" in done.stdout + done.stderr, done.stdout + done.stderr


run_cases()
