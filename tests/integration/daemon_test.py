#!/usr/bin/env python3
"""A daemon's manners: start, ready, reload, drain, exit codes."""
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import *


def run(*args, env=None, stdin=None):
    return subprocess.run([KT, *args], capture_output=True, text=True, timeout=BOUND, env={**os.environ, **(env or {})}, input=stdin)


def held():
    """An upstream that answers when its gate is opened."""
    gate = threading.Event()

    def script(channel, upstream):
        while upstream.read_request(channel) is not None:
            gate.wait(BOUND)
            channel.send(upstream.reply)

    upstream = Upstream(script)
    upstream.gate = gate
    return upstream


@case
def wrong_use_is_one_clear_line_and_exit_code_2():
    run_it = ["gateway", "run", "--policy-config", "x"]
    for args, said in (([], "which command? There are gateway, "), (["nonsense"], "unknown command 'nonsense'; there are gateway, "),
                       (["gatway", "run"], "unknown command 'gatway'; did you mean 'gateway'?"), (["gateway", "rnu"], "did you mean 'run'?"), (["gateway"], "There are run, status"),
                       (["gateway", "run"], "--policy-config is required"), (["gateway", "run", "--polcy-config", "x"], "unknown option --polcy-config; did you mean '--policy-config'?"),
                       ([*run_it, "--policy-config"], "--policy-config"), ([*run_it, "y"], "unexpected argument 'y'"), ([*run_it, "--workers", "many"], "--workers = many"),
                       ([*run_it, "--workers", "-1"], "--workers = -1"), ([*run_it, "--fail-mode=perhaps"], "perhaps not in {block,allow}"), ([*run_it, "--tls-cert", "y"], "--tls-key")):
        done = run(*args)
        equal((done.returncode, len(done.stderr.splitlines())), (2, 1), " ".join(args) + done.stderr)
        assert said in done.stderr, (args, done.stderr)


@case
def an_unreadable_file_is_exit_code_1_and_an_invalid_one_2():
    done = run("gateway", "run", "--policy-config", "/nonexistent.yaml")
    equal(done.returncode, 1)
    assert "/nonexistent.yaml" in done.stderr
    with tempfile.TemporaryDirectory() as folder:
        done = run("gateway", "run", "--policy-config", folder)
        equal((done.returncode, done.stderr), (1, f"{folder}: error E100: the file cannot be read; check the path and its permissions\n"))
        path = pathlib.Path(folder) / "bad.yaml"
        path.write_text("pack:\n  name: x\n  version: 1.0.0\nprovidrs: {}\n")
        done = run("gateway", "run", "--policy-config", str(path))
        equal(done.returncode, 2)
        assert f"{path}:4:1: error" in done.stderr and "did you mean 'providers'" in done.stderr


@case
def a_taken_port_and_a_bad_address_are_clear_errors():
    taken = socket.create_server(("127.0.0.1", 0))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "ok.yaml"
        path.write_text(json.dumps(config(target("http://127.0.0.1:1"))))
        done = run("gateway", "run", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--policy-config", str(path))
        equal(done.returncode, 1)
        assert "is taken" in done.stderr
        done = run("gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(path), "--tls-cert", "/nonexistent.pem", "--tls-key", str(path))
        equal(done.returncode, 1)
        assert "cannot use certificate /nonexistent.pem: No such file or directory" in done.stderr, done.stderr
        for bad in ("nowhere", "127.0.0.1:99999", "300.1.1.1:80", "[::1:80"):
            equal(run("gateway", "run", "--listen", bad, "--policy-config", str(path)).returncode, 2, bad)


@case
def the_gateway_is_ready_soon_after_its_start():
    best = 9.0
    for _ in range(5):
        began = time.monotonic()
        with Gateway(config(target("http://127.0.0.1:1"))) as gateway:
            equal(ask(gateway, get("/readyz")).status, 200)
            best = min(best, time.monotonic() - began)
    assert best < 0.5, f"{best * 1000:.0f} ms"


@case
def what_is_not_in_effect_is_listed():
    with Gateway({**config(target("http://127.0.0.1:1")), "cors": {"enabled": True, "allow_origins": ["*"]}}) as gateway:
        assert "NOT IN EFFECT" in gateway.log()
        warnings = ask(gateway, get("/readyz?verbose")).json()["warnings"]
        assert any("cors" in each for each in warnings), warnings


@case
def what_would_open_a_door_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "doors.yaml"
        for section in ({"ip_allowlist": {"cidrs": ["10.0.0.0/8"]}},):
            path.write_text(json.dumps(config(target("http://127.0.0.1:1"), **section)))
            done = run("gateway", "run", "--policy-config", str(path))
            equal(done.returncode, 2)
            assert "E211" in done.stderr


@case
def a_term_signal_lets_running_exchanges_finish():
    upstream = held()
    with Gateway(config(target(upstream))) as gateway:
        idle, busy = gateway.connect(), gateway.connect()
        idle.send(get("/healthz"))
        idle.read_message()
        busy.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        gateway.signal(signal.SIGTERM)
        assert idle.at_end(), "an idle connection is closed"

        def refused():
            try:
                gateway.connect().close()
                return False
            except OSError:
                return True
        wait_until(refused, "no new connections")
        assert gateway.process.poll() is None
        upstream.gate.set()
        answer = busy.read_message()
        equal((answer.status, answer["connection"]), (200, "close"))
        equal(gateway.wait(), 0)


@case
def while_draining_the_gateway_is_not_ready():
    upstream = held()
    with Gateway(config(target(upstream))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT) + get("/readyz"))
        upstream.wait_for()
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: "draining" in gateway.log(), "draining")
        upstream.gate.set()
        equal(channel.read_message().status, 200)


@case
def an_exchange_longer_than_drain_seconds_is_cut():
    upstream = held()
    with Gateway(config(target(upstream), gateway={"drain_seconds": 0.2})) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)
        assert channel.at_end()


@case
def a_second_signal_ends_the_drain_at_once():
    upstream = held()
    with Gateway(config(target(upstream))) as gateway:
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: "draining" in gateway.log(), "draining")
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)


@case
def a_hangup_reloads_and_a_bad_file_changes_nothing():
    first, second = Upstream(), Upstream()
    with Gateway(config(target(first, id="first"))) as gateway:
        kept = gateway.connect()
        kept.send(get("/healthz"))
        kept.read_message()
        gateway.write("providers: [")
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: "config_rejected" in gateway.log(), "the rejection in the log")
        equal(chat(gateway)["x-kt-target"], "first")
        gateway.write(config(target(second, id="second", model="gpt-4o")))
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: chat(gateway)["x-kt-target"] == "second", "the new target")
        kept.send(post("/v1/chat/completions", CHAT))
        equal(kept.read_message()["x-kt-target"], "second")


@case
def a_reload_changes_the_drain_and_warns_about_missing_secrets():
    upstream = held()
    with Gateway(config(target(upstream))) as gateway:
        gateway.write(config(target(upstream), target(upstream, id="keyless", secret_key_ref={"env": "KT_TEST_MISSING"}), gateway={"drain_seconds": 0.2}))
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: '"event":"target_unavailable","target":"keyless"' in gateway.log(), "the warning")
        channel = gateway.connect()
        channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        gateway.signal(signal.SIGTERM)
        equal(gateway.wait(), 0)
        assert channel.at_end() and "drain_cut" in gateway.log()


@case
def a_reload_changes_how_long_upstream_connections_are_kept():
    upstream = Upstream(lambda channel, upstream: (upstream.read_request(channel), channel.send(upstream.reply), upstream.watch(channel)))
    with Gateway(config(target(upstream))) as gateway:
        gateway.write(config(target(upstream), gateway={"upstream_idle_seconds": 1}))
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: "config_loaded" in gateway.log(), "the reload")
        equal(chat(gateway).status, 200)
        wait_until(lambda: upstream.gone_at, "the end of the idle connection", 5)


@case
def a_reload_leaves_running_exchanges_their_configuration():
    upstream = held()
    with Gateway(config(target(upstream, id="first"))) as gateway:
        busy = gateway.connect()
        busy.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for()
        gateway.write(config(target(Upstream(), id="second"), target(Upstream(), id="new", model="new")))
        gateway.signal(signal.SIGHUP)
        for _ in range(8):   # all workers
            wait_until(lambda: chat(gateway, {**CHAT, "model": "new"}).status == 200, "the new configuration")
        upstream.gate.set()
        equal(busy.read_message()["x-kt-target"], "first")


@case
def an_administrator_can_reload_over_http():
    with Gateway(config(target(Upstream(), id="first"))) as gateway:
        gateway.write(config(target(Upstream(), id="second")))
        reload = b"POST /keeptrusts/config/reload HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"
        equal(ask(gateway, reload).json(), {"status": "reloaded"})
        wait_until(lambda: chat(gateway)["x-kt-target"] == "second", "the new target")
        gateway.write("pack: 7")
        answer = ask(gateway, reload)
        equal((answer.status, answer.error["type"]), (422, "validation_error"))
        equal(chat(gateway)["x-kt-target"], "second")


@case
def administration_needs_the_token_when_one_is_set():
    with Gateway(config(target(Upstream()), gateway={"admin": {"token_ref": {"env": "KT_TEST_ADMIN"}}}), env={"KT_TEST_ADMIN": "admin-token"}) as gateway:
        equal(ask(gateway, get("/keeptrusts/config")).status, 401)
        equal(ask(gateway, get("/keeptrusts/config", [("authorization", "Bearer wrong")])).status, 401)
        answer = ask(gateway, get("/keeptrusts/config", [("authorization", "Bearer admin-token")]))
        equal(answer.status, 200)
        assert "admin-token" not in answer.body.decode() and "test-key-1" not in answer.body.decode()


@case
def the_concurrency_limit_counts_over_all_workers():
    upstream = held()
    with Gateway(config(target(upstream)), "--max-concurrency", "2") as gateway:
        busy = [gateway.connect() for _ in range(2)]
        for channel in busy:
            channel.send(post("/v1/chat/completions", CHAT))
        upstream.wait_for(2)
        for _ in range(4):
            answer = chat(gateway)
            equal((answer.status, answer.error["code"], answer["retry-after"]), (503, "overloaded", "1"))
        upstream.gate.set()
        for channel in busy:
            equal(channel.read_message().status, 200)
        equal(chat(gateway).status, 200)


@case
def health_and_metrics_tell_what_happened():
    with Gateway(config(target(Upstream(reply=plain({"usage": {"prompt_tokens": 11, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}}))))) as gateway:
        chat(gateway)
        chat(gateway, {**CHAT, "model": "none"})
        health = ask(gateway, get("/health")).json()
        equal((health["status"], health["policies_loaded"], health["providers"]["one"]["status"]), ("healthy", 0, "healthy"))
        text = ask(gateway, get("/metrics")).body.decode()
        for line in ('keeptrusts_llm_requests_total{model="gpt-4o",provider="azure-openai",status="200",verdict="allow"} 1',
                     'keeptrusts_llm_requests_total{model="none",provider="none",status="404",verdict="error"} 1',
                     'keeptrusts_llm_tokens_total{model="gpt-4o",provider="azure-openai",direction="input"} 11',
                     'keeptrusts_llm_tokens_total{model="gpt-4o",provider="azure-openai",direction="output"} 5'):
            assert line in text, line


@case
def status_tells_whether_a_gateway_is_ready():
    with Gateway(config(target(Upstream()))) as gateway:
        equal(run("gateway", "status", "--address", f"127.0.0.1:{gateway.port}").returncode, 0)
        port = gateway.port
    equal(run("gateway", "status", "--address", f"127.0.0.1:{port}").returncode, 1)
    equal(run("gateway", "status", "--address", "nonsense").returncode, 2)


@case
def up_shows_its_requests_and_ends_with_0():
    done = subprocess.run([str(ROOT / "tests/support/up.sh"), KT, "--once"], capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, done.stdout + done.stderr)
    for shown in ("[DONE]", "model_not_found", '"policy": "prompt-injection"', "the model saw: Please write to [EMAIL_1].", "ada@example.org", "[CREDIT_CARD]", "audit log: ok"):
        assert shown in done.stdout, f"{shown} is not in {done.stdout}"
    assert "Hello from the second target." in done.stdout and "x-kt-attempts: 2" in done.stdout, done.stdout


@case
def up_takes_free_ports_when_its_own_are_taken():
    with contextlib.ExitStack() as stack:
        for port in (41100, 41002):
            with contextlib.suppress(OSError):   # taken by somebody else: as good
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        done = subprocess.run([str(ROOT / "tests/support/up.sh"), KT, "--once"], capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, done.stdout + done.stderr)
    for port in (41100, 41002):
        assert f"127.0.0.1:{port} is taken, taking a free port" in done.stdout, done.stdout


@case
def the_version_is_printed():
    import re
    assert re.match(r"kt \d+\.\d+\.\d+", run("version").stdout), run("version").stdout
    equal(run("--version").stdout, run("version").stdout)


run_cases()
