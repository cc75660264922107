#!/usr/bin/env python3
"""The audit trail's way to other places: an OTLP collector that fails, is slow and comes back, an HTTP witness; and what the
gateway says when the trail takes nothing."""
import pathlib, resource, shutil, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *
from certificates import Authority

REPLY = plain({"id": "r", "choices": [{"index": 0, "message": {"role": "assistant", "content": "an answer"}, "finish_reason": "stop"}],
               "usage": {"prompt_tokens": 3, "completion_tokens": 2}})


def exported(upstream, collector=None, **logger):
    otlp = {"callbacks": [{"type": "otlp", "endpoint": collector.url, "headers": {"x-tenant": "t1"}, "signals": ["logs"]}]} if collector else {}
    return {**config(target(upstream)), "policies": {"chain": ["audit-logger"]}, "policy": {"audit-logger": logger}, **otlp}


def segments(gateway):
    return sorted((pathlib.Path(gateway.dir.name) / "state/audit").glob("*.jsonl"))


def lines(gateway):
    return [line for path in segments(gateway) for line in path.read_text().split("\n")[:-1]]


def log_records(request):
    (logs,) = request.json()["resourceLogs"]
    (scope,) = logs["scopeLogs"]
    return scope["logRecords"]


def bodies(requests):
    return [record["body"]["stringValue"] for request in requests for record in log_records(request)]


def completed(gateway, count):
    wait_until(lambda: sum('"request.completed"' in line for line in lines(gateway)) >= count, f"{count} completed records")


def verify(gateway, *arguments):
    return subprocess.run([KT, "audit", "verify", "--state-dir", str(pathlib.Path(gateway.dir.name) / "state"), *arguments], capture_output=True, text=True, timeout=BOUND)


class Collector(Upstream):
    """Takes what it answers with 200. The first answers are given; an empty one, or `down`, ends the connection."""

    def __init__(self, *first, tls=None):
        self.taken, self.down = [], False
        answers = list(first)

        def reply(request):
            answer = answers.pop(0) if answers else plain({})
            if not answer or self.down:
                raise OSError("down")
            if answer.startswith(b"HTTP/1.1 200"):
                self.taken.append(request)
            return answer
        super().__init__(reply=reply, tls=tls)


@case
def every_line_arrives_at_a_collector_that_fails_first():
    upstream, collector = Upstream(reply=REPLY), Collector(plain({}, 503), b"", plain({}, 429))
    with Gateway(exported(upstream, collector)) as gateway:
        for _ in range(3):
            equal(chat(gateway).status, 200)
        completed(gateway, 3)
        wait_until(lambda: set(lines(gateway)[:8]) <= set(bodies(collector.taken)), "the records at the collector")
        request = collector.taken[0]
        equal((request.target, request["x-tenant"], request["content-type"]), ("/v1/logs", "t1", "application/json"))
        record = next(each for taken in collector.taken for each in log_records(taken) if '"request.completed"' in each["body"]["stringValue"])
        attributes = {each["key"]: each["value"] for each in record["attributes"]}
        equal((attributes["event.name"], attributes["kt.status"]), ({"stringValue": "request.completed"}, {"intValue": "200"}))
        equal((record["severityText"], record["timeUnixNano"].isdigit()), ("INFO", True))
        equal(len(collector.requests) > len(collector.taken), True, "nothing was refused first")


@case
def a_restart_goes_on_where_the_collector_stopped_answering():
    upstream, collector = Upstream(reply=REPLY), Collector()
    with Gateway(exported(upstream, collector)) as gateway:
        chat(gateway)
        completed(gateway, 1)
        wait_until(lambda: '"request.completed"' in "".join(bodies(collector.taken)), "the first record")
        collector.down = True
        chat(gateway)
        completed(gateway, 2)
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)
        before = len(bodies(collector.taken))
        collector.down = False
        again = subprocess.Popen([KT, "gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(gateway.path), "--state-dir",
                                  str(pathlib.Path(gateway.dir.name) / "state")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "KT_TEST_KEY": "k"})
        try:
            wait_until(lambda: "".join(bodies(collector.taken)).count('"event_type":"gateway.start"') >= 2, "the second start's records")
        finally:
            again.terminate()
            again.wait(BOUND)
        got = bodies(collector.taken)
        equal(set(lines(gateway)) - set(got) - set(lines(gateway)[-6:]), set(), "every line but the last ones arrived")
        equal(sum('"seq":0,' in each for each in got), 1, "the beginning was not sent again")
        equal(len(got) > before, True)


@case
def a_collector_that_never_answers_holds_nothing_up():
    def hang(channel, collector):
        collector.read_request(channel)
        collector.watch(channel)
    upstream, collector = Upstream(reply=REPLY), Upstream(hang)
    with Gateway(exported(upstream, collector)) as gateway:
        collector.wait_for()
        for _ in range(5):
            equal(chat(gateway).status, 200)
        completed(gateway, 5)
    equal(len(collector.requests), 1)


@case
def https_is_verified():
    ours = Authority()
    upstream, good, bad = Upstream(reply=REPLY), Collector(tls=ours.server("IP:127.0.0.1")), Collector(tls=Authority().server("IP:127.0.0.1"))
    with Gateway(exported(upstream, good), env={"SSL_CERT_FILE": ours.certificate}):
        good.wait_for()
    with Gateway(exported(upstream, bad), env={"SSL_CERT_FILE": ours.certificate}) as gateway:
        wait_until(lambda: "audit_export_failing" in gateway.log(), "the refusal in the log")
    equal(bad.requests, [])


@case
def a_witness_gets_every_checkpoint_and_proves_a_cut():
    upstream, witness = Upstream(reply=REPLY), Collector(plain({}, 500))
    with Gateway(exported(upstream, witness_url=witness.url + "/keep")) as gateway:
        chat(gateway)
        completed(gateway, 1)
        seen = lambda: "".join(each.body.decode() for each in witness.taken)
        wait_until(lambda: '"audit.checkpoint"' in seen(), "a checkpoint at the witness")
        equal(witness.taken[0].target, "/keep")
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)
        copies = pathlib.Path(gateway.dir.name) / "witness.jsonl"
        copies.write_text(seen())
        equal(all('"sig":"' in line for line in copies.read_text().splitlines()), True)
        equal(verify(gateway, "--witness", str(copies)).returncode, 0)
        path = segments(gateway)[-1]
        kept = path.read_text().split("\n")
        path.write_text("\n".join(kept[:1]) + "\n")
        shutil.rmtree(pathlib.Path(gateway.dir.name) / "state/audit-state")
        equal((verify(gateway).returncode, verify(gateway, "--witness", str(copies)).returncode), (0, 3))


@case
def what_cannot_be_exported_is_refused_at_load():
    for change, what in (({"callbacks": [{"type": "otlp", "endpoint": "http://127.0.0.1:1", "signals": ["metrics"]}]}, "E211"),
                         ({"callbacks": [{"type": "otlp", "endpoint": "http://collector.test:1"}]}, "E106"),
                         ({"callbacks": [{"type": "otlp"}]}, "E106"),
                         ({"callbacks": [{"type": "otlp", "endpoint": "http://127.0.0.1:1"}], "policies": {"chain": []}}, "E105"),
                         ({"policy": {"audit-logger": {"witness_url": "ftp://a"}}}, "E106")):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "c.yaml"
            path.write_text(json.dumps({**exported("http://127.0.0.1:1"), **change}))
            done = subprocess.run([KT, "policy", "lint", "--file", str(path)], capture_output=True, text=True, timeout=BOUND)
            equal((done.returncode, what in done.stderr), (2, True), f"{change}: {done.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "c.yaml"
        path.write_text(json.dumps({**exported("http://127.0.0.1:1"), "callbacks": [{"type": "prometheus"}, {"type": "otlp", "endpoint": "http://127.0.0.1:1"}]}))
        done = subprocess.run([KT, "policy", "lint", "--file", str(path)], capture_output=True, text=True, timeout=BOUND)
        equal((done.returncode, "W211" in done.stderr), (0, False), done.stderr)


@case
def a_trail_that_takes_nothing_is_not_ready_and_comes_back():
    upstream = Upstream(reply=REPLY)
    with Gateway(exported(upstream)) as gateway:
        equal(chat(gateway).status, 200)
        completed(gateway, 1)
        equal(ask(gateway, get("/readyz")).status, 200)
        sizes = lambda: resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
        old = sizes()
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (100, old[1]))
        wait_until(lambda: chat(gateway).status == 503, "a refusal")
        equal(ask(gateway, get("/readyz")).status, 503)
        metrics = ask(gateway, get("/metrics")).body.decode()
        equal("keeptrusts_gateway_audit_accepting 0" in metrics, True)
        equal(re.search(r"keeptrusts_gateway_audit_refused_total (\d+)", metrics)[1] != "0", True, metrics[-600:])
        equal("keeptrusts_gateway_audit_lag_seconds" in metrics, True)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, old)
        wait_until(lambda: ask(gateway, get("/readyz")).status == 200, "ready again")
        equal(chat(gateway).status, 200)
        wait_until(lambda: any('"audit.gap"' in line for line in lines(gateway)), "the gap in the trail")


run_cases()
