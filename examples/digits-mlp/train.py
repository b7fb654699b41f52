#!/usr/bin/env python3
"""Trains the 64-64-10 digit classifier in `model/` and writes it bit for bit the same everywhere.

Only IEEE 754 operations that every machine rounds alike are used on the way to the weights: element-wise
`+ - * /`, comparison and `sqrt` on float64, in an order fixed by this file. There is no BLAS (its summation
order depends on the processor), no reduction (numpy's depends on the vector width) and no libm (`exp` differs
in the last bit between libraries). Random numbers are raw PCG64 output, a stream that numpy keeps stable.

    train.py            train and write model/model.safetensors and model/config.json
    train.py --check    train, write nothing, fail unless model/ holds these bytes and the card these figures
"""

import argparse
import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DATASET = HERE / "data" / "digits.csv"
MODEL = HERE / "model"

PIXELS, HIDDEN, CLASSES = 64, 64, 10
TRAIN_ROWS = 1437  # The first 80 %; the other 360 rows, a contiguous tail, are never trained on.
SEED = 20260101
EPOCHS = 60
BATCH = 32
LEARNING_RATE = 0.1  # Falls linearly to zero over the run.
MOMENTUM = 0.9
WEIGHT_DECAY = 0.0005


def load(path):
    """Returns pixels scaled to 0..1 and labels; a row is 64 pixels in 0..16 and the digit."""
    rows = np.array([[int(cell) for cell in line.split(",")] for line in path.read_text("ascii").split()])
    return rows[:, :PIXELS] / 16.0, rows[:, PIXELS]


def product(left, right):
    """Returns the matrix product with every sum taken from the first term to the last."""
    total = np.zeros((left.shape[0], right.shape[1]))
    for index in range(left.shape[1]):
        total += left[:, index, None] * right[None, index]
    return total


def column_sums(matrix):
    """Returns the sum of each column, from the first row to the last."""
    total = np.zeros(matrix.shape[1])
    for row in matrix:
        total += row
    return total


def exponential(x):
    """Returns e^x for x <= 0 by a Taylor polynomial at x / 1024, squared ten times."""
    step = np.maximum(x, -40.0) / 1024.0
    power = np.ones_like(step)
    for degree in range(6, 0, -1):
        power = 1.0 + step / degree * power
    for _ in range(10):
        power = power * power
    return power


def softmax(scores):
    """Returns each row as probabilities."""
    weights = exponential(scores - scores.max(axis=1, keepdims=True))
    return weights / column_sums(weights.T)[:, None]


def uniform(bits, shape, bound):
    """Returns numbers in [-bound, bound) from the top 53 bits of raw generator output."""
    raw = bits.random_raw(math.prod(shape)) >> np.uint64(11)
    return (raw.reshape(shape) / 2.0**52 - 1.0) * bound


def initial(bits):
    """Returns He-uniform weights, laid out [outputs, inputs], and zero biases."""
    return {
        "hidden.weight": uniform(bits, (HIDDEN, PIXELS), math.sqrt(6.0 / PIXELS)),
        "hidden.bias": np.zeros(HIDDEN),
        "output.weight": uniform(bits, (CLASSES, HIDDEN), math.sqrt(6.0 / HIDDEN)),
        "output.bias": np.zeros(CLASSES),
    }


def forward(model, pixels):
    """Returns hidden activations and class scores."""
    hidden = np.maximum(product(pixels, model["hidden.weight"].T) + model["hidden.bias"], 0.0)
    return hidden, product(hidden, model["output.weight"].T) + model["output.bias"]


def gradients(model, pixels, labels):
    """Returns the gradient of the mean cross-entropy of one batch."""
    hidden, scores = forward(model, pixels)
    error = softmax(scores)
    error[np.arange(len(labels)), labels] -= 1.0
    error /= len(labels)
    back = np.where(hidden > 0.0, product(error, model["output.weight"]), 0.0)
    return {
        "hidden.weight": product(back.T, pixels),
        "hidden.bias": column_sums(back),
        "output.weight": product(error.T, hidden),
        "output.bias": column_sums(error),
    }


def train(pixels, labels):
    """Returns float32 weights after `EPOCHS` of stochastic gradient descent with momentum."""
    bits = np.random.PCG64(SEED)
    model = initial(bits)
    velocity = {name: np.zeros_like(value) for name, value in model.items()}
    for epoch in range(EPOCHS):
        rate = LEARNING_RATE * (EPOCHS - epoch) / EPOCHS
        order = np.argsort(bits.random_raw(len(labels)), kind="stable")
        for start in range(0, len(labels), BATCH):
            rows = order[start : start + BATCH]
            for name, slope in gradients(model, pixels[rows], labels[rows]).items():
                decay = WEIGHT_DECAY * model[name] if name.endswith("weight") else 0.0
                velocity[name] = MOMENTUM * velocity[name] - rate * (slope + decay)
                model[name] = model[name] + velocity[name]
    return {name: value.astype("<f4") for name, value in model.items()}


def evaluate(model, pixels, labels):
    """Returns accuracy and macro F1 as the four-digit decimals that the card quotes."""
    wide = {name: value.astype(np.float64) for name, value in model.items()}
    guesses = forward(wide, pixels)[1].argmax(axis=1)
    scores = []
    for digit in range(CLASSES):
        hits = int(np.count_nonzero((guesses == digit) & (labels == digit)))
        named = int(np.count_nonzero(guesses == digit)) + int(np.count_nonzero(labels == digit))
        scores.append(2 * hits / named)
    right = int(np.count_nonzero(guesses == labels))
    return {"accuracy": f"{right / len(labels):.4f}", "f1": f"{sum(scores) / CLASSES:.4f}"}


def safetensors(model):
    """Returns the model as a safetensors file: header length, JSON header padded to 8 bytes, data in name order."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name in sorted(model):
        raw = model[name].tobytes()
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(model[name].shape), "data_offsets": offsets}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def config():
    """Returns `config.json`: what is needed to rebuild the network around the weights."""
    fields = {
        "architectures": ["DigitsMLP"],
        "model_type": "mlp",
        "input_size": PIXELS,
        "hidden_sizes": [HIDDEN],
        "num_labels": CLASSES,
        "hidden_act": "relu",
        "dtype": "float32",
    }
    return (json.dumps(fields, indent=2) + "\n").encode()


def check(files, figures):
    """Returns what in `model/` differs from this run."""
    faults = [f"{name} differs" for name, data in files.items() if (MODEL / name).read_bytes() != data]
    card = (MODEL / "README.md").read_text("utf-8")
    faults += [f"README.md does not say {key} {value}" for key, value in figures.items() if f"value: {value}" not in card]
    return faults


def main():
    """Trains, prints the figures and digests, and writes or checks `model/`."""
    parser = argparse.ArgumentParser(description="Train the digit classifier, bit for bit the same everywhere.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is there")
    arguments = parser.parse_args()
    pixels, labels = load(DATASET)
    model = train(pixels[:TRAIN_ROWS], labels[:TRAIN_ROWS])
    figures = evaluate(model, pixels[TRAIN_ROWS:], labels[TRAIN_ROWS:])
    print(*(f"{key} {value}" for key, value in figures.items()), f"on {len(labels) - TRAIN_ROWS} held-out rows")
    files = {"model.safetensors": safetensors(model), "config.json": config()}
    for name, data in files.items():
        print(hashlib.sha256(data).hexdigest(), "", name)
    faults = check(files, figures) if arguments.check else []
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if not arguments.check:
        for name, data in files.items():
            (MODEL / name).write_bytes(data)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
