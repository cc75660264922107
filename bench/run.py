#!/usr/bin/env python3
"""kt beside nginx's proxy_pass, in one run, interleaved: requests, events of streams, latency, memory, start.

The proxy under test has core 0, the upstream and wrk have core 1. Needs nginx and wrk (./kt bench installs them)."""
import json, os, pathlib, re, signal, socket, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[1]
KT = str(pathlib.Path(sys.argv[1]) / "kt")
SECONDS = int(os.environ.get("KT_BENCH_SECONDS", "4"))
ROUNDS = int(os.environ.get("KT_BENCH_ROUNDS", "5"))
WORK = pathlib.Path(tempfile.mkdtemp(prefix="kt-bench-"))
REPLY = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "The sky is blue. " * 8}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 90, "completion_tokens": 40, "total_tokens": 130}})
PROMPT = "Please explain to me, as if I were twelve, why the sky is blue during the day but turns orange in the evening. " * 3
processes = []


def start(core, *command, env=None):
    process = subprocess.Popen(["taskset", "-c", str(core), *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(env or {})})
    processes.append(process)
    return process


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.001)
    raise SystemExit(f"nothing listens on {port}")


def nginx(core, name, servers):
    conf = WORK / f"{name}.conf"
    conf.write_text(f"""daemon off; worker_processes 1; pid {WORK}/{name}.pid; error_log {WORK}/{name}.err crit;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {WORK}/{name}-body; proxy_temp_path {WORK}/{name}-proxy;
 fastcgi_temp_path {WORK}/x1; uwsgi_temp_path {WORK}/x2; scgi_temp_path {WORK}/x3; default_type application/json; {servers} }}""")
    return start(core, "nginx", "-c", str(conf), "-p", str(WORK))


def cpu(pid):
    """CPU seconds of all threads of a process and its children, to the nanosecond."""
    processes = [pid, *pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    threads = [thread for each in processes for thread in pathlib.Path(f"/proc/{each}/task").iterdir()]
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def wrk(port, path, body, connections, seconds=SECONDS):
    script = WORK / "request.lua"
    script.write_text(f"wrk.method = 'POST'\nwrk.headers['content-type'] = 'application/json'\nwrk.headers['api-key'] = 'simulator-key'\nwrk.body = [==[{json.dumps(body)}]==]\n")
    out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(out)
    millis = lambda text: float(re.sub(r"[a-z]+", "", text)) * {"us": 0.001, "ms": 1, "s": 1000}[re.sub(r"[\d.]+", "", text)]
    return {"requests": int(re.search(r"(\d+) requests in", out)[1]), "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "p50": millis(re.search(r"(?m)^\s+50%\s+(\S+)", out)[1]), "p99": millis(re.search(r"(?m)^\s+99%\s+(\S+)", out)[1])}


def measure(process, port, path, body, connections):
    before = cpu(process.pid)
    result = wrk(port, path, body, connections)
    result["cpu_us"] = (cpu(process.pid) - before) * 1e6 / result["requests"]
    return result


def compare(title, subjects, body, connections, per=1):
    """Runs the subjects in turn and prints the medians and the ratio to the first one."""
    results = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, (process, port, path) in subjects.items():
            results[name].append(measure(process, port, path, body, connections))
    unit = "request" if per == 1 else "event"
    print(f"\n{title}\n\n| | {unit}s/s | p50 ms | p99 ms | CPU µs per {unit} | ratio |\n|---|---|---|---|---|---|")
    middle = lambda name, key: statistics.median(each[key] for each in results[name])
    first = next(iter(subjects))
    for name in subjects:
        ratio = middle(name, "rps") / middle(first, "rps") if per == 1 else middle(first, "cpu_us") / middle(name, "cpu_us")
        print(f"| {name} | {middle(name, 'rps') * per:,.0f} | {middle(name, 'p50'):.3f} | {middle(name, 'p99'):.3f} | {middle(name, 'cpu_us') / per:.2f} | {ratio:.3f} |", flush=True)


def gateway_config(name, upstream, chain, policy):
    path = WORK / f"{name}.yaml"
    path.write_text(json.dumps({"pack": {"name": "bench", "version": "1.0.0"}, "policies": {"chain": chain}, **({"policy": policy} if policy else {}), "providers": {"targets": [
        {"id": "bench", "provider": "azure-openai", "model": "gpt-4o", "base_url": f"http://127.0.0.1:{upstream}", "azure_api_version": "2024-10-21", "secret_key_ref": {"env": "KT_BENCH_KEY"}}]}}))
    return path


def gateway(name, upstream, chain=(), policy=None):
    port = free_port()
    command = [KT, "gateway", "run", "--listen", f"127.0.0.1:{port}", "--workers", "1", "--log-level", "error", "--state-dir", str(WORK / name), "--policy-config", str(gateway_config(name, upstream, list(chain), policy))]
    began = time.monotonic()
    process = start(0, *command, env={"KT_BENCH_KEY": "simulator-key"})
    process.stdout.readline()
    ready = time.monotonic() - began
    return process, port, ready


def rss_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def main():
    plain, proxy, stream_proxy = free_port(), free_port(), free_port()
    nginx(1, "upstream", f"server {{ listen 127.0.0.1:{plain}; location / {{ return 200 '{REPLY}'; }} }}")
    simulator = start(1, KT, "simulate", "azure", "--listen", "127.0.0.1:0", "--api-key", "simulator-key")
    events = int(re.search(r":(\d+)", simulator.stdout.readline().split("//")[1])[1])
    pass_to = lambda port, target: (f"upstream u{port} {{ server 127.0.0.1:{target}; keepalive 64; }} server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://u{port}; "
                                    "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering off; } }")
    front = nginx(0, "proxy", pass_to(proxy, plain) + pass_to(stream_proxy, events))
    for port in (plain, proxy, stream_proxy):
        wait_for(port)
    kt, port, _ = gateway("plain", plain)
    kt_stream, stream_port, _ = gateway("stream", events)
    path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": PROMPT}]}
    compare("Chat requests of 0.5 KB, 32 connections", {"nginx": (front, proxy, path), "kt": (kt, port, "/v1/chat/completions")}, body, 32)
    compare("The same with one connection", {"nginx": (front, proxy, path), "kt": (kt, port, "/v1/chat/completions")}, body, 1)
    streamed = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "simulate:events=100"}]}
    compare("Streams of 100 events, 8 connections (ratio of CPU per event)", {"nginx": (front, stream_proxy, path), "kt": (kt_stream, stream_port, path), "kt, OpenAI-shaped": (kt_stream, stream_port, "/v1/chat/completions")}, streamed, 8, per=100)

    starts = []
    for number in range(9):
        process, _, ready = gateway(f"start{number}", plain)
        starts.append(ready * 1000)
        idle = rss_mib(process.pid)
        process.terminate()
        process.wait()
    print(f"\nIdle RSS {idle:.1f} MiB; ready after {statistics.median(starts):.0f} ms (median of 9, best {min(starts):.0f})")


def run(measurement):
    try:
        measurement()
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    run(main)
