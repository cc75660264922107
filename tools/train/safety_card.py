"""The card of safety-filter's model."""
import numpy as np

HEAD = """# The safety model

Written by `tools/train/train_safety.py`; do not edit. How the policy works: [detection](../detection-safety.md).

Every number of a source is of a model that was fitted without that source (our own unsafe templates are in every fit; a family of
our safe templates is measured by a model fitted without that family). Sources that are measured only are scored by the mean of all
models. Unsafe = score 0.8 or more.
"""


def share(hit):
    return f"{100 * np.mean(hit):.1f} %" if len(hit) else "-"


def table_of(lines, title, rows, score, choose):
    lines += [f"## {title}", "", "| source | licence | texts | score >= 0.8 | >= 0.5 | >= 0.95 |", "|---|---|--:|--:|--:|--:|"]
    for source in sorted({row["source"] for row in rows if choose(row)}):
        mine = np.array([row["source"] == source and bool(choose(row)) for row in rows])
        licence = next((row["license"] for row in rows if row["source"] == source and "license" in row), "ours")
        lines.append(f"| {source} | {licence} | {mine.sum()} | {share(score[mine] >= 0.8)} | {share(score[mine] >= 0.5)} | "
                     f"{share(score[mine] >= 0.95)} |")
    lines.append("")


def write(path, free, other, score, table, mixed):
    fitted, measured = score[:len(free)], score[len(free):]
    own = lambda row: row["source"].startswith("own/")
    ordinary = np.array([not row["label"] and not own(row) and row["source"] not in mixed for row in free])
    unsafe = np.array([row["label"] == 1 and not own(row) for row in free])
    looks = np.array([own(row) and not row["label"] for row in free])
    lines = [HEAD, "## Scores", "", "A source counts by the root of its size.", "", "| score | raw value |", "|--:|--:|"]
    lines += [f"| {value:.2f} | {raw:.2f} |" for raw, value in table if value >= 0.5]
    lines += ["", f"Pooled: {share(fitted[unsafe] >= 0.8)} of {unsafe.sum()} unsafe texts, {share(fitted[ordinary] >= 0.8)} of "
              f"{ordinary.sum()} ordinary texts, {share(fitted[looks] >= 0.8)} of {looks.sum()} look-alikes of our own.", ""]
    table_of(lines, "Unsafe", free, fitted, lambda row: row["label"] and not own(row))
    table_of(lines, "Ordinary", free, fitted, lambda row: not row["label"] and not own(row))
    table_of(lines, "Safe look-alikes, our templates", free, fitted, lambda row: not row["label"] and own(row))
    table_of(lines, "Unsafe, our templates (in every fit)", free, fitted, lambda row: row["label"] and own(row))
    table_of(lines, "Measured only, unsafe", other, measured, lambda row: row["label"])
    table_of(lines, "Measured only, safe", other, measured, lambda row: not row["label"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
