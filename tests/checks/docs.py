#!/usr/bin/env python3
"""The documentation names files that exist, links that lead somewhere, and commands that the binary has."""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = ("src/", "include/", "tests/", "cmake/", "configs/", "docs/", "bench/", ".ci/")
BANNED = re.compile(r"\.\./shared|/work/|/home/|/root/")


def main():
    faults, files = [], 0
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "bench").glob("*.md"))]:
        files += 1
        where, text = path.relative_to(ROOT), path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            for name in re.findall(r"`([A-Za-z0-9_./-]+)`", line):
                if name.startswith(PLACES) and not (ROOT / name).exists():
                    faults.append(f"{where}:{number}: {name} does not exist")
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if not link.startswith("http") and not (path.parent / link).exists():
                    faults.append(f"{where}:{number}: the link {link} leads nowhere")
            if BANNED.search(line):
                faults.append(f"{where}:{number}: a path of somebody's machine")
    print(f"ok every file and link that {files} documents name exists" if not faults else "not ok documents: " + "; ".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
