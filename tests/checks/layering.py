#!/usr/bin/env python3
"""Who may include whom. A room includes itself and the rooms of the layers before its own; the libraries that one room owns
stay in that room."""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = [
    ["base"],
    ["config", "http", "sse", "json", "text", "telemetry"],
    ["llm", "audit", "tokens"],
    ["policy", "provider", "net"],
    ["routing", "credential"],
    ["gateway", "admin", "simulator"],
    ["cli"],
]
RANK = {room: rank for rank, layer in enumerate(LAYERS) for room in layer}
# Within a layer, only these neighbours may be included.
NEIGHBOURS = {("config", "http"), ("admin", "gateway"), ("gateway", "admin"), ("llm", "json"), ("tokens", "llm")}
OWNED = {  # header prefix -> rooms that may include it
    "yaml-cpp/": {"config"},
    "spdlog/": {"telemetry"},
    "boost/beast": {"simulator"},
    "boost/asio/ssl": {"simulator"},
    "boost/asio": {"net", "credential", "audit", "simulator", "cli"},
    "openssl/ssl.h": {"net", "simulator", "credential"},
    "openssl/": {"base", "net", "simulator", "credential", "audit"},
    "CLI/": {"cli"},
    "simdjson.h": {"json"},
    "utf8proc.h": {"text"},
    "re2/": {"text", "policy", "config"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[2] if parts[0] == "include" else parts[1]


def main():
    faults, files = [], 0
    for path in sorted([*ROOT.glob("src/*/**/*.[ch]pp"), *ROOT.glob("include/kt/*/**/*.hpp")]):
        files += 1
        room = room_of(path)
        where = path.relative_to(ROOT)
        if room not in RANK:
            faults.append(f"{where}: room '{room}' is not in the layering table")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            header = found[1]
            for prefix, rooms in OWNED.items():
                if header.startswith(prefix):
                    if room not in rooms:
                        faults.append(f"{where}:{number}: {header} belongs to {', '.join(sorted(rooms))}")
                    break
            target = re.match(r"(?:kt/)?([a-z_]+)/", header)
            if not target or target[1] not in RANK or header.startswith(("boost/", "openssl/")):
                continue
            other = target[1]
            if other == room:
                continue
            if not header.startswith("kt/"):
                faults.append(f"{where}:{number}: {header} is private to {other}; use its public header in include/kt/{other}")
            if RANK[other] > RANK[room] or (RANK[other] == RANK[room] and (room, other) not in NEIGHBOURS):
                faults.append(f"{where}:{number}: {room} may not include {other}")
    print(f"ok every include of {files} files follows the layers" if not faults and files
          else "not ok layering: " + "; ".join(faults))
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
