#!/usr/bin/env python3
"""HTTP cases of the conformance folder: requests against the connection code, requests through the whole gateway, responses."""
import base64, pathlib, re, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


def rows(name):
    return [json.loads(line) for line in shared(f"data/security/{name}").read_text().splitlines()]


def run_tool(listener, *args):
    done = subprocess.run([sys.executable, str(shared("tools/run_http1.py")), "--target", listener, "--split", "dev", *args], capture_output=True, text=True, timeout=300)
    return json.loads(done.stdout.strip().splitlines()[-1])


@case
def the_connection_code_decides_every_request_case_right():
    probe = subprocess.Popen([KT, "http1-probe", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        port = re.search(r":(\d+)$", probe.stdout.readline().strip())[1]
        result = run_tool(f"127.0.0.1:{port}")
    finally:
        probe.kill()
    equal((result["decided_ok"], result["noconnect"]), (result["decided"], 0), json.dumps(result))
    assert result["decided"] > 700 and result["strict_pct"] > 98, json.dumps(result)


@case
def behind_the_whole_gateway_nothing_malformed_or_extra_reaches_the_upstream():
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    with Gateway(config(target(f"http://127.0.0.1:{port}"))) as gateway:
        result = run_tool(f"127.0.0.1:{gateway.port}", "--upstream-port", str(port), "--wait", "0.3")
    # A 404 for an unknown path comes before the rest of the request is looked at, so what counts is what arrived.
    equal((result["upstream_extra"], result["upstream_malformed"], result["smuggled"], result["noconnect"]), (0, 0, 0, 0), json.dumps(result))


OURS = ["host", "content-type", "accept", "accept-encoding", "user-agent", "api-key", "x-ms-client-request-id", "content-length"]


@case
def a_good_request_behind_any_case_arrives_whole_or_not_at_all():
    good = json.dumps({**CHAT, "mark": "the good one"}).encode()
    upstream, count = Upstream(), 0
    with Gateway(config(target(upstream))) as gateway:
        for row in rows("http1-cases.jsonl"):
            raw = re.sub(rb"^[A-Z]+ \S+ HTTP", b"POST /v1/chat/completions HTTP", base64.b64decode(row["raw_b64"]))
            channel = gateway.connect()
            channel.sock.settimeout(0.05)
            with contextlib.suppress(OSError):
                channel.send(raw + post("/v1/chat/completions", good))
            with contextlib.suppress(TimeoutError):
                while channel.fill():
                    pass
            channel.reset()
            count += 1
            assert all(each.names() == OURS and each.start.startswith("POST /openai/deployments/gpt-4o/chat/completions?") for each in upstream.requests), row["id"]
            assert all(each.body == good or (each.body != b"" and json.loads(each.body).get("model") == "gpt-4o") for each in upstream.requests), row["id"]
            assert len(upstream.requests) <= 2, row["id"]
            upstream.requests.clear()
    assert count > 700


@case
def every_upstream_response_case_is_forwarded_cleanly_or_is_502():
    current = [b""]

    def script(channel, upstream):
        upstream.read_request(channel)
        channel.send(current[0])
        channel.close()

    failures, count = [], 0
    with Gateway(config(target(Upstream(script), timeout_seconds=2))) as gateway:
        for row in rows("http1-response-cases.jsonl"):
            current[0] = base64.b64decode(row["raw_b64"])
            answer = chat(gateway)
            count += 1
            last = (row.get("final") or [None])[-1]
            forwarded = last is not None and answer.status == last["status"] and len(answer.body) == last["body_len"]
            good = {"accept": forwarded, "reject": answer.status == 502, "truncated": answer.status == 502, "either": forwarded or answer.status == 502}[row["expect"]]
            if not good:
                failures.append((row["id"], row["expect"], answer.status, len(answer.body)))
    equal(failures, [])
    assert count > 60


@case
def no_spelling_of_a_path_reaches_anything_but_the_canonical_one():
    upstream, count = Upstream(), 0
    with Gateway(config(target(upstream))) as gateway:
        for row in rows("path-cases.jsonl"):
            channel = gateway.connect()
            path = base64.b64decode(row["target_b64"])
            body = json.dumps(CHAT).encode()
            channel.send(b"POST " + path + b" HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
            answer = channel.read_message()
            channel.close()
            count += 1
            reached = [each.target for each in upstream.requests]
            if row["cls"] == "traversal":
                assert answer.status in (400, 404) and not reached and b"root:" not in answer.body, row["id"]
            assert answer.status in (200, 400, 404, 405), (row["id"], answer.status)
            assert all(re.fullmatch(r"/openai/deployments/gpt-4o/(chat/completions|completions|embeddings)\?api-version=2024-10-21", each) for each in reached), (row["id"], reached)
            upstream.requests.clear()
    assert count > 100


run_cases()
