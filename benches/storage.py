#!/usr/bin/env python3
"""Measures the import of a large file into the block store against computing its CID alone, and against js-ipfs adding the same file.

    cargo build --release --package modelmark-storage --example import --locked
    npm ci --ignore-scripts --prefix tests/clients/ipfs
    storage.py [--gib 4] [--pairs 3] [--save NAME]

Each side says itself how long it took, without its own start. Pairs alternate, as in `run.py`; ratios are the median of the pairs' ratios. IMPORT names
another `import` program. Every run imports into a fresh store. Exits 1 when a promise is missed, or when the CIDs differ.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from run import GIB, HERE, MIB, Row, first_line, table, write_random

CLIENTS = HERE.parent / "tests/clients/ipfs"


@dataclass
class AtLeast(Row):
    """A figure that has to reach its limit."""

    def missed(self):
        return self.limit is not None and self.value < self.limit

    def cells(self):
        cells = super().cells()
        return [*cells[:2], "" if self.limit is None else f">= {self.limit:g} {self.unit}", cells[3]]


def run(argv):
    """Runs a program that prints a CID and seconds; returns both."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=True)
    cid, seconds = done.stdout.split()[-2:]
    return cid, float(seconds)


def in_fresh(scratch, argv):
    """Runs a program with a fresh directory as its last argument."""
    with tempfile.TemporaryDirectory(dir=scratch) as fresh:
        return run([*argv, Path(fresh) / "store"])


def paired(ours, theirs, pairs):
    """Returns the median seconds of both, and the median of theirs / ours."""
    runs = []
    for turn in range(pairs):
        if turn % 2 == 0:
            a, b = ours(), theirs()
        else:
            b, a = theirs(), ours()
        if a[0] != b[0]:
            sys.exit(f"error: the CIDs differ: {a[0]} and {b[0]}")
        runs.append((a[1], b[1]))
    return statistics.median(a for a, _ in runs), statistics.median(b for _, b in runs), statistics.median(b / a for a, b in runs)


def machine():
    """Describes what was measured on, without naming the machine or a path on it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    cpu = {key.strip(): value.strip() for key, value in lines.items()}
    packages = json.loads((CLIENTS / "package.json").read_text())["dependencies"]
    return {
        "processor": cpu.get("model name", "unknown"),
        "SHA instructions": "yes" if "sha_ni" in cpu.get("flags", "").split() else "no",
        "logical processors": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.0f} GiB",
        "load when it began": f"{os.getloadavg()[0]:.1f}",
        "ipfs-core": packages["ipfs-core"],
        "node": first_line("node", "--version"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gib", type=float, default=4)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--note", help="what a reader has to know of this run")
    parser.add_argument("--save")
    options = parser.parse_args()
    program = Path(os.environ.get("IMPORT", HERE.parent / "target/release/examples/import"))
    facts = machine() | ({"note": options.note} if options.note else {})
    scratch = Path(tempfile.mkdtemp(prefix="storage-"))
    try:
        large, size = scratch / "large.bin", int(options.gib * 1024) * MIB
        write_random(large, size)
        digest = lambda: run([program, large])
        ours = lambda: in_fresh(scratch, [program, large])
        theirs = lambda: in_fresh(scratch, ["node", CLIENTS / "add.mjs", large])
        digest()
        imported, alone, against_digest = paired(ours, digest, max(3, 3 * options.pairs))
        _, added, against_js = paired(ours, theirs, options.pairs)
    finally:
        shutil.rmtree(scratch)
    name = f"{options.gib:g} GiB"
    rows = [
        AtLeast(f"import of {name}, referenced: speed / CID alone", against_digest, "x", limit=0.8),
        AtLeast(f"import of {name}, referenced: speed / js-ipfs add", against_js, "x", limit=20),
        Row("  import alone", size / 1e9 / imported, "GB/s"),
        Row("  CID alone", size / 1e9 / alone, "GB/s"),
        Row("  js-ipfs add alone", size / 1e9 / added, "GB/s"),
    ]
    text = table(rows)
    print(text)
    if options.save:
        results = HERE / "results"
        described = "\n".join(f"- {key}: {value}" for key, value in facts.items())
        (results / f"{options.save}.md").write_text(f"# {options.save}\n\n{described}\n\n{text}\n")
        (results / f"{options.save}.json").write_text(json.dumps({"machine": facts, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    sys.exit(any(row.missed() for row in rows))


if __name__ == "__main__":
    main()
