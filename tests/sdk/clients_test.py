#!/usr/bin/env python3
"""Real clients against the real binary, with the bundled simulator behind it."""
import pathlib, shutil, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import sdk
from harness import *

QUICKSTART = (ROOT / "configs/quickstart.yaml").read_text()


def gateway_on(simulator):
    return Gateway(QUICKSTART, env={"KT_SIMULATOR_URL": simulator.url, "KT_SIMULATOR_KEY": "simulator-key"})


def skip(names, why):
    for name in names:
        print(f"skip {name}: {why}", flush=True)


def policed(simulator):
    """The page's first example, as it stands there."""
    return Gateway((ROOT / "configs/page-01-policies.yaml").read_text(), "--upstream", simulator.url, "--upstream-api-key", "simulator-key")


def policy_clients(base):
    for name, client, file in (("openai for Python", sdk.python, "policies.py"), ("openai for Node", sdk.node, "policies.mjs")):
        try:
            found = client()
        except (sdk.NotInstalled, OSError, subprocess.TimeoutExpired) as why:
            skip([f"policies through {name}"], why)
            continue
        command, folder = found if isinstance(found, tuple) else (found, None)
        if folder:
            shutil.copy(sdk.CLIENTS / file, folder)
        run_client([*command, file if folder else str(sdk.CLIENTS / file)], f"policies through {name}", base, cwd=folder)


def python_clients(base):
    try:
        python = sdk.python()
    except (sdk.NotInstalled, OSError, subprocess.TimeoutExpired) as why:
        skip(("openai for Python", "LangChain for Python", "the page's snippets"), why)
        return
    for name, file in (("openai for Python", "openai_python.py"), ("LangChain for Python", "langchain_python.py")):
        run_client([*python, str(sdk.CLIENTS / file)], name, base)
    for file in ("page_chat.py", "page_stream.py"):
        text = (sdk.CLIENTS / file).read_text()
        assert "http://localhost:8080/v1" in text
        done = subprocess.run([*python, "-c", text.replace("http://localhost:8080", base)], capture_output=True, text=True, timeout=60)
        good = done.returncode == 0 and done.stdout.strip()
        print(f"ok the page's snippet {file}" if good else f"not ok the page's snippet {file}: {done.stderr.strip().splitlines()[-1:]}", flush=True)


def node_clients(base):
    clients = (("openai for Node", "openai_node.mjs"), ("LangChain for Node", "langchain_node.mjs"), ("Vercel AI SDK", "vercel_ai.mjs"))
    try:
        node, folder = sdk.node()
    except (sdk.NotInstalled, OSError, subprocess.TimeoutExpired) as why:
        skip([name for name, _ in clients], why)
        return
    for each in sdk.CLIENTS.glob("*.mjs"):
        shutil.copy(each, folder)
    for name, file in clients:
        run_client([*node, file], name, base, cwd=folder)


def curl(base):
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]})
    for name, arguments in (("chat", [f"{base}/v1/chat/completions", "-H", "Content-Type: application/json", "-d", body]),
                            ("stream", ["-N", f"{base}/v1/chat/completions", "-H", "Content-Type: application/json", "-d", body.replace("{", '{"stream":true,', 1)]),
                            ("models", [f"{base}/v1/models"])):
        done = subprocess.run(["curl", "-sS", "--fail-with-body", *arguments], capture_output=True, text=True, timeout=30)
        good = done.returncode == 0 and ("data: [DONE]" in done.stdout if name == "stream" else "error" not in json.loads(done.stdout))
        print(f"ok curl: {name}" if good else f"not ok curl: {name}: {done.stderr.strip()} {done.stdout[:200]}", flush=True)


with Simulator() as simulator, gateway_on(simulator) as gateway:
    curl(gateway.url)
    python_clients(gateway.url)
    node_clients(gateway.url)
with Simulator() as simulator, policed(simulator) as gateway:
    policy_clients(gateway.url)
