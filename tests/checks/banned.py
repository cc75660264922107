#!/usr/bin/env python3
"""Calls that are banned from the source, each with its reason."""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BANNED = [
    (r"std::regex", "libstdc++'s regex backtracks and recurses: seconds and a stack overflow on hostile text; use text/ scanners or RE2"),
    (r"co_await [^;]*\[[^\]&]+\]\s*(\([^)]*\))?[^;]*\{", "g++ 12 double-frees a capturing lambda inside a co_await expression: name it on the line above"),
    (r"co_await [A-Za-z_:]+\{", "g++ 12 double-frees an aggregate temporary inside a co_await expression: name it on the line above"),
    (r"co_await [^;]*[(,]\s*\{[^}]", "g++ 12 double-frees a braced argument inside a co_await expression: name it on the line above"),
    (r"co_await [^;]*\?[^;]*:", "g++ 12 miscompiles ?: inside a co_await expression: use if/else"),
    (r"\basio::detached\b", "a coroutine nobody waits for cannot be drained"),
    (r"\b(std::)?(rand|srand)\s*\(", "no randomness but an injected generator"),
    (r"\bgetenv\s*\(", "no environment but SecretSource and the command line", {"src/config/", "src/cli/", "src/credential/", "src/base/"}),
    (r"\bstd::(cout|cerr|clog)\b", "output goes through telemetry's log or, in cli, through stdio"),
    (r"\b(strcpy|strcat|sprintf|gets)\s*\(", "unbounded"),
    (r"\bsystem\s*\(\s*\"", "no shell"),
    (r"\b(TODO|FIXME|XXX)\b", "finish it or write it into docs/"),
]
SLEEPS = (r"sleep_for|usleep\(|time\.sleep\(", "tests wait for facts with a bound, they do not sleep")


def main():
    faults, files = [], 0
    for path in sorted([*ROOT.glob("src/**/*.[ch]pp"), *ROOT.glob("include/**/*.hpp")]):
        files += 1
        where = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split("//", 1)[0] if "TODO" not in line else line
            for pattern, reason, *allowed in BANNED:
                if re.search(pattern, code) and not any(where.startswith(place) for places in allowed for place in places):
                    faults.append(f"{where}:{number}: {reason}")
    for path in sorted(ROOT.glob("tests/**/*_test.cpp")):
        files += 1
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(SLEEPS[0], line):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {SLEEPS[1]}")
    print(f"ok no banned call in {files} files" if not faults and files else "not ok banned calls: " + "; ".join(faults))
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
