"""What integration tests share: the gateway as a process, upstreams that follow a script, a raw client, and the case runner.

Every wait has a bound; every port is 0. Lines printed: `ok NAME`, `not ok NAME: why`, `skip NAME: why`."""
import argparse, contextlib, json, os, pathlib, re, select, signal, socket, ssl, subprocess, sys, tempfile, threading, time, traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOUND = 10.0   # seconds that any single wait may take

_parser = argparse.ArgumentParser()
_parser.add_argument("--kt", default=os.environ.get("KT_BINARY", str(ROOT / "build/release/kt")))
_parser.add_argument("--shared", help="folder with the conformance cases")
_parser.add_argument("--long", action="store_true")
_parser.add_argument("names", nargs="*", help="run only cases with one of these in the name")
OPTIONS = _parser.parse_args()
KT = OPTIONS.kt

_cases = []


class Skip(Exception):
    pass


def case(function):
    """A test: its name with spaces is what it shows."""
    _cases.append(function)
    return function


def run_cases():
    failed = 0
    for function in _cases:
        name = function.__name__.replace("_", " ")
        if OPTIONS.names and not any(each in name for each in OPTIONS.names):
            continue
        try:
            function()
            print(f"ok {name}", flush=True)
        except Skip as why:
            print(f"skip {name}: {why}", flush=True)
        except BaseException as error:
            failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {name}: {type(error).__name__} at {pathlib.Path(place.filename).name}:{place.lineno}: {error}".replace("\n", " | "), flush=True)
            if OPTIONS.names:
                traceback.print_exc()
    sys.exit(1 if failed else 0)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what + ': ' if what else ''}got {actual!r:.400}, expected {expected!r:.400}")


def wait_until(fact, what, bound=BOUND):
    """Polls until fact() is true; returns its value."""
    end = time.monotonic() + bound
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {bound} s: {what}")
        time.sleep(0.002)


def soon(fact, expected, what=""):
    """For what is noted after the answer has gone out: polls until fact() is that, for two seconds."""
    end = time.monotonic() + 2
    while fact() != expected and time.monotonic() < end:
        time.sleep(0.002)
    equal(fact(), expected, what)


# --- messages ---------------------------------------------------------------------------------------------------------------

class Message:
    """A parsed head with what was read of the body."""

    def __init__(self, head):
        self.raw_head = head
        lines = head.decode("latin-1").split("\r\n")
        self.start = lines[0]
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
        self.body = b""
        self.complete = False

    def __getitem__(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def names(self):
        return [key.lower() for key, _ in self.fields]

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    @property
    def target(self):
        return self.start.split(" ")[1]

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]


class Channel:
    """A socket with a buffer. Reading past the end returns b''."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""
        sock.settimeout(BOUND)

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def fill(self):
        try:
            data = self.sock.recv(262144)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            data = b""
        self.buffer += data
        return data

    def read_until(self, mark):
        while mark not in self.buffer:
            if not self.fill():
                return None
        taken, self.buffer = self.buffer.split(mark, 1)
        return taken + mark

    def read_exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                return None
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def read_chunk(self):
        """One HTTP chunk, b'' for the last one, None for a body that was cut."""
        size = self.read_until(b"\r\n")
        if size is None:
            return None
        data = self.read_exactly(int(size, 16) + 2)
        return None if data is None else data[:-2]

    def read_head(self):
        head = self.read_until(b"\r\n\r\n")
        return Message(head[:-4]) if head else None

    def read_message(self, to_head_request=False):
        message = self.read_head()
        if message is None:
            return None
        if (message["transfer-encoding"] or "").lower() == "chunked":
            while (chunk := self.read_chunk()) is not None:
                message.body += chunk
                if not chunk:
                    message.complete = True
                    break
        else:
            wanted = 0 if to_head_request else int(message["content-length"] or 0)
            while len(self.buffer) < wanted and self.fill():
                pass
            message.body, self.buffer = self.buffer[:wanted], self.buffer[wanted:]
            message.complete = len(message.body) == wanted
        return message

    def read_slowly(self, step, every):
        """All there is up to the end, `step` bytes at most in `every` seconds."""
        parts, turn = [], time.monotonic()
        while data := self.sock.recv(step):
            parts.append(data)
            turn += every
            wait_until(lambda: time.monotonic() >= turn, "the next turn to read")
        return b"".join(parts)

    def at_end(self):
        """Reads the end of the stream, and nothing before it."""
        return not self.buffer and not self.fill()

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.sock.close()


# --- upstream ---------------------------------------------------------------------------------------------------------------

class Upstream:
    """A TCP server; each connection runs `script(channel, upstream)`. By default it answers every request with `reply`."""

    def __init__(self, script=None, reply=None, tls=None):
        self.requests, self.connections, self.gone_at = [], 0, []
        self._script = script or (lambda channel, upstream: upstream.serve(channel))
        self.reply = reply or plain({"ok": True})
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                sock.settimeout(BOUND)
                sock = self._tls.wrap_socket(sock, server_side=True)
            channel = Channel(sock)
            self._open.append(channel)
            self._script(channel, self)
        except (OSError, ValueError):
            pass
        finally:
            with contextlib.suppress(OSError):
                sock.close()

    def read_request(self, channel):
        message = channel.read_message()
        if message is not None:
            self.requests.append(message)
        return message

    def serve(self, channel):
        while (request := self.read_request(channel)) is not None:
            reply = self.reply(request) if callable(self.reply) else self.reply
            channel.send(reply)

    def watch(self, channel):
        """Notes when the peer goes away."""
        while channel.fill():
            pass
        self.gone_at.append(time.monotonic())

    def wait_for(self, count=1):
        wait_until(lambda: len(self.requests) >= count, f"{count} requests upstream")
        return self.requests[count - 1]

    def close(self):
        self._listener.close()
        for channel in self._open:
            with contextlib.suppress(OSError):
                channel.sock.shutdown(socket.SHUT_RDWR)


def plain(body, status=200, fields=()):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(data)}", *[f"{k}: {v}" for k, v in fields]]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data):
    data = data if isinstance(data, bytes) else data.encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(value):
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def delta(text, **more):
    return event({"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, **more}]})


DONE = b"data: [DONE]\n\n"


def stream(*events):
    return STREAM_HEAD + b"".join(chunk(each) for each in events) + b"0\r\n\r\n"


# --- gateway ----------------------------------------------------------------------------------------------------------------

def target(upstream, id="one", model="gpt-4o", **more):
    url = upstream if isinstance(upstream, str) else upstream.url
    return {"id": id, "provider": "azure-openai", "model": model, "base_url": url, "azure_api_version": "2024-10-21",
            "secret_key_ref": {"env": "KT_TEST_KEY"}, **more}


def config(*targets, **sections):
    """A configuration (JSON is YAML)."""
    return {"pack": {"name": "test", "version": "1.0.0"}, "policies": {"chain": []}, "providers": {"targets": list(targets)}, **sections}


class Gateway:
    """`kt gateway run` on a free port. Use as a context manager; it must end with exit code 0 unless told otherwise."""

    def __init__(self, configuration, *args, env=None, tls=None, expect_exit=0, workers=2, state=None):
        self.dir = tempfile.TemporaryDirectory(prefix="kt-test-")
        self.path = pathlib.Path(self.dir.name) / "policy-config.yaml"
        self.write(configuration)
        self.expect_exit = expect_exit
        self.log_path = pathlib.Path(self.dir.name) / "log"
        command = [KT, "gateway", "run", "--listen", "127.0.0.1:0", "--policy-config", str(self.path), "--workers", str(workers), "--log-level", "debug",
                   "--state-dir", str(state or pathlib.Path(self.dir.name) / "state"), *args]
        environment = {**os.environ, "KT_TEST_KEY": "test-key-1", **(env or {})}
        for name in [name for name, value in environment.items() if value is None]:
            del environment[name]
        self._log = open(self.log_path, "wb")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, env=environment, cwd=self.dir.name)
        self.port = self._ready()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def write(self, configuration):
        self.path.write_text(configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1))

    def _ready(self):
        ready, _, _ = select.select([self.process.stdout], [], [], BOUND)
        line = self.process.stdout.readline().decode() if ready else ""
        found = re.search(r"listening on \S+:(\d+)", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"the gateway did not start: {self.log()[-500:]}")
        return int(found[1])

    def log(self):
        return self.log_path.read_text(errors="replace")

    def connect(self, buffer=None):
        """`buffer`: bytes the kernel may hold for a client that does not read."""
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(BOUND)
        sock.connect(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Channel(sock)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(BOUND)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(BOUND)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "no exit within the bound"
        self.process.stdout.close()
        self._log.close()
        log = self.log()
        self.dir.cleanup()
        if kind is None and code != self.expect_exit:
            raise AssertionError(f"exit code {code}: {log[-500:]}")


CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


def post(path, body, fields=()):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "host: gateway.test", "content-type: application/json", f"content-length: {len(data)}", *[f"{k}: {v}" for k, v in fields]]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def get(path, fields=()):
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: gateway.test", *[f"{k}: {v}" for k, v in fields]]).encode() + b"\r\n\r\n"


def ask(gateway, request):
    """One request on a connection of its own; the whole answer."""
    channel = gateway.connect()
    channel.send(request)
    answer = channel.read_message()
    channel.close()
    if answer is None:
        raise AssertionError("no answer")
    return answer


def chat(gateway, body=None, path="/v1/chat/completions", fields=()):
    return ask(gateway, post(path, CHAT if body is None else body, fields))


def events_of(body):
    return [block + b"\n\n" for block in body.split(b"\n\n") if block]


def shared(name):
    """The conformance folder's file, or Skip."""
    if not OPTIONS.shared:
        raise Skip("needs --shared DIR")
    path = pathlib.Path(OPTIONS.shared) / name
    if not path.exists():
        raise Skip(f"{name} is not in the shared folder")
    return path


# --- simulator and clients --------------------------------------------------------------------------------------------------

class Simulator:
    """`kt simulate azure` on a free port."""

    def __init__(self, *args):
        command = [KT, "simulate", "azure", "--listen", "127.0.0.1:0", "--api-key", "simulator-key", *args]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        ready, _, _ = select.select([self.process.stdout], [], [], BOUND)
        line = self.process.stdout.readline().decode() if ready else ""
        found = re.search(r"listening on (\S+)", line)
        if not found:
            raise AssertionError("the simulator did not start")
        self.url = found[1]

    def requests(self):
        import urllib.request
        return json.loads(urllib.request.urlopen(f"{self.url}/simulator/requests", timeout=BOUND).read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def run_client(command, name, base, **more):
    """Runs a client program; its `ok`/`not ok` lines become ours, with the client's name in front."""
    done = subprocess.run([*command, *more.pop("arguments", [])], capture_output=True, text=True, timeout=120, cwd=more.pop("cwd", None),
                          env={**os.environ, "KT_BASE": base, "OPENAI_API_KEY": "unused", **more})
    lines = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "not ok "))]
    for line in lines:
        verdict, rest = line.split("ok ", 1)
        print(f"{verdict}ok {name}: {rest}", flush=True)
    if done.returncode != 0 or not lines:
        print(f"not ok {name}: ends well: {(done.stderr.strip().splitlines() or ['no line'])[-1]}", flush=True)
        return False
    return not any(line.startswith("not ok") for line in lines)
