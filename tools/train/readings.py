"""The policy's view of texts, as build/.../tools/injection_readings prints it."""
import json
import subprocess

import numpy as np

SIGNALS = ["chat_template", "fake_role", "delimiter", "instruction_override", "prompt_extraction", "persona", "limits",
           "many_shot", "exfiltration", "addressed", "disguised"]
LINEAR = ["peak", "local", "whole"]
NAMES = LINEAR + SIGNALS + ["length"]


def read(tool, model, texts):
    """(features of every reading, text of each reading)"""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run([tool, model], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    table = [line.split("\t") for line in done.stdout.decode().splitlines()]
    owner = np.array([int(row[0]) for row in table])
    values = np.array([[float(v) for v in row[2:5]] + [float(v) for v in row[6:]] +
                       [np.log2(1 + min(int(row[5]), 512) / 16)] for row in table], dtype=np.float64)
    return np.clip(values, -40, 40), owner


def worst(raw, owner, count):
    """The highest raw value of each text's readings."""
    out = np.full(count, -np.inf)
    np.maximum.at(out, owner, raw)
    return out
