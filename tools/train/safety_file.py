"""Writes the model of safety-filter as include/kt/text/pair_scorer.hpp reads it."""
import struct

import numpy as np

import model_file


def write(path, heads, lexicon):
    """heads: [(weights, bias, [(raw, score)])], of one size; the weights of a bucket stand side by side."""
    bits = int(np.log2(len(heads[0][0])))
    tables = [model_file.quantised(weights) for weights, _, _ in heads]
    with open(path, "wb") as out:
        out.write(b"KTPAIR1\0" + struct.pack("<3I", bits, len(lexicon), len(heads[0][2])))
        for (_, bias, calibration), (_, scale) in zip(heads, tables):
            out.write(struct.pack("<2f", scale, bias))
            for raw, score in calibration:
                out.write(struct.pack("<2f", raw, score))
        out.write(lexicon)
        out.write(np.stack([table for table, _ in tables], axis=1).tobytes())
