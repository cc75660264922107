"""The model's card."""
import numpy as np

HEAD = """# The prompt-injection model

Written by `tools/train/train_injection.py`; do not edit. How the policy works: [detection](../detection-injection.md).

Every number below is of texts whose source (or, for our own templates, family) was left out of everything that was fitted:
weights, sums and signals. Two limits of that: the table of scores is fitted to the same ordinary prompts it is reported on, and
whoever wrote the templates had read some missed texts of these sources before, so their kinds of attack are not wholly unknown.
"""


def share(hit):
    return f"{100 * np.mean(hit):.1f} %" if len(hit) else "-"


def by_source(lines, title, rows, score, choose):
    lines += [f"## {title}", "", "| source | licence | texts | score >= 0.8 | >= 0.5 | >= 0.95 |", "|---|---|--:|--:|--:|--:|"]
    for source in sorted({row["source"] for row in rows if choose(row)}):
        mine = np.array([row["source"] == source and bool(choose(row)) for row in rows])
        licence = next((row["license"] for row in rows if row["source"] == source and "license" in row), "ours")
        lines.append(f"| {source} | {licence} | {mine.sum()} | {share(score[mine] >= 0.8)} | {share(score[mine] >= 0.5)} | "
                     f"{share(score[mine] >= 0.95)} |")
    lines.append("")


def write(path, rows, measured, score, table, constants):
    everything, fitted = rows + measured, len(rows)
    own = np.array([row["source"].startswith("own/") for row in everything])
    label = np.array([row["label"] for row in everything])
    prompt = np.array([row["kind"] == "prompt" for row in everything])
    in_fit = np.arange(len(everything)) < fitted
    lines = [HEAD, "## Scores", "", "| score | raw value | ordinary prompts that reach it |", "|--:|--:|--:|"]
    ordinary = score[in_fit & ~own & (label == 0) & prompt]
    for raw, value in table:
        if value >= 0.5:
            lines.append(f"| {value} | {raw:.2f} | {share(ordinary >= value - 1e-9)} |")
    attacks = score[in_fit & ~own & (label == 1)]
    lines += ["", f"Pooled over sources: {share(attacks >= 0.8)} of {len(attacks)} attacks and {share(ordinary >= 0.8)} of "
              f"{len(ordinary)} ordinary prompts score 0.8 or more.", ""]
    real = lambda row: not row["source"].startswith("own/")
    free, other = everything[:fitted], everything[fitted:]
    by_source(lines, "Attacks", free, score[:fitted], lambda row: real(row) and row["label"])
    by_source(lines, "Ordinary texts", free, score[:fitted], lambda row: real(row) and not row["label"])
    by_source(lines, "Our own templates, attacks", free, score[:fitted], lambda row: not real(row) and row["label"])
    by_source(lines, "Our own templates, ordinary", free, score[:fitted], lambda row: not real(row) and not row["label"])
    by_source(lines, "Measured only, attacks", other, score[fitted:], lambda row: row["label"])
    by_source(lines, "Measured only, ordinary (system prompts are not read by the policy)", other, score[fitted:],
              lambda row: not row["label"])
    lines += ["## Weights of the sum", "", "| name | weight |", "|---|--:|"]
    lines += [f"| {name} | {value:.3f} |" for name, value in constants.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
