"""Fits how the policy adds up linear scores and signals, and what a sum is worth."""
import numpy as np
from scipy.optimize import minimize

import readings


def fit(values, owner, labels, weight):
    """(weights, base; only length may count against): logistic loss on the reading of each text that looks most like an attack."""
    count = values.shape[1]
    theta = np.concatenate([np.full(count, 0.3), [-1.0]])
    for _ in range(3):
        raw = values @ theta[:-1] + theta[-1]
        order = np.lexsort((raw, owner))
        last = order[np.append(owner[order][1:] != owner[order][:-1], True)]
        x, y, w = values[last], labels[owner[last]], weight[owner[last]]

        def loss(t):
            z = np.clip(x @ t[:-1] + t[-1], -35, 35)
            p = 1 / (1 + np.exp(-z))
            value = np.sum(w * (np.logaddexp(0, z) - y * z)) / w.sum() + 1e-3 * np.sum(t[:-1] ** 2)
            slope = w * (p - y) / w.sum()
            return value, np.append(x.T @ slope + 2e-3 * t[:-1], slope.sum())

        theta = minimize(loss, theta, jac=True, method="L-BFGS-B", bounds=[(0, None)] * (count - 1) + [(None, 0), (None, None)]).x
    return theta[:-1], theta[-1]


# Score -> the share of ordinary prompts that reach it. 1 stays out of reach.
SCALE = [(0.5, 0.05), (0.6, 0.03), (0.7, 0.02), (0.8, 0.01), (0.9, 0.004), (0.95, 0.0015)]


def calibration(ordinary):
    """Rows (raw, score), both ascending, from raw values of ordinary prompts of sources not fitted to."""
    rows = [(float(np.quantile(ordinary, 0.5)), 0.05), (float(np.quantile(ordinary, 0.8)), 0.25)]
    for score, share in SCALE:
        rows.append((max(float(np.quantile(ordinary, 1 - share)), rows[-1][0] + 0.01), score))
    return rows + [(rows[-1][0] + 6, 0.999)]
