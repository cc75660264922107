#!/usr/bin/env python3
"""A second verifier of the audit log, written from docs/audit-format.md alone: the standard library, a JSON parser, and
Ed25519 as in RFC 8032. `audit_verify.py STATE_DIR [--public-key FILE] [--mac-key FILE] [--witness FILE]`.
Prints one JSON object; exit 0 ok, 1 could not read, 3 failed."""
import argparse, hashlib, hmac, json, os, pathlib, re, sys

# --- Ed25519 (RFC 8032, section 5.1) ------------------------------------------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    k, m, n, h = f - e, d - c, d + c, f + e
    return k * m % P, n * h % P, m * n % P, k * h % P


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(key, message, signature):
    a, r, s = decompress(key), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# --- the log --------------------------------------------------------------------------------------------------------------
TAIL = re.compile(rb'^(?P<body>.*),"prev":"(?P<prev>[0-9a-f]{64})"(?:,"sig":"(?P<sig>[0-9a-f]{128})")?,"mac":"(?P<mac>[0-9a-f]{64})"\}$', re.S)
HEAD = re.compile(rb'^\{"v":1,"seq":(0|[1-9][0-9]*),"id":"evt_[^"]*","event_type":"[^"]*","timestamp":"[^"]*"')
SIGNED = {"segment.start", "segment.end", "audit.checkpoint", "segment.retired", "key.rotated"}


class Bad(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Bad(reason)


def sha(data):
    return hashlib.sha256(data).digest()


class Tree:
    """RFC 6962, section 2.1: roots of the full subtrees, the largest first, with their sizes."""

    def __init__(self):
        self.size, self.edge = 0, []

    def add(self, leaf):
        self.edge.append((1, sha(b"\0" + leaf)))
        self.size += 1
        while len(self.edge) > 1 and self.edge[-1][0] == self.edge[-2][0]:
            (n, right), (_, left) = self.edge.pop(), self.edge.pop()
            self.edge.append((2 * n, sha(b"\1" + left + right)))

    def root(self):
        if not self.edge:
            return sha(b"")
        root = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            root = sha(b"\1" + left + root)
        return root


def moment(text):
    import datetime
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


class Log:
    def __init__(self, trusted, mac_key, witnessed):
        self.trusted, self.mac_key, self.witnessed = trusted, mac_key, witnessed
        self.key = self.seq = self.first = self.last_signed = None
        self.counts = {"request.accepted": 0, "request.completed": 0, "request.interrupted": 0}
        self.lines = self.after = 0
        self.ended, self.last, self.wanted_retired, self.retired = None, None, None, False

    def start(self, fields, number, size_before):
        key = bytes.fromhex(fields["public_key"])
        if self.key is None:
            need(not self.trusted or key in self.trusted, "signed with a key that is not trusted")
            self.key = key
        need(key == self.key, "the key changed without key.rotated")
        need(fields["segment"] == number, "segment number")
        if self.seq is None:
            self.seq, self.epoch, self.log_id = fields["seq"], fields["epoch"], fields["log_id"]
            self.first, self.prev = fields["seq"], bytes.fromhex(fields["prev"])
            self.first_prev = self.prev
            need(self.seq or (fields["previous"] == "none" and self.prev == bytes(32)), "not a first segment")
        else:
            need(fields["log_id"] == self.log_id, "another log's segment")
            need(fields["epoch"] == self.epoch, "epoch jumps")
            need(fields["previous"] != "damaged", "the writer found damage")
            need((self.ended is not None) == (fields["previous"] == "ended"), "end and start disagree")
            need(fields["previous_bytes"] == size_before, "size of the segment before")
        self.tree, self.ended = Tree(), None

    def mac(self):
        while self.mac_key[0] < self.epoch:
            self.mac_key = self.mac_key[0] + 1, hmac.digest(self.mac_key[1], b"kt-audit-next-epoch", "sha256")
        need(self.mac_key[0] == self.epoch, "MAC key of a later epoch")
        return self.mac_key[1]

    def take(self, line, number, size_before):
        need(line.endswith(b"\n"), "no line feed")
        parts = TAIL.match(line[:-1])
        need(HEAD.match(line) and parts, "not a sealed line of this format")
        try:
            fields = json.loads(line)
        except ValueError:
            raise Bad("not JSON")
        kind = fields["event_type"]
        if size_before is not None:
            need(kind == "segment.start", "no segment.start")
            self.start(fields, number, size_before)
        else:
            need(self.ended is None, "a line behind segment.end")
            need(kind != "segment.start", "segment.start inside a segment")
        need(fields["seq"] == self.seq, "sequence")
        need(parts["prev"].decode() == self.prev.hex(), "chain")
        if self.mac_key:
            need(hmac.digest(self.mac(), line[:parts.end("mac") - 64 - len(b',"mac":"')], "sha256").hex() == parts["mac"].decode(), "mac")
        closes = False
        if parts["sig"] or kind in SIGNED:
            need(parts["sig"] is not None, "not signed")
            message = b"kt-audit-v1\n" + line[:parts.start("sig") - len(b',"sig":"')]
            need(signature_holds(self.key, message, bytes.fromhex(parts["sig"].decode())), "signature")
            closes = self.own(kind, fields)
        self.prev = sha(line)
        self.tree.add(self.prev)
        if self.seq in self.witnessed:
            need(self.witnessed[self.seq] == self.prev, "not the line the witness has")
        self.after += 1
        if parts["sig"]:
            self.last_signed, self.after = self.prev, 0
        if kind in self.counts:
            self.counts[kind] += 1
        self.seq, self.last, self.lines = self.seq + 1, kind, self.lines + 1
        self.epoch += closes

    def own(self, kind, fields):
        if kind in ("audit.checkpoint", "segment.end"):
            need(fields["lines"] == self.tree.size and fields["root"] == self.tree.root().hex(), "Merkle root")
            need(fields["epoch"] == self.epoch, "epoch")
            need(fields["previous_checkpoint"] == self.last_signed.hex(), "previous checkpoint")
            if kind == "segment.end":
                need(fields.get("closes_epoch"), "segment.end must close its epoch")
                self.ended = fields["reason"]
            return bool(fields.get("closes_epoch"))
        if kind == "segment.retired":
            age = moment(fields["timestamp"]) - moment(fields["newest"])
            need(age.total_seconds() >= fields["retention_days"] * 86400, "retired too early")
            if fields["segment"] == self.wanted_retired:
                need(fields["last_seq"] == self.first - 1 and fields["last_hash"] == self.first_prev.hex(), "retired end")
                self.retired = True
        elif kind == "key.rotated":
            self.key = bytes.fromhex(fields["new_public_key"])
        else:
            need(kind == "segment.start", "a signed line of an unknown kind")
        return False


def key_lines(path, prefix):
    lines = path.read_text().splitlines()
    if not lines or not all(line.startswith(prefix) for line in lines):
        raise OSError(f"{path} is not a key file of this kind")
    return [line[len(prefix):] for line in lines]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("state_dir", type=pathlib.Path)
    for name in ("--public-key", "--mac-key", "--witness"):
        arguments.add_argument(name, type=pathlib.Path)
    options = arguments.parse_args()
    state, records = options.state_dir / "audit-state", options.state_dir / "audit"

    trusted, mac_key, stored, last_segment, witnessed = [], None, None, None, {}
    public = options.public_key or state / "public.key"
    if options.public_key or public.exists():
        trusted = [bytes.fromhex(text) for text in key_lines(public, "kt-audit-public-key ")]
    root = options.mac_key or state / "mac-root.key"
    if options.mac_key or root.exists():
        epoch, text = key_lines(root, "kt-audit-mac-key ")[0].split(" ")
        mac_key = int(epoch), bytes.fromhex(text)
    if (state / "mac-current.key").exists():
        stored = int(key_lines(state / "mac-current.key", "kt-audit-mac-key ")[0].split(" ")[0])
    if (state / "last-segment").exists():
        last_segment = int(key_lines(state / "last-segment", "kt-audit-last-segment ")[0])
    if options.witness:
        for line in options.witness.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                witnessed[json.loads(line)["seq"]] = sha(line)

    names = sorted(os.listdir(records))
    segments = [name for name in names if re.fullmatch(r"audit-[0-9]{10}\.jsonl", name)]
    log, place, torn, fault = Log(trusted, mac_key, witnessed), ("", 0), 0, None
    try:
        need(segments, "there is no log")
        numbers = [int(name[6:16]) for name in segments]
        if numbers[0] > 1:
            log.wanted_retired = numbers[0] - 1
        size = 0
        for number, name in zip(numbers, segments):
            place = (name, 0)
            need(number == numbers[0] + segments.index(name), "a segment is missing before this one")
            before, offset = size, 0
            with open(records / name, "rb") as file:
                for line in file:
                    place = (name, offset)
                    if not line.endswith(b"\n") and name == segments[-1] and before is None and len(line) < 262144:
                        torn = len(line)
                        break
                    log.take(line, number, before)
                    before, offset = None, offset + len(line)
            need(before is None, "empty segment")
            size = offset
        need(not any(name.startswith("plain-") for name in names), "a segment that is not sealed")
        closed = log.ended == "close"
        need(last_segment is None or last_segment <= numbers[-1], "the last segments are missing")
        need(log.ended is None or closed or last_segment is not None, "the next segment is missing")
        need(closed or log.last != "audit.close", "segment.end is missing")
        need(stored is None or stored <= log.epoch, "the end of the log is missing")
        need(not torn or not (closed or stored is None), "the last line is not complete")
        need(not witnessed or max(witnessed) < log.seq, "the witness has later checkpoints")
        need(log.wanted_retired is None or log.retired, "the first segments are missing")
        need(all(name in segments or name == ".segment.new" for name in names), "a foreign file")
    except Bad as bad:
        fault = {"seq": log.seq or 0, "segment": place[0], "offset": place[1], "reason": str(bad)}
    except (KeyError, ValueError, TypeError) as bad:
        fault = {"seq": log.seq or 0, "segment": place[0], "offset": place[1], "reason": f"a field is not what it must be: {bad!r}"}
    print(json.dumps({"ok": fault is None, "fault": fault, "lines": log.lines, "segments": len(segments),
                      "after_checkpoint": log.after, "torn_bytes": torn, "requests": log.counts}))
    return 3 if fault else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"audit_verify: {error}", file=sys.stderr)
        sys.exit(1)
