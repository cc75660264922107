"""Fits the linear scorer's weights on windows of texts."""
import json
import subprocess

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

BITS = 19


def windows(tool, lexicon, texts, bits=BITS):
    """(matrix of windows, text of each window), each row divided by the root of its squared values' sum."""
    lines = "\n".join(json.dumps({"text": text}) for text in texts) + "\n"
    done = subprocess.run([tool, lexicon, str(bits)], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    raw = np.frombuffer(done.stdout, dtype=np.uint32)
    owner, begin, columns, values, at = [], [0], [], [], 0
    while at < len(raw):
        count, norm = int(raw[at + 1]), raw[at + 2:at + 3].view(np.float32)[0]
        body = raw[at + 3:at + 3 + 2 * count]
        owner.append(int(raw[at]))
        columns.append(body[0::2])
        values.append(body[1::2].view(np.float32) / max(np.sqrt(norm), 1e-6))
        begin.append(begin[-1] + count)
        at += 3 + 2 * count
    matrix = sp.csr_matrix((np.concatenate(values), np.concatenate(columns).astype(np.int32), begin),
                           shape=(len(owner), 1 << bits))
    return matrix, np.array(owner)


def weights_of_rows(sources, labels):
    """Large sources count less per row; attacks and ordinary texts count the same together."""
    weight = np.zeros(len(sources))
    for source in set(sources):
        mine = sources == source
        weight[mine] = mine.sum() ** -0.5
    for label in (0, 1):
        weight[labels == label] *= 0.5 / weight[labels == label].sum()
    return weight * len(sources)


def fit(matrix, owner, labels, weight, strength):
    """Attacks of several windows count by the windows that look like one."""
    share = 1 / np.bincount(owner, minlength=len(labels))[owner]
    share[labels[owner] == 0] = 1 / np.sqrt(1 / share[labels[owner] == 0])
    model = None
    for _ in range(2):
        # The second round goes on from the first.
        model = model or LogisticRegression(C=strength, max_iter=40, tol=1e-3, warm_start=True)
        model.fit(matrix, labels[owner], sample_weight=weight[owner] * share)
        raw = model.decision_function(matrix)
        top = np.full(len(labels), -np.inf)
        np.maximum.at(top, owner, raw)
        attack = labels[owner] == 1
        share[attack] = np.exp(np.minimum(0, raw[attack] - top[owner][attack]) * 2)
        share[attack] /= np.bincount(owner, weights=np.where(attack, share, 0), minlength=len(labels))[owner][attack]
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
