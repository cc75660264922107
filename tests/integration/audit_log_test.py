#!/usr/bin/env python3
"""The audit log's writer when it is killed and when its disk fails, and what two verifiers say of the result. The writer runs in
`kt audit-stress`, which prints the id of every request whose record it was told to be stored: what a client would have seen."""
import json, os, pathlib, random, resource, shutil, signal, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import KT, OPTIONS, ROOT, Skip, case, equal, run_cases, wait_until

SECOND = ROOT / "tests/support/audit_verify.py"
ENDS = ("request.completed", "request.interrupted")


class State:
    """A state directory that goes away."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="kt-audit-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def segments(self):
        return sorted((self.path / "audit").glob("audit-*.jsonl"))

    def records(self):
        for path in self.segments():
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):   # a last line without it was not finished, and the next segment says so
                    yield json.loads(line)


def stress(state, *arguments, prefix=(), **more):
    return subprocess.Popen([*prefix, KT, "audit-stress", "--state-dir", str(state), *map(str, arguments)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def finish(process):
    """The ids that were seen, and what stood on standard error."""
    out, err = process.communicate(timeout=120)
    if process.returncode != 0:
        raise AssertionError(f"exit {process.returncode}: {err[-500:]}")
    return out.split(), err


def verify(state, *arguments):
    done = subprocess.run([KT, "audit", "verify", "--state-dir", str(state), "--json", *arguments], capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {"error": done.stderr}


def second(state, *arguments):
    done = subprocess.run([sys.executable, str(SECOND), str(state), *arguments], capture_output=True, text=True, timeout=300)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {"error": done.stderr}


def both_ok(state):
    first = verify(state)
    equal(first[0], 0, f"kt audit verify says {first[1]}")
    other = second(state)
    equal(other[0], 0, f"the second verifier says {other[1]}")
    equal(other[1]["lines"], first[1]["lines"], "lines")
    return first[1]


def each_once(state, seen):
    """Every request a client saw has one accepted and one end; no request has two of either."""
    accepted, ended = {}, {}
    for record in state.records():
        kind = record["event_type"]
        if kind == "request.accepted":
            accepted[record["request_id"]] = accepted.get(record["request_id"], 0) + 1
        elif kind in ENDS:
            ended[record["request_id"]] = ended.get(record["request_id"], 0) + 1
    lost = [each for each in seen if each not in accepted]
    equal(len(lost), 0, f"seen and not accepted, such as {lost[:3]}")
    for name, counts in (("accepted", accepted), ("ended", ended)):
        doubled = [each for each, n in counts.items() if n != 1]
        equal(len(doubled), 0, f"{name} more than once, such as {doubled[:3]}")
    equal(sorted(ended), sorted(accepted), "every accepted request has an end")
    return len(accepted)


def kill_at_random(state, seed):
    """Runs the writer and kills it after a random number of answers."""
    chance = random.Random(seed)
    process = stress(state, "--mode", chance.choice(["group", "group", "strict"]), "--threads", 2, "--in-flight", chance.choice([1, 4, 16]),
                     "--segment-bytes", chance.choice([20_000, 200_000, 1_000_000]), "--checkpoint-lines", chance.choice([7, 100, 1000]))
    seen = [process.stdout.readline().strip() for _ in range(chance.randrange(1, 800))]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split("\n")   # what the pipe and the reader's buffer still hold
    err = process.stderr.read()
    equal(process.wait(30), -signal.SIGKILL, err[-300:])
    return [each for each in seen + rest[:-1] if each]


@case
def killed_at_random_points_nothing_is_lost_and_nothing_doubled():
    runs, per_directory, total = (500 if OPTIONS.long else 6), 25, 0
    for first in range(0, runs, per_directory):
        with State() as state:
            seen = []
            for seed in range(first, min(first + per_directory, runs)):
                seen += kill_at_random(state.path, seed)
                code, found = verify(state.path)
                equal(code, 0, f"run {seed}, before the restart: {found}")
            finish(stress(state.path, "--requests", 4, "--threads", 1))
            both_ok(state.path)
            total += each_once(state, seen)
    if OPTIONS.long:
        print(f"# {runs} kills, {total} requests recorded", flush=True)


def strace_works():
    if not shutil.which("strace"):
        raise Skip("no strace here")
    done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True)
    if done.returncode != 0:
        raise Skip("strace may not trace here")


def injected(what, calls, path=None):
    strace_works()
    for call in calls:
        with State() as state:
            inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={what.split(':')[0]}", "-e", f"inject={what}:when={call}"]
            if path:
                inject += ["-P", str(state.path / path)]
            process = stress(state.path, "--requests", 300, "--threads", 2, "--in-flight", 4, "--segment-bytes", 60_000, prefix=inject)
            out, err = process.communicate(timeout=120)
            if process.returncode != 0:
                # A disk that fails before the log is open: the start says so and nothing was served.
                equal((process.returncode, out), (1, ""), f"{what} at call {call}: {err[-300:]}")
                equal("kt: cannot" in err, True, err)
                finish(stress(state.path, "--requests", 4, "--threads", 1))
            both_ok(state.path)
            each_once(state, out.split())


@case
def a_failed_sync_loses_nothing_that_was_acknowledged():
    injected("fdatasync:error=EIO", range(1, 51) if OPTIONS.long else (3, 8, 9, 14))


@case
def a_failed_write_loses_nothing_that_was_acknowledged():
    for error in ("ENOSPC", "EIO"):
        injected(f"write:error={error}", range(1, 51) if OPTIONS.long else (2, 5), "audit/audit-0000000001.jsonl")


@case
def failed_opens_and_renames_are_survived():
    for what in ("openat:error=EMFILE", "rename:error=EIO"):
        injected(what, [f"{n}+60" for n in range(40, 60)] if OPTIONS.long else ["45+40", "50+7"])


@case
def short_writes_are_carried_on():
    with State() as state:
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_001, 1_500_001))
        seen, err = finish(stress(state.path, "--requests", 8000, preexec_fn=small_files))
        equal("audit_unavailable" in err, True, "the limit was never reached")
        both_ok(state.path)
        each_once(state, seen)
        kinds = [record["event_type"] for record in state.records()]
        equal("audit.gap" in kinds, True, "no audit.gap")


@case
def a_full_disk_refuses_and_recovers_by_itself():
    with State() as state:
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(state.path)], capture_output=True)
        if made.returncode != 0:
            raise Skip("no mounts here")
        try:
            process = stress(state.path, "--threads", 2, "--in-flight", 4)
            full = lambda: any(b"audit_unavailable" in line for line in iter(process.stderr.buffer.readline, b""))
            seen = []
            import threading
            reader = threading.Thread(target=lambda: seen.extend(process.stdout.read().split()))
            reader.start()
            equal(full(), True, "the disk never filled up")
            subprocess.run(["mount", "-o", "remount,size=64m", str(state.path)], check=True)
            back = lambda: any(b"audit_available" in line for line in iter(process.stderr.buffer.readline, b""))
            equal(back(), True, "it did not recover")
            process.send_signal(signal.SIGKILL)
            reader.join(30)
            process.wait(30)
            finish(stress(state.path, "--requests", 4, "--threads", 1))
            both_ok(state.path)
            each_once(state, seen)
            gaps = [record for record in state.records() if record["event_type"] == "audit.gap"]
            equal(len(gaps) >= 1 and gaps[0]["refused"] > 0, True, f"the gap is not recorded: {gaps}")
        finally:
            subprocess.run(["umount", "-l", str(state.path)], check=False)


@case
def a_second_process_refuses_to_start():
    with State() as state:
        one = stress(state.path, "--threads", 1, "--in-flight", 1)
        one.stdout.readline()
        two = stress(state.path, "--requests", 1)
        _, err = two.communicate(timeout=30)
        equal((two.returncode, "in use by another process" in err), (1, True), err)
        one.kill()
        one.communicate(timeout=30)


def small_log(state):
    finish(stress(state.path, "--requests", 100 if OPTIONS.long else 25, "--threads", 1, "--in-flight", 2, "--segment-bytes", 16_000, "--checkpoint-lines", 10))


@case
def two_verifiers_agree_on_every_manipulation():
    with State() as state:
        small_log(state)
        both_ok(state.path)
        step = 1 if OPTIONS.long else 9
        texts = {path: path.read_bytes() for path in state.segments()}

        def check(what, near=None):
            first, other = verify(state.path), second(state.path)
            equal((first[0], other[0]), (3, 3), f"{what}: {first[1]} {other[1]}")
            for found in (first[1]["fault"], other[1]["fault"]):
                if near is not None and not near - 1 <= found["seq"] <= near + 1:
                    raise AssertionError(f"{what}: the line is {near}, found {found}")

        seq = 0
        for path, text in texts.items():
            lines = text.splitlines(keepends=True)
            for i in range(0, len(lines)):
                if (seq + i) % step:
                    continue
                here = seq + i
                flipped = bytearray(lines[i])
                flipped[here * 37 % len(flipped)] ^= 1 << here % 8
                for what, changed in (("deleted", lines[:i] + lines[i + 1:]), ("doubled", lines[:i + 1] + lines[i:]),
                                      ("swapped", lines[:i] + lines[i + 1:i + 2] + lines[i:i + 1] + lines[i + 2:]),
                                      ("flipped", lines[:i] + [bytes(flipped)] + lines[i + 1:]),
                                      ("cut in the line", lines[:i] + [lines[i][:len(lines[i]) // 2]])):
                    if changed == lines:
                        continue
                    path.write_bytes(b"".join(changed))
                    check(f"{what} at {here}", None if what.startswith("cut") else here)
                path.write_bytes(text)
            seq += len(lines)
        for path, text in texts.items():
            path.unlink()
            check(f"{path.name} is missing")
            path.write_bytes(text)
        both_ok(state.path)


@case
def every_byte_of_a_log_with_one_bit_flipped_is_found():
    if not OPTIONS.long:
        raise Skip("a long suite; samples are in the unit tests")
    tests = pathlib.Path(KT).parent / "tests/audit_tests"
    done = subprocess.run([str(tests), "--gtest_also_run_disabled_tests", "--gtest_filter=*EverySingleByte*"], capture_output=True, text=True, timeout=3000)
    equal(done.returncode, 0, done.stdout[-500:])
    print("# " + next(line for line in done.stdout.splitlines() if line.endswith("flips found")), flush=True)


@case
def keys_change_hands_and_commands_say_what_they_found():
    with State() as state:
        def run(*arguments, code=0):
            done = subprocess.run([KT, *arguments, "--state-dir", str(state.path)], capture_output=True, text=True, timeout=60)
            equal(done.returncode, code, f"{arguments}: {done.stderr}")
            return done.stdout
        run("audit", "verify", code=1)
        run("audit", "keygen")
        run("audit", "keygen", code=1)
        first = (state.path / "audit-state/public.key").read_text()
        seen, _ = finish(stress(state.path, "--requests", 20, "--threads", 1))
        run("audit", "rotate")
        finish(stress(state.path, "--requests", 20, "--threads", 1))
        both_ok(state.path)
        keep = state.path / "first.key"
        keep.write_text(first)
        equal(verify(state.path, "--public-key", str(keep))[0], 0, "the first key is enough")
        equal(second(state.path, "--public-key", str(keep))[0], 0, "the first key is enough")
        equal(run("audit", "show", seen[3]).count('"event_type"'), 2)
        equal(len(run("audit", "search", "--consumer", "team-a", "--type", "all").splitlines()), 80)
        equal(run("audit", "search", "--consumer", "team-b"), "")
        equal(len(run("events", "tail", "-n", "7").splitlines()), 7)
        equal(len(run("events", "export").splitlines()), 40)
        rows = run("events", "export", "--format", "csv", "--model", "gpt-4o", "--since", "1h").split("\n")
        equal((rows[0].split(",")[3], len(rows)), ("request_id", 42))
        run("events", "tail", "--since", "yesterday", code=2)
        run("audit", "show", "nothing", code=1)


@case
def a_rotation_that_is_killed_anywhere_is_finished_or_undone():
    strace_works()
    for call, points in (("rename", range(1, 12)), ("fdatasync", range(1, 14)), ("write", range(1, 16))):
        for point in points if OPTIONS.long else points[3::5]:
            with State() as state:
                finish(stress(state.path, "--requests", 20, "--threads", 1))
                subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={point}", KT, "audit", "rotate",
                                "--state-dir", str(state.path)], capture_output=True, timeout=60)
                finish(stress(state.path, "--requests", 4, "--threads", 1))
                both_ok(state.path)
                equal((state.path / "audit-state/next-signing.key").exists(), False)
                rotated = sum(record["event_type"] == "key.rotated" for record in state.records())
                equal(len((state.path / "audit-state/public.key").read_text().splitlines()), 1 + rotated)


@case
def a_witness_proves_that_the_end_was_cut():
    with State() as state:
        witness = state.path / "witness.jsonl"
        finish(stress(state.path, "--requests", 40, "--threads", 1, "--checkpoint-lines", 10, "--witness", witness))
        equal(verify(state.path, "--witness", str(witness))[0], 0)
        equal(second(state.path, "--witness", str(witness))[0], 0)
        path = state.segments()[-1]
        lines = path.read_bytes().splitlines(keepends=True)
        last = max(i for i, line in enumerate(lines) if b'"audit.checkpoint"' in line)
        path.write_bytes(b"".join(lines[:last + 1]))
        shutil.rmtree(state.path / "audit-state")
        equal((verify(state.path)[0], second(state.path)[0]), (0, 0), "not provable without an outside copy")
        equal((verify(state.path, "--witness", str(witness))[0], second(state.path, "--witness", str(witness))[0]), (3, 3))


run_cases()
