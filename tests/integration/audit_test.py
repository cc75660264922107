#!/usr/bin/env python3
"""The audit trail of a running gateway: a line for everything a client saw, exactly once, and nothing of its text."""
import collections, pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *

STOP = event({"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
REPLY = {"id": "r", "choices": [{"index": 0, "message": {"role": "assistant", "content": "an answer"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def audited(upstream, kinds=("audit-logger",), **blocks):
    return {**config(target(upstream, data_policy={"region": "eastus"})), "policies": {"chain": list(kinds)}, "policy": blocks}


def records(gateway):
    folder = pathlib.Path(gateway.dir.name) / "state/audit"
    return [json.loads(line) for path in sorted(folder.iterdir()) for line in path.read_text().splitlines()]


def pairs(gateway):
    """By request id: its lines' types in order, and the last line."""
    found = collections.defaultdict(list)
    for record in records(gateway):
        if record["event_type"].startswith("request."):
            found[record["request_id"]].append(record)
    return found


def settled(gateway, count):
    """The pairs, once `count` requests are completed."""
    done = lambda: sum(each["event_type"] == "request.completed" for each in records(gateway)) >= count
    wait_until(done, f"{count} completed records")
    return pairs(gateway)


def verify(state, *arguments):
    done = subprocess.run([KT, "audit", "verify", "--state-dir", str(state), "--json", *arguments], capture_output=True, text=True, timeout=BOUND)
    return done.returncode, done.stdout + done.stderr


@case
def every_exit_path_leaves_one_opening_and_one_closing_line():
    text = "a prompt that must not be kept"
    upstream = Upstream(reply=lambda request: stream(delta("an answer"), STOP, DONE) if b'"stream"' in request.body else plain(REPLY))
    with Gateway(audited(upstream, ("dlp-filter", "audit-logger"), **{"dlp-filter": {"blocked_terms": ["falcon"], "action": "block"}})) as gateway:
        says = lambda words, **more: {"model": "gpt-4o", "messages": [{"role": "user", "content": words}], **more}
        answers = [chat(gateway, says(text)), chat(gateway, says(text, stream=True)), chat(gateway, says("falcon " + text)), chat(gateway, b"{"),
                   chat(gateway, {**says(text), "model": "none"}), ask(gateway, get("/nowhere"))]
        equal([each.status for each in answers], [200, 200, 409, 400, 404, 404])
        found = settled(gateway, len(answers))
        for answer in answers:
            equal([each["event_type"] for each in found[answer["x-kt-request-id"]]], ["request.accepted", "request.completed"])
            equal(found[answer["x-kt-request-id"]][1]["status"], answer.status)
        plain_line, _, blocked = (found[each["x-kt-request-id"]][1] for each in answers[:3])
        equal((plain_line["verdict"], plain_line["reason_code"], plain_line["tokens"]["input"], plain_line["region"]), ("allow", "all_policies_passed", 3, "eastus"))
        equal((plain_line["attempts"][0]["target"], plain_line["attempts"][0]["status"], plain_line["client_ip"]), ("one", 200, "127.0.0.1"))
        equal((blocked["verdict"], blocked["reason_code"], blocked["attempts"], blocked["code"]), ("block", "dlp_match", [], "input_blocked"))
        everything = json.dumps(records(gateway))
        assert "must not be kept" not in everything and "an answer" not in everything and "falcon" not in everything
        state = pathlib.Path(gateway.dir.name) / "state"
        equal(verify(state)[0], 0)
        assert any(each["event_type"] == "gateway.start" for each in records(gateway))


@case
def a_client_that_leaves_and_an_upstream_that_fails_are_closed_too():
    def hang(channel, upstream):
        upstream.read_request(channel)
        upstream.watch(channel)
    upstream = Upstream(hang)
    with Gateway(audited(upstream)) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        channel.close()
        (lines,) = settled(gateway, 1).values()
        equal((lines[1]["status"], lines[1]["code"]), (499, "client_closed"))
    with Gateway(audited("http://127.0.0.1:1")) as gateway:
        equal(chat(gateway).status, 502)
        (lines,) = settled(gateway, 1).values()
        equal((lines[1]["status"], lines[1]["attempts"][0]["error"]), (502, "upstream_connect"))


@case
def only_what_was_not_allowed_is_kept_when_asked_so():
    upstream = Upstream(reply=plain(REPLY))
    with Gateway(audited(upstream, **{"audit-logger": {"log_all_access": False}})) as gateway:
        equal(chat(gateway).status, 200)
        refused = chat(gateway, b"{")
        equal(list(settled(gateway, 1)), [refused["x-kt-request-id"]])


@case
def a_killed_gateway_lists_its_interrupted_requests_at_the_next_start():
    def hang(channel, upstream):
        upstream.read_request(channel)
        upstream.watch(channel)
    upstream = Upstream(hang)
    with Gateway(audited(upstream), expect_exit=-9) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        wait_until(lambda: pairs(gateway), "the opening line")
        gateway.process.kill()
        gateway.process.wait(BOUND)
        state = pathlib.Path(gateway.dir.name) / "state"
        equal(verify(state)[0], 0)
        again = subprocess.Popen([KT, "gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(gateway.path), "--state-dir", str(state)],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "KT_TEST_KEY": "k"})
        try:
            assert "listening" in again.stdout.readline().decode()
            (lines,) = pairs(gateway).values()
            equal([each["event_type"] for each in lines], ["request.accepted", "request.interrupted"])
            second = subprocess.run([KT, "gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(gateway.path), "--state-dir", str(state)],
                                    capture_output=True, text=True, env={**os.environ, "KT_TEST_KEY": "k"}, timeout=BOUND)
            equal(second.returncode, 1, second.stderr)
        finally:
            again.terminate()
            again.wait(BOUND)
        equal(verify(state)[0], 0)


@case
def hipaa_controls_name_the_user_and_the_kinds_of_data():
    import hashlib
    upstream = Upstream(reply=plain(REPLY))
    consumers = [{"id": "team-a", "key_ref": {"sha256": hashlib.sha256(b"client-key-1").hexdigest()}}]
    configuration = {**audited(upstream, ("pii-detector", "audit-logger"), **{"audit-logger": {"hipaa_audit_controls": True}}), "consumers": consumers}
    with Gateway(configuration) as gateway:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "write to jane.roe@example.org"}]}
        equal(chat(gateway, body, fields=[("authorization", "Bearer client-key-1")]).status, 200)
        (lines,) = settled(gateway, 1).values()
        equal([each["user"] for each in lines], ["team-a", "team-a"])
        equal(lines[1]["data_categories"], ["EMAIL"])


@case
def strict_calls_no_upstream_before_the_record_is_on_the_disk():
    import resource
    upstream = Upstream(reply=plain(REPLY))
    with Gateway(audited(upstream, **{"audit-logger": {"durability": "strict"}})) as gateway:
        equal(chat(gateway).status, 200)
        settled(gateway, 1)
        limit = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (100, limit[1]))
        equal((chat(gateway).status, len(upstream.requests)), (503, 1))
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, limit)
        wait_until(lambda: chat(gateway).status == 200, "records again")


@case
def one_changed_byte_is_named():
    upstream = Upstream(reply=plain(REPLY))
    with Gateway(audited(upstream)) as gateway:
        for _ in range(3):
            chat(gateway)
        settled(gateway, 3)
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)
        state = pathlib.Path(gateway.dir.name) / "state"
        code, said = verify(state)
        equal(code, 0, said)
        (segment,) = (state / "audit").iterdir()
        data = bytearray(segment.read_bytes())
        at = data.index(b'"status":200')
        data[at + 9] ^= 1
        segment.write_bytes(data)
        code, said = verify(state)
        equal(code, 3, said)
        assert segment.name in said, said


@case
def a_state_directory_that_cannot_be_written_is_refused_before_listening():
    with tempfile.TemporaryDirectory() as folder:
        blocked = pathlib.Path(folder) / "state"
        blocked.write_text("a file where a folder must be")
        path = pathlib.Path(folder) / "c.yaml"
        path.write_text(json.dumps(audited("http://127.0.0.1:1")))
        done = subprocess.run([KT, "gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(path), "--state-dir", str(blocked)],
                              capture_output=True, text=True, timeout=BOUND)
        equal((done.returncode, done.stdout), (1, ""))
        assert "audit" in done.stderr or "state" in done.stderr, done.stderr


@case
def a_reload_is_recorded_and_cannot_weaken_the_trail():
    upstream = Upstream(reply=plain(REPLY))
    with Gateway(audited(upstream)) as gateway:
        gateway.write(audited(upstream, **{"audit-logger": {"immutable": False}}))
        answer = ask(gateway, post("/keeptrusts/config/reload", {}))
        equal(answer.status, 422, answer.body)
        wait_until(lambda: any(each["event_type"] == "configuration.rejected" for each in records(gateway)), "the rejection in the trail")
        equal(chat(gateway).status, 200)
        settled(gateway, 1)


run_cases()
