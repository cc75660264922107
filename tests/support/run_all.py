#!/usr/bin/env python3
"""Runs everything CI runs and closes with 'N passed, N failed, N skipped'.

Three kinds of tests, all run side by side on the machine's cores:
  build/.../tests/*_tests     unit tests; every test case counts
  tests/checks/*.py           rules about the source tree
  tests/{integration,conformance,sdk}/*_test.py   programs against the real binary
A script prints one line a case: 'ok NAME', 'not ok NAME: why', 'skip NAME: why'; its exit code must agree.
"""
import argparse, concurrent.futures, json, os, pathlib, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(command, timeout, env):
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode(errors="replace"), time.monotonic() - started
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode(errors="replace") + f"\nstopped after {timeout} s", timeout


def unit(program, timeout, env):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        code, output, seconds = run([str(program), f"--gtest_output=json:{report.name}", "--gtest_brief=1"], timeout, env)
        try:
            tree = json.load(open(report.name))
        except ValueError:
            return [("not ok", program.name, f"ended with {code} before its report\n{output[-4000:]}")], seconds
    cases = []
    for suite in tree.get("testsuites", []):
        for case in suite["testsuite"]:
            name = f"{program.name} {suite['name']}.{case['name']}"
            if case.get("failures"):
                cases.append(("not ok", name, case["failures"][0]["failure"][:2000]))
            elif case.get("result") == "SKIPPED":
                cases.append(("skip", name, "skipped by the test"))
            else:
                cases.append(("ok", name, ""))
    if code != 0 and not any(kind == "not ok" for kind, _, _ in cases):
        cases.append(("not ok", program.name, f"exit code {code}\n{output[-2000:]}"))
    return cases, seconds


def script(path, arguments, timeout, env):
    code, output, seconds = run([sys.executable, str(path), *arguments], timeout, env)
    cases = []
    for line in output.splitlines():
        for kind in ("not ok ", "ok ", "skip "):
            if line.startswith(kind):
                name, _, why = line[len(kind):].partition(": ")
                cases.append((kind.strip(), f"{path.relative_to(ROOT)} {name}", why))
                break
    failed = any(kind == "not ok" for kind, _, _ in cases)
    if (code != 0 and not failed) or not cases:
        cases.append(("not ok", str(path.relative_to(ROOT)), f"exit code {code}\n{output[-4000:]}"))
    return cases, seconds


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True, help="the build directory")
    arguments.add_argument("--shared", default="", help="a folder with the conformance data; without it those tests are skipped")
    arguments.add_argument("--long", action="store_true", help="the long suites too")
    arguments.add_argument("--only", default="", help="run only what has this in its name")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    options = arguments.parse_args()
    build = pathlib.Path(options.build)
    extra = ["--kt", str(build / "kt")]
    if options.shared:
        extra += ["--shared", str(pathlib.Path(options.shared).resolve())]
    if options.long:
        extra += ["--long"]
    env = {**os.environ, "KT_BINARY": str(build / "kt")}
    timeout = 3600 if options.long else 900

    jobs = [(program.name, unit, (program, timeout, env)) for program in sorted((build / "tests").glob("*_tests"))]
    for folder in ("checks", "integration", "conformance", "sdk"):
        pattern = "*.py" if folder == "checks" else "*_test.py"
        jobs += [(str(path.relative_to(ROOT)), script, (path, extra, timeout, env))
                 for path in sorted((ROOT / "tests" / folder).glob(pattern))]
    jobs = [job for job in jobs if options.only in job[0]]

    counts, troubles = {"ok": 0, "not ok": 0, "skip": 0}, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(function, *args): name for name, function, args in jobs}
        for done in concurrent.futures.as_completed(running):
            cases, seconds = done.result()
            tally = {kind: sum(1 for k, _, _ in cases if k == kind) for kind in counts}
            print(f"{running[done]}: {tally['ok']} ok, {tally['not ok']} failed, {tally['skip']} skipped, {seconds:.1f} s", flush=True)
            for kind, name, why in cases:
                counts[kind] += 1
                if kind != "ok":
                    troubles.append((kind, name, why))
    for kind, name, why in sorted(troubles, key=lambda trouble: trouble[0], reverse=True):
        print(f"{'FAILED' if kind == 'not ok' else 'skipped'}: {name}" + (f": {why}" if why else ""))
    print(f"{counts['ok']} passed, {counts['not ok']} failed, {counts['skip']} skipped")
    return 1 if counts["not ok"] or not counts["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
