#!/usr/bin/env python3
"""How much of what the shipped model finds it still finds in disguise, and what the same disguises do to ordinary prompts.

  V/bin/python tools/train/measure_disguises.py --data FOLDER --tools build/release/tools > docs/models/injection-disguises.md
"""
import argparse
import base64
import codecs
import pathlib
import random

import numpy as np

import corpus
import model_file
import readings
import templates

ROOT = pathlib.Path(__file__).resolve().parents[2]
LATIN, CYRILLIC = "aceopxyisABCEHKMOPTX", "асеорхуіѕАВСЕНКМОРТХ"


def letters(start):
    return lambda text: "".join(chr(start + ord(c.lower()) - 97) if c.isascii() and c.isalpha() else c for c in text)


def after(mark):
    return lambda text: "".join(c + mark if c.isalpha() else c for c in text)


def coded(form):
    return lambda text: "".join(form.format(byte) for byte in text.encode())


def mixed(text):
    return "".join(CYRILLIC[LATIN.index(c)] if c in LATIN and at % 2 else c for at, c in enumerate(text))


def mistyped(text):
    rng = random.Random(text)
    return " ".join(word if rng.random() > 0.35 else templates.mistyped(word, rng) for word in text.split(" "))


DISGUISES = {
    "full width": letters(0xFF41), "mathematical bold": letters(0x1D41A), "mathematical script": letters(0x1D4EA),
    "fraktur": letters(0x1D51E), "monospace": letters(0x1D68A), "circled": letters(0x24D0), "squared": letters(0x1F170),
    "Cyrillic": lambda t: t.translate(str.maketrans(LATIN, CYRILLIC)), "half Cyrillic": mixed,
    "tags": lambda t: "".join(chr(0xE0000 + ord(c)) for c in t if ord(c) < 127),
    "variation selectors": lambda t: "x" + "".join(chr(0xE0100 + b - 16) for b in t.encode() if b > 15),
    "zero width": after("\u200b"), "soft hyphens": after("\u00ad"), "combining marks": after("\u0336"),
    "bidirectional": lambda t: "\u202e" + t + "\u202c",
    "leet": lambda t: t.lower().translate(str.maketrans("aeiost", "431057")), "spaced": after(" "), "dotted": after("."),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base64 twice": lambda t: base64.b64encode(base64.b64encode(t.encode())).decode(),
    "hexadecimal": lambda t: t.encode().hex(), "backslash bytes": coded("\\x{:02x}"), "percent": coded("%{:02X}"),
    "HTML": coded("&#{};"), "ROT13": lambda t: codecs.encode(t, "rot13"), "reversed": lambda t: t[::-1],
    "typing errors": mistyped,
}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--tools", type=pathlib.Path, required=True)
    args = options.parse_args()
    free, measured = corpus.injection(args.data)
    plain = [row for row in free + measured if row["text"].isascii() and 20 < len(row["text"]) < 2000 and row["kind"] == "prompt"]
    rng = random.Random(9)
    attacks = [row["text"] for row in rng.sample([row for row in plain if row["label"]], 600)]
    ordinary = [row["text"] for row in rng.sample([row for row in plain if not row["label"]], 1200)]
    model = ROOT / "src/policy/injection.model"
    table, constants = model_file.read(model)
    theta = np.array([constants[name] for name in readings.NAMES])

    def flagged(texts):
        values, owner = readings.read(args.tools / "injection_readings", model, texts)
        return np.interp(readings.worst(values @ theta + constants["base"], owner, len(texts)), *zip(*table)) >= 0.8

    base = flagged(attacks).mean()
    print("# Disguises\n\nWritten by `tools/train/measure_disguises.py` from the shipped model: 600 attacks and 1,200 ordinary prompts of "
          "the training and\nmeasuring sources, in ASCII. It compares disguised with plain text; how well plain text of unseen sources is "
          "judged says\n[the card](injection.md).\n\n| disguise | attacks found | of plain | ordinary prompts flagged |\n|---|--:|--:|--:|")
    print(f"| none | {100 * base:.1f} % | | {100 * flagged(ordinary).mean():.1f} % |")
    for name, disguise in DISGUISES.items():
        found, wrong = flagged([disguise(t) for t in attacks]).mean(), flagged([disguise(t) for t in ordinary]).mean()
        print(f"| {name} | {100 * found:.1f} % | {100 * found / base:.0f} % | {100 * wrong:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
