"""The rows a model may be trained on, by licence, and the rows it is only measured on."""
import base64
import json
import pathlib
import random

import faker

import templates

HERE = pathlib.Path(__file__).resolve().parent
# Licences that allow commercial use and redistribution of derived works without share-alike.
FREE = {"MIT", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0"}


def read(path, **more):
    with open(path, encoding="utf-8") as lines:
        return [{**json.loads(line), **more} for line in lines]


def injection(data):
    """(training rows, rows to measure on only): {text, label, source, kind}."""
    rows = [row for row in read(data / "injection.jsonl") if row["kind"] in ("prompt", "document")]
    rows += read(data / "benign.jsonl")
    rows += [row for row in read(data / "safety.jsonl", label=0)
             if row["source"] in ("mitre_frr", "surge_toxicity")]
    # A harmless-looking sentence inside a document cannot be told from the document by its words.
    free = [row for row in rows if row["license"] in FREE and not (row["source"].startswith("bipia") and row["label"])]
    other = [row for row in rows if row["license"] not in FREE or (row["source"].startswith("bipia") and row["label"])]
    return free, other


def with_words(family, text, fakers):
    """'~' becomes a sentence of common words of the family's language."""
    while "~" in text:
        if family not in fakers:
            fakers[family] = faker.Faker(family)
            fakers[family].seed_instance(11)
        text = text.replace("~", fakers[family].sentence(fakers[family].random_int(3, 12)), 1)
    return text


def with_codes(text, rng):
    """'^' becomes base64 or hexadecimal digits."""
    while "^" in text:
        data = rng.randbytes(rng.randint(12, 90))
        code = base64.b64encode(data).decode() if rng.random() < 0.6 else data.hex()
        text = text.replace("^", code, 1)
    return text


def written(per_family=600, seed=1):
    """Texts of our own templates."""
    rows, fakers, rng = [], {}, random.Random(5)
    for name, label, count in (("attacks", 1, per_family), ("languages", 1, per_family // 4), ("ordinary", 0, per_family),
                               ("languages_ordinary", 0, per_family // 3)):
        for family, text in templates.generate(HERE / "templates" / f"{name}.txt", count, seed):
            text = with_codes(with_words(family, text, fakers), rng)
            rows.append({"text": text, "label": label, "source": f"own/{name}/{family}", "kind": "prompt"})
    return rows


# Added to the sum by who wrote the text: what comes from outside is judged more strictly, earlier answers less.
ROLES = {"third_party": 0.0, "third_party.addressed": 2.0, "answer": -1.5}
