#!/usr/bin/env python3
"""Measures `modelmark cat CID --place URL`, every block held against its CID, against `curl` of the same bytes from the same gateway.

Times are medians of alternating pairs, quoted as the median of the pairs' ratios. The gateway is this script: it sends a CAR out of the page cache. Both
sides write a file on the same disk.

    storage_read.py [--gib 1] [--pairs 5]    exits 1 when less than 0.7 of curl's speed is reached

The binary is the one that MODELMARK names, else target/release/modelmark. Needs curl; Python's standard library is all else.
"""

from __future__ import annotations

import argparse
import base64
import filecmp
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("MODELMARK", str(ROOT / "target/release/modelmark"))
GIB = 1 << 30
PROMISE = 0.7


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def below(car: Path, cid: str, out: Path) -> None:
    """Writes the sections of `car` from the block `cid` on: blocks stand depth first, and the model is the last root."""
    wanted = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
    with car.open("rb") as source, out.open("wb") as target:
        head = source.read(64 << 10)
        length, start = varint(head, 0)
        target.write(head[: start + length])
        position = start + length
        while True:
            source.seek(position)
            head = source.read(64)
            length, start = varint(head, 0)
            if head[start : start + len(wanted)] == wanted:
                break
            position += start + length
        source.seek(position)
        while chunk := source.read(1 << 20):
            target.write(chunk)


class Gateway(BaseHTTPRequestHandler):
    car: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "format=car" not in self.path:
            self.send_error(404)
            return
        with self.car.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.send_response(200)
            self.send_header("content-type", "application/vnd.ipld.car; version=1; order=dfs; dups=n")
            self.send_header("content-length", str(size))
            self.end_headers()
            self.wfile.flush()
            sent = 0
            while sent < size:
                sent += os.sendfile(self.connection.fileno(), file.fileno(), sent, size - sent)

    def log_message(self, *_: object) -> None:
        pass


def seconds(command: list[str], out: Path, environment: dict[str, str]) -> float:
    with out.open("wb") as target:
        start = time.perf_counter()
        subprocess.run(command, stdout=target, check=True, env=environment)
        return time.perf_counter() - start


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--gib", type=float, default=1.0)
    arguments.add_argument("--pairs", type=int, default=5)
    options = arguments.parse_args()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MODELMARK")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = int(options.gib * GIB)
        with (folder / "model.bin").open("wb") as file:
            for left in range(size, 0, -(1 << 20)):
                file.write(os.urandom(min(left, 1 << 20)))
        made = {**environment, "MODELMARK_DATA_DIR": str(folder / "made")}
        run = lambda *words: subprocess.run([BINARY, *words], check=True, capture_output=True, env=made).stdout
        published = json.loads(run("publish", str(folder / "model.bin"), "--license", "MIT", "--json"))
        run("car", "export", published["uri"], str(folder / "all.car"), "--model")
        below(folder / "all.car", published["model"], folder / "model.car")
        (folder / "all.car").unlink()
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Gateway,), {"car": folder / "model.car"}))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        fresh = {**environment, "MODELMARK_DATA_DIR": str(folder / "fresh")}
        cat = [BINARY, "cat", published["model"], "--place", url]
        curl = ["curl", "--silent", "--fail", f"{url}/ipfs/{published['model']}?format=car"]
        seconds(cat, folder / "out", fresh)
        # The peak that the kernel reports for a process is at least what this one held when it started it, so nothing large is held here.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        if not filecmp.cmp(folder / "out", folder / "model.bin", shallow=False):
            print("the bytes are not those of the file", file=sys.stderr)
            return 1
        seconds(curl, folder / "out", fresh)
        ratios, cats, curls = [], [], []
        for pair in range(options.pairs):
            sides = [(cat, cats), (curl, curls)]
            for command, times in sides if pair % 2 else reversed(sides):
                times.append(seconds(command, folder / "out", fresh))
            ratios.append(curls[-1] / cats[-1])
        server.shutdown()
    ratio = statistics.median(ratios)
    print(f"cat --place {statistics.median(cats):.2f} s, curl {statistics.median(curls):.2f} s: {ratio:.2f} of its speed (promised {PROMISE})")
    print(f"ratios {', '.join(f'{one:.2f}' for one in sorted(ratios))}; peak memory {peak} MiB (publishing included)")
    return 0 if ratio >= PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
