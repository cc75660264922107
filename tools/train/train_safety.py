#!/usr/bin/env python3
"""Trains and measures the model of safety-filter.

  python3 -m venv V && V/bin/pip install -r tools/train/requirements.txt
  cmake --preset release -DKT_TOOLS=ON && ninja -C build/release ngram_rows
  V/bin/python tools/train/train_safety.py --data FOLDER --tools build/release/tools

FOLDER holds safety.jsonl and benign.jsonl ({"text", "label", "source", "license", "kind"} a line). Writes
src/policy/data/safety.model and docs/models/safety.md. Deterministic.
"""
import argparse
import html
import json
import pathlib

import numpy as np

import linear
import model_file
import safety_card
import safety_file
import templates

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OWN = HERE / "safety"
BITS = 18
# Commercial use and redistribution of derived works, no share-alike.
FREE = {"MIT", "MIT (as in AdversariaLLM)", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0"}
# Sources with both labels; their safe texts are not what the threshold is set on.
MIXED = {"davidson", "surge_toxicity", "gptfuzz_resp_train", "mitre_frr", "olid_train", "apeach_korean"}
# Whose unsafe texts are abuse; those of all other sources are requests for harm and answers to them.
ABUSE = {"davidson", "surge_toxicity", "olid_train", "apeach_korean"}
# Sources whose labels agree less with "unsafe" count less, our most varied families more.
TRUST = {"do_not_answer": 0.7, "harmfulqa": 0.7, "gptfuzz_resp_train": 0.4, "own/toxic/word": 2.0, "own/safe/homonyms": 1.4}
SAFE_FOLDS = 10
# A head's strength, and its table: score -> the share of ordinary texts of left-out sources that reach it.
HEADS = {"request": (8.0, [(0.5, 0.05), (0.6, 0.03), (0.7, 0.015), (0.8, 0.009), (0.9, 0.005), (0.95, 0.002)]),
         "abuse": (40.0, [(0.5, 0.02), (0.6, 0.012), (0.7, 0.008), (0.8, 0.0045), (0.9, 0.002), (0.95, 0.001)])}


def head_of(source):
    return "abuse" if source in ABUSE or source.startswith("own/toxic") else "request"


def read_rows(data, per_family):
    """(rows to train on, rows to measure on only)"""
    rows = []
    for name in ("safety", "benign"):
        with open(data / f"{name}.jsonl", encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines]
    for row in rows:
        row["text"] = html.unescape(row["text"])  # some sources write emoji as &#128514;
    free = [row for row in rows if row["license"] in FREE]
    other = [row for row in rows if row["license"] not in FREE]
    for name, label in (("harmful", 1), ("toxic", 1), ("safe", 0)):
        for family, text in templates.generate(OWN / f"{name}.txt", per_family, 1):
            free.append({"text": text, "label": label, "source": f"own/{name}/{family}", "kind": "prompt"})
    return free, other


def folds_of(rows):
    """The fold of every source: each unsafe one alone, the ordinary ones and our safe families spread over SAFE_FOLDS more. Our
    unsafe families are in every fit."""
    unsafe = sorted({row["source"] for row in rows if row["label"] and not row["source"].startswith("own/")})
    rest = sorted({row["source"] for row in rows if not row["label"]} - set(unsafe))
    order = np.random.default_rng(5).permutation(len(rest))
    fold = {source: i for i, source in enumerate(unsafe)}
    return {**fold, **{rest[at]: len(unsafe) + i % SAFE_FOLDS for i, at in enumerate(order)}}


class Trainer:
    def __init__(self, rows, tool):
        self.labels = np.array([row["label"] for row in rows])
        self.sources = np.array([row["source"] for row in rows])
        self.heads = np.array([head_of(row["source"]) for row in rows])
        self.matrix, self.owner = linear.windows(tool, OWN / "lexicon.txt", [row["text"] for row in rows], BITS)

    def row_weights(self, ids):
        sources, labels = self.sources[ids], self.labels[ids]
        weight = np.zeros(len(ids))
        for source in set(sources):
            mine = sources == source
            weight[mine] = TRUST.get(source, 1.0) * mine.sum() ** -0.5
        for label in (0, 1):
            weight[labels == label] *= 0.5 / weight[labels == label].sum()
        return weight * len(ids)

    def fit(self, head, use):
        """One head: its own unsafe texts against all safe ones."""
        use = np.append(use, np.zeros(len(self.labels) - len(use), bool))
        use &= (self.labels == 0) | (self.heads == head)
        ids = np.flatnonzero(use)
        place = np.full(len(use), -1)
        place[ids] = np.arange(len(ids))
        mine = use[self.owner]
        return linear.fit(self.matrix[mine], place[self.owner[mine]], self.labels[ids], self.row_weights(ids), HEADS[head][0])

    def raw(self, weights, bias):
        """The highest window of every text, with the weights as the file keeps them."""
        table, scale = model_file.quantised(weights)
        values = self.matrix @ (table.astype(np.float32) * scale) + bias
        top = np.full(len(self.labels), -np.inf)
        np.maximum.at(top, self.owner, values)
        return top


def quantile(values, weight, share):
    order = np.argsort(-values)
    return float(values[order][np.searchsorted(np.cumsum(weight[order]) / weight.sum(), share)])


def calibration(values, sources, scale):
    """Rows (raw, score) from texts of sources not fitted to; a source counts by the root of its size."""
    weight = np.array([(sources == source).sum() ** -0.5 for source in sources])
    rows = [(quantile(values, weight, 0.5), 0.05), (quantile(values, weight, 0.2), 0.25)]
    for score, share in scale:
        rows.append((max(quantile(values, weight, share), rows[-1][0] + 0.01), score))
    return rows + [(rows[-1][0] + 6, 0.999)]


def unseen(trainer, head, free, other):
    """Every row's raw value by models without its source; rows of no fold: the mean of all models."""
    fold_of = folds_of(free)
    fold = np.array([fold_of.get(row["source"], -1) for row in free] + [-1] * len(other))
    raw, mean, count = np.full(len(fold), np.nan), np.zeros(len(fold)), fold.max() + 1
    for i in range(count):
        values = trainer.raw(*trainer.fit(head, fold[:len(free)] != i))
        raw[fold == i] = values[fold == i]
        mean += values / count
        print(f"{head}: fold {i + 1} of {count}", flush=True)
    return np.where(fold < 0, mean, raw)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--tools", type=pathlib.Path, required=True)
    options.add_argument("--per-family", type=int, default=500)
    args = options.parse_args()
    free, other = read_rows(args.data, args.per_family)
    trainer = Trainer(free + other, args.tools / "ngram_rows")
    ordinary = np.array([not row["label"] and not row["source"].startswith("own/") and row["source"] not in MIXED
                         for row in free] + [False] * len(other))
    heads, scores, tables = [], [], {}
    for head, (_, scale) in HEADS.items():
        raw = unseen(trainer, head, free, other)
        tables[head] = calibration(raw[ordinary], trainer.sources[ordinary], scale)
        scores.append(np.interp(raw, *zip(*tables[head])))
        heads.append((*trainer.fit(head, np.ones(len(free), bool)), tables[head]))
    safety_file.write(ROOT / "src/policy/data/safety.model", heads, (OWN / "lexicon.txt").read_bytes())
    safety_card.write(ROOT / "docs/models/safety.md", free, other, scores, tables, MIXED)


if __name__ == "__main__":
    main()
