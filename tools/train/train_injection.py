#!/usr/bin/env python3
"""Trains and measures the model of the prompt-injection policy.

  python3 -m venv V && V/bin/pip install -r tools/train/requirements.txt
  cmake --preset release -DKT_TOOLS=ON && ninja -C build/release ngram_rows injection_readings
  V/bin/python tools/train/train_injection.py --data FOLDER --tools build/release/tools

FOLDER holds injection.jsonl, benign.jsonl and safety.jsonl ({"text", "label", "source", "license", "kind"} a line). Writes
src/policy/injection.model and docs/models/injection.md. Deterministic.
"""
import argparse
import pathlib
import tempfile

import numpy as np

import combine
import corpus
import linear
import model_file
import readings
import report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LEXICON = HERE / "injection_lexicon.txt"
STRENGTH, VERSION = 10.0, 1


def folds_of(rows):
    """The fold of every source: each attack source alone with its share of the ordinary sources; our own families in two
    folds of their own."""
    attack = sorted({row["source"] for row in rows if row["label"] and not row["source"].startswith("own/")})
    own = sorted({row["source"] for row in rows if row["source"].startswith("own/")})
    rest = sorted({row["source"] for row in rows} - set(attack) - set(own))
    order = np.random.default_rng(3).permutation(len(rest))
    fold = {source: i for i, source in enumerate(attack)}
    fold.update({rest[at]: i % len(attack) for i, at in enumerate(order)})
    fold.update({family: len(attack) + i % 2 for i, family in enumerate(own)})
    return fold, len(attack) + 2


class Trainer:
    def __init__(self, rows, tools, scratch):
        self.rows, self.tools, self.scratch = rows, tools, scratch
        self.labels = np.array([row["label"] for row in rows])
        self.sources = np.array([row["source"] for row in rows])
        self.matrix, self.owner = linear.windows(tools / "ngram_rows", LEXICON, [row["text"] for row in rows])

    def weights(self, use):
        ids = np.flatnonzero(use)
        place = np.full(len(self.rows), -1)
        place[ids] = np.arange(len(ids))
        mine = use[self.owner]
        weight = linear.weights_of_rows(self.sources[ids], self.labels[ids])
        return linear.fit(self.matrix[mine], place[self.owner[mine]], self.labels[ids], weight, STRENGTH)

    def read(self, weights, bias, texts):
        path = self.scratch / "fold.model"
        model_file.write(path, 0, weights, bias, LEXICON.read_bytes(), [], {})
        return readings.read(self.tools / "injection_readings", path, texts)


def out_of_fold(trainer, rows, measured):
    """(readings, text of each, fold of each text): every text read by a model that saw nothing of its source."""
    fold_of, count = folds_of(rows)
    fold = np.array([fold_of.get(row["source"], 0) for row in rows + measured])
    values, owners = [], []
    for i in range(count):
        use = np.array([fold_of[row["source"]] != i for row in rows])
        weights, bias = trainer.weights(use)
        ids = np.flatnonzero(fold == i)
        got, owner = trainer.read(weights, bias, [(rows + measured)[at]["text"] for at in ids])
        values.append(got)
        owners.append(ids[owner])
        print(f"fold {i + 1} of {count}", flush=True)
    order = np.argsort(np.concatenate(owners), kind="stable")
    return np.concatenate(values)[order], np.concatenate(owners)[order], fold


def sums(values, owner, fold, rows, total):
    """Raw value of every text, by weights fitted without its fold."""
    labels = np.array([row["label"] for row in rows] + [0] * (total - len(rows)))
    sources = np.array([row["source"] for row in rows])
    weight = np.zeros(total)
    weight[:len(rows)] = linear.weights_of_rows(sources, labels[:len(rows)])
    # Sums are for prompts: documents and answers have offsets of their own.
    weight[[at for at, row in enumerate(rows) if row["kind"] not in ("prompt", "text")]] = 0
    raw = np.full(total, -np.inf)
    for i in range(fold.max() + 1):
        use = (owner < len(rows)) & (fold[owner] != i)
        theta, base = combine.fit(values[use], owner[use], labels, weight)
        raw_i = readings.worst(values @ theta + base, owner, total)
        raw[fold == i] = raw_i[fold == i]
    use = owner < len(rows)
    return raw, *combine.fit(values[use], owner[use], labels, weight)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--tools", type=pathlib.Path, required=True)
    options.add_argument("--dump", type=pathlib.Path, help="write every text's out-of-fold score here")
    args = options.parse_args()
    free, measured = corpus.injection(args.data)
    rows = free + corpus.written()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(rows, args.tools, pathlib.Path(folder))
        values, owner, fold = out_of_fold(trainer, rows, measured)
        raw, theta, base = sums(values, owner, fold, rows, len(rows) + len(measured))
        weights, bias = trainer.weights(np.ones(len(rows), bool))
    ordinary = np.array([row["label"] == 0 and row["kind"] == "prompt" and not row["source"].startswith("own/")
                         for row in rows] + [False] * len(measured))
    table = combine.calibration(raw[ordinary])
    constants = {"base": base, **dict(zip(readings.NAMES, theta)), **corpus.ROLES}
    model_file.write(ROOT / "src/policy/injection.model", VERSION, weights, bias, LEXICON.read_bytes(), table, constants)
    score = np.interp(raw, *zip(*table))
    report.write(ROOT / "docs/models/injection.md", rows, measured, score, table, constants)
    if args.dump:
        np.savez(args.dump, score=score, raw=raw, fold=fold)


if __name__ == "__main__":
    main()
