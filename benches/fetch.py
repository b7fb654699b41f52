#!/usr/bin/env python3
"""Measures `modelmark fetch` from a gateway on this machine against `curl` of the same bytes.

    fetch.py                    1 GiB in four files, five pairs; exits 1 when a promise is missed
    fetch.py --gib 4 --pairs 3

Both sides read CAR streams from one `modelmark gateway`, out of the page cache; `fetch` holds every leaf against its digest and makes sure that all of it is on
disk. The ratio is the median over pairs of runs that alternate. The binary is the one that MODELMARK names, else target/release/modelmark. Needs curl.
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
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = 4
MEMORY = 128 << 20
RATIO = 0.7


def timed(command: list[str], env: dict[str, str]) -> tuple[float, int]:
    """Runs a command; returns its wall time in seconds and its peak memory in bytes."""
    start = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command}: {child.stderr.read().decode()}")
    return elapsed, usage.ru_maxrss * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gib", type=float, default=1.0)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    binary = os.environ.get("MODELMARK", str(ROOT / "target/release/modelmark"))
    with tempfile.TemporaryDirectory(prefix="modelmark-fetch-") as folder:
        work = Path(folder)
        here = {**os.environ, "MODELMARK_DATA_DIR": str(work / "here")}
        there = {**os.environ, "MODELMARK_DATA_DIR": str(work / "there")}
        model = work / "model"
        model.mkdir()
        for number in range(FILES):
            with open(model / f"{number}.bin", "wb") as file:
                for _ in range(int(options.gib * 1024 / FILES)):
                    file.write(os.urandom(1 << 20))
        run = lambda *arguments: subprocess.run([binary, *arguments], env=here, check=True, capture_output=True, text=True).stdout
        published = json.loads(run("publish", str(model), "--license", "mit", "--name", "Measured", "--json"))
        cids = [file["cid"] for file in json.loads(run("digest", str(model), "--json"))["files"]]
        (work / "record.json").write_text(run("cat", published["uri"]))
        served = subprocess.Popen([os.environ.get("MODELMARK_GATEWAY", binary), "gateway", "--json"], env=here, stdout=subprocess.PIPE, text=True)
        text = ""
        while "}" not in text:
            text += served.stdout.readline()
        url = json.loads(text)["url"]
        curl = ["curl", "--silent", "--fail", "--parallel", "--parallel-max", str(FILES), "--header", "Accept: application/vnd.ipld.car"]
        for number, cid in enumerate(cids):
            curl += ["--output", str(work / "curled" / str(number)), f"{url}/ipfs/{cid}?format=car"]
        fetch = [binary, "fetch", str(work / "record.json"), str(work / "fetched"), "--place", url]
        ratios, peaks = [], []
        try:
            for pair in range(options.pairs + 1):
                times = {}
                for name in ("curl", "fetch") if pair % 2 else ("fetch", "curl"):
                    for leftover in ("curled", "fetched"):
                        shutil.rmtree(work / leftover, ignore_errors=True)
                    if name == "curl":
                        (work / "curled").mkdir()
                    times[name], peak = timed(curl if name == "curl" else fetch, there)
                    if name == "fetch":
                        peaks.append(peak)
                # The first pair warms the page cache.
                if pair:
                    ratios.append(times["curl"] / times["fetch"])
                    print(f"curl {times['curl']:.2f} s, fetch {times['fetch']:.2f} s, {ratios[-1]:.2f}")
        finally:
            served.terminate()
    ratio, peak = statistics.median(ratios), max(peaks)
    print(f"fetch at {ratio:.2f} of curl's speed (promised {RATIO}), peak memory {peak >> 20} MiB (promised {MEMORY >> 20})")
    return 0 if ratio >= RATIO and peak <= MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
