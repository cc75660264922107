"""The card of safety-filter's model."""
import numpy as np

HEAD = """# The safety model

Written by `tools/train/train_safety.py`; do not edit. How the policy works: [detection](../detection-safety.md).

Every number of a source is of a model that was fitted without that source (our own unsafe templates are in every fit; a family of
our safe templates is measured by a model fitted without that family). Sources that are measured only are scored by the mean of all
models. Unsafe = one of the two heads scores 0.8 or more; the last columns say which.
"""


def share(hit):
    return f"{100 * np.mean(hit):.1f} %" if len(hit) else "-"


def table_of(lines, title, rows, scores, choose):
    both = np.max(scores, axis=0)
    lines += [f"## {title}", "", "| source | licence | texts | score >= 0.8 | >= 0.5 | >= 0.95 | request | abuse |",
              "|---|---|--:|--:|--:|--:|--:|--:|"]
    for source in sorted({row["source"] for row in rows if choose(row)}):
        mine = np.array([row["source"] == source and bool(choose(row)) for row in rows])
        licence = next((row["license"] for row in rows if row["source"] == source and "license" in row), "ours")
        shares = [share(both[mine] >= bound) for bound in (0.8, 0.5, 0.95)] + [share(head[mine] >= 0.8) for head in scores]
        lines.append(f"| {source} | {licence} | {mine.sum()} | {' | '.join(shares)} |")
    lines.append("")


def scale_of(lines, tables):
    """What raw value of a head is which score, and the share of ordinary texts it was set by."""
    lines += ["## Scores", "", "A source counts by the root of its size.", "", f"| score | {' | '.join(tables)} |", "|--:|--:|--:|"]
    for at, (_, value) in enumerate(next(iter(tables.values()))):
        if value >= 0.5:
            lines.append(f"| {value:.2f} | {' | '.join(f'{table[at][0]:.2f}' for table in tables.values())} |")


def write(path, free, other, scores, tables, mixed):
    fitted, measured = [head[:len(free)] for head in scores], [head[len(free):] for head in scores]
    high = np.max(fitted, axis=0) >= 0.8
    own = lambda row: row["source"].startswith("own/")
    ordinary = np.array([not row["label"] and not own(row) and row["source"] not in mixed for row in free])
    unsafe = np.array([row["label"] == 1 and not own(row) for row in free])
    looks = np.array([own(row) and not row["label"] for row in free])
    lines = [HEAD]
    scale_of(lines, tables)
    sources = sorted({row["source"] for row in free if row["label"] and not own(row)})
    mean = np.mean([high[unsafe & np.array([row["source"] == source for row in free])].mean() for source in sources])
    lines += ["", f"Pooled: {share(high[unsafe])} of {unsafe.sum()} unsafe texts, {share(high[ordinary])} of {ordinary.sum()} ordinary "
              f"texts, {share(high[looks])} of {looks.sum()} look-alikes of our own. The mean over the {len(sources)} unsafe sources: "
              f"{100 * mean:.1f} %.", ""]
    table_of(lines, "Unsafe", free, fitted, lambda row: row["label"] and not own(row))
    table_of(lines, "Ordinary", free, fitted, lambda row: not row["label"] and not own(row))
    table_of(lines, "Safe look-alikes, our templates", free, fitted, lambda row: not row["label"] and own(row))
    table_of(lines, "Unsafe, our templates (in every fit)", free, fitted, lambda row: row["label"] and own(row))
    table_of(lines, "Measured only, unsafe", other, measured, lambda row: row["label"])
    table_of(lines, "Measured only, safe", other, measured, lambda row: not row["label"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
