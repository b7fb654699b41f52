#!/usr/bin/env python3
"""Measures verification: cold against other tools, from the cache, many tokens at once, and how fast evidence is judged.

    cargo build --release --package modelmark --locked
    cargo build --release --package modelmark-verify --example judge --locked
    cargo build --release --package modelmark-chain --example many --locked
    MODEL_SIGNING_PYTHON=… benches/verify.py          # all of it; exits 1 when a promise is missed
    benches/verify.py --only cold,cached --pairs 5    # a part; --save NAME keeps the result as results/NAME.{json,md}

The model has the files, tensors and sizes of all-MiniLM-L6-v2 (91 MB), with random weights. Times are of whole processes, medians over pairs of runs that
alternate; files are in the page cache on both sides. `sha256sum` gets all files in one call. model-signing 1.1.1 verifies a signature that it made itself, with a
key, in the Python that MODEL_SIGNING_PYTHON names: `pip install -r vectors/oms/requirements.txt`.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from run import MIB, WITHOUT_SHA_NI, Bench, Row, machine, save, table

ROOT = Path(__file__).resolve().parent.parent


def minilm(folder):
    """Writes a model of the layout of sentence-transformers/all-MiniLM-L6-v2."""
    shapes = {"embeddings.word_embeddings.weight": [30522, 384], "embeddings.position_embeddings.weight": [512, 384]}
    shapes |= {"embeddings.token_type_embeddings.weight": [2, 384], "embeddings.LayerNorm.weight": [384], "embeddings.LayerNorm.bias": [384]}
    for layer in range(6):
        at = f"encoder.layer.{layer}."
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{at}{name}.weight": [384, 384], f"{at}{name}.bias": [384]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{at}{name}.weight": [384], f"{at}{name}.bias": [384]}
        shapes |= {f"{at}intermediate.dense.weight": [1536, 384], f"{at}intermediate.dense.bias": [1536]}
        shapes |= {f"{at}output.dense.weight": [384, 1536], f"{at}output.dense.bias": [384]}
    shapes |= {"pooler.dense.weight": [384, 384], "pooler.dense.bias": [384]}
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        size = 4
        for extent in shape:
            size *= extent
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "1_Pooling").mkdir(parents=True)
    # A piece at a time: the kernel counts what this process ever held as the peak of those that it starts.
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        while end > 0:
            end -= file.write(os.urandom(min(end, MIB)))
    vocabulary = {f"token{number:05}": number for number in range(30522)}
    files = {
        "config.json": {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6},
        "tokenizer.json": {"version": "1.0", "model": {"type": "WordPiece", "vocab": vocabulary}},
        "tokenizer_config.json": {"do_lower_case": True, "model_max_length": 512},
        "special_tokens_map.json": {"cls_token": "[CLS]", "sep_token": "[SEP]"},
        "modules.json": [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}],
        "sentence_bert_config.json": {"max_seq_length": 256},
        "config_sentence_transformers.json": {"__version__": {"sentence_transformers": "2.0.0"}},
        "1_Pooling/config.json": {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True},
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value))
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n\n" + "A model of the layout of MiniLM.\n" * 300)


def published(bench):
    """Returns the model and its token; both are made when they are first asked for."""
    model, known = bench.scratch / "model", bench.scratch / "token"
    if not known.exists():
        minilm(model)
        told = subprocess.run(
            [str(bench.binary), "publish", str(model), "--license", "apache-2.0", "--json"],
            env=bench.environment(), check=True, capture_output=True, text=True,
        )
        known.write_text(json.loads(told.stdout)["token"])
    return model, known.read_text()


def measure_cold(bench):
    """`verify` that reads every byte against `sha256sum` and against `model_signing verify`."""
    model, _ = published(bench)
    files = sorted(str(path) for path in model.rglob("*") if path.is_file())
    rows = []
    without = WITHOUT_SHA_NI if " avx512bw " in Path("/proc/cpuinfo").read_text() else None
    for label, prefix in [("", []), *([(", no SHA instructions", without)] if without else [])]:
        limit = 0.25 if prefix else None
        command = [*prefix, *bench.modelmark("verify", model)]
        ours, theirs, ratio, peak = bench.paired(command, [*prefix, "sha256sum", *files], bench.options.pairs)
        rows.append(Row(f"verify, cold{label} / sha256sum", ratio, "x", limit=limit, strict=False))
        rows += [Row("  sha256sum alone", theirs * 1e3, "ms"), Row("  verify alone", ours * 1e3, "ms")]
        rows.append(Row(f"  verify, peak memory{label}", peak / MIB, "MiB", limit=64, strict=False))
    python = os.environ.get("MODEL_SIGNING_PYTHON")
    if not python:
        return [*rows, Row("model_signing: not measured, MODEL_SIGNING_PYTHON names no Python that has it", 0, "")]
    key, signature = bench.scratch / "key.pem", bench.scratch / "model.sig"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)], check=True)
    subprocess.run(["openssl", "ec", "-in", str(key), "-pubout", "-out", f"{key}.pub"], check=True, capture_output=True)
    sign = [python, "-m", "model_signing", "sign", "key", str(model), "--private_key", str(key), "--signature", str(signature)]
    subprocess.run(sign, check=True, capture_output=True)
    verify = [python, "-m", "model_signing", "verify", "key", str(model), "--public_key", f"{key}.pub", "--signature", str(signature)]
    _, theirs, ratio, _ = bench.paired(bench.modelmark("verify", model), verify, bench.options.pairs)
    return [
        *rows,
        Row("verify, cold / model_signing verify key", ratio, "x", limit=1 / 20, strict=False),
        Row("  model_signing alone", theirs * 1e3, "ms"),
    ]


def measure_cached(bench):
    """`verify --cached` of the same directory, unchanged; the chain is embedded, or asked over HTTP on this machine."""
    model, token = published(bench)
    # Files that were written a moment before they are read are not kept in the cache.
    subprocess.run(["sleep", "3"], check=True)
    command = bench.modelmark("verify", model, "--cached", "--token", token)
    bench.timed(command)
    ours, start, _, peak = bench.paired(command, bench.modelmark("--help"), bench.options.pairs)
    rows = [
        Row("verify --cached, embedded chain", ours * 1e3, "ms", limit=50),
        Row("  --help alone", start * 1e3, "ms"),
        Row("  peak memory", peak / MIB, "MiB"),
    ]
    served = subprocess.Popen([str(bench.binary), "devnet", "--port", "0", "--json"], env=bench.environment(), stdout=subprocess.PIPE, text=True)
    try:
        text = ""
        while "}" not in text:
            text += served.stdout.readline()
        url = json.loads(text)["url"]
        remote = [*command, "--rpc-url", url]
        bench.timed(remote)
        ours, _, _, _ = bench.paired(remote, bench.modelmark("--help"), bench.options.pairs)
        rows.append(Row("verify --cached, RPC on this machine", ours * 1e3, "ms", limit=50))
    finally:
        served.terminate()
        served.wait()
    return rows


def example(bench, name, package):
    """Returns the path of an example's binary."""
    program = bench.binary.parent / "examples" / name
    if not program.is_file():
        sys.exit(f"error: no {name}; run `cargo build --release --package {package} --example {name}`")
    return str(program)


def measure_judge(bench):
    """Reports a second on one core."""
    command = [example(bench, "judge", "modelmark-verify")]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [
        Row("judge alone, microseconds a report", 1e6 / told["judged"], "us", limit=10, strict=False),
        Row("  with record and signatures read each time", 1e6 / told["readAndJudged"], "us"),
    ]


def measure_many(bench):
    """A thousand tokens at once against twenty one by one, over one endpoint on this machine."""
    told = json.loads(subprocess.run([example(bench, "many", "modelmark-chain")], check=True, capture_output=True, text=True).stdout)
    return [
        Row("1,000 tokens at once / 20 one by one", told["ratio"], "x", limit=1),
        Row("  1,000 at once", told["many"] * 1e3, "ms"),
        Row("  20 one by one", told["twenty"] * 1e3, "ms"),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=9, help="pairs of runs")
    parser.add_argument("--only", default="cold,cached,judge,many", help="what to measure")
    parser.add_argument("--save", help="name of the result in results/")
    options = parser.parse_args()
    binary = Path(os.environ.get("MODELMARK", ROOT / "target/release/modelmark"))
    if not binary.is_file():
        sys.exit(f"error: no {binary}; run `cargo build --release --package modelmark`")
    wanted = options.only.split(",")
    if unknown := set(wanted) - {"cold", "cached", "judge", "many"}:
        sys.exit(f"error: nothing is called {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="modelmark-verify-") as scratch:
        bench = Bench(binary.resolve(), Path(scratch), options)
        rows = [row for name in wanted for row in globals()[f"measure_{name}"](bench)]
    facts = machine(binary)
    print(*(f"{key}: {value}" for key, value in facts.items()), "", table(rows), sep="\n")
    if options.save:
        save(options.save, facts, rows)
    return 1 if any(row.missed() for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
