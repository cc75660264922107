"""Expands the template files: '@name = a | b' slots, '{name}' and '{a|b}' choices, '[family]' headings."""
import random
import re


OPEN = re.compile(r"~ ~|\^")  # what corpus.py fills in


def load(path):
    """(slots, {family: [template]})"""
    slots, families, current = {}, {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("# ") and current is None:
            continue
        if line.startswith("@"):
            name, options = line[1:].split("=", 1)
            slots[name.strip()] = [option.strip() for option in re.split(r" \|(?= |$)", options)]
        elif re.fullmatch(r"\[\w+\]", line):
            current = families.setdefault(line[1:-1], [])
        else:
            current.append(line)
    return slots, families


def split_choices(inside):
    parts, depth, begin = [], 0, 0
    for at, c in enumerate(inside):
        depth += (c == "{") - (c == "}")
        if c == "|" and depth == 0:
            parts.append(inside[begin:at])
            begin = at + 1
    return parts + [inside[begin:]]


def matching(template, at):
    depth = 0
    for end in range(at, len(template)):
        depth += (template[end] == "{") - (template[end] == "}")
        if depth == 0:
            return end
    raise ValueError(f"unbalanced braces: {template}")


def expand(template, slots, rng):
    out, at = "", 0
    while at < len(template):
        if template[at] != "{":
            out += template[at]
            at += 1
            continue
        end = matching(template, at)
        inside = template[at + 1:end]
        chosen = rng.choice(slots[inside] if inside in slots else split_choices(inside))
        out += expand(chosen, slots, rng)
        at = end + 1
    return out


def mistyped(text, rng):
    """Words with letters swapped, lost or doubled: some texts few, some texts many."""
    words, share = text.split(" "), rng.choice((0.1, 0.3, 0.7))
    for i, word in enumerate(words):
        if len(word) > 3 and rng.random() < share:
            at = rng.randrange(1, len(word) - 1)
            words[i] = rng.choice((word[:at] + word[at + 1] + word[at] + word[at + 2:], word[:at] + word[at + 1:],
                                   word[:at] + word[at] + word[at:]))
    return " ".join(words)


def varied(text, rng):
    """Spelling as people type it."""
    text = re.sub(r" +", " ", text.replace("\\n", "\n")).strip()
    if rng.random() < 0.25:
        text = mistyped(text, rng)
    chance = rng.random()
    if chance < 0.12:
        return text.lower()
    if chance < 0.17:
        return text.upper()
    if chance < 0.27:
        return text.rstrip(".!?")
    if chance < 0.60:
        return text[:1].upper() + text[1:]
    return text


def generate(path, per_family, seed):
    """[(family, text)], without repetitions (texts that corpus.py fills in never repeat)."""
    slots, families = load(path)
    made = []
    for family, lines in families.items():
        rng, seen = random.Random(f"{seed}/{family}"), set()
        for _ in range(per_family * 3):
            text = varied(expand(rng.choice(lines), slots, rng), rng)
            if text not in seen or OPEN.search(text):
                seen.add(f"{len(made)} {text}" if OPEN.search(text) else text)
                made.append((family, text))
            if len(seen) == per_family:
                break
    return made
