"""Writes a linear model as include/kt/text/scorer.hpp reads it."""
import struct

import numpy as np


def quantised(weights):
    """(int8 weights, scale): the largest weights are cut off rather than all the others made coarse."""
    limit = np.quantile(np.abs(weights[weights != 0]), 0.9995) if np.any(weights) else 1.0
    scale = float(limit) / 127
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def write(path, version, weights, bias, lexicon, calibration, constants):
    table, scale = quantised(weights)
    with open(path, "wb") as out:
        out.write(b"KTLIN1\0\0" + struct.pack("<2I2f3I", version, int(np.log2(len(table))), scale, bias, len(lexicon),
                                               len(calibration), len(constants)))
        out.write(lexicon)
        for raw, score in calibration:
            out.write(struct.pack("<2f", raw, score))
        for name, value in constants.items():
            out.write(struct.pack("<28sf", name.encode(), value))
        out.write(table.tobytes())


def read(path):
    """(calibration rows, constants)"""
    data = path.read_bytes()
    lexicon, rows, constants = struct.unpack_from("<3I", data, 24)
    at = 36 + lexicon
    table = [struct.unpack_from("<2f", data, at + 8 * i) for i in range(rows)]
    at += 8 * rows
    named = [struct.unpack_from("<28sf", data, at + 32 * i) for i in range(constants)]
    return table, {name.rstrip(b"\0").decode(): value for name, value in named}
