#!/usr/bin/env python3
"""Writes hostile CAR files of version 2, each with one lie about what is inside, and faults.json."""

import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
V1 = (HERE / "../../vectors/car/record.car").read_bytes()
PRAGMA = bytes.fromhex("0aa16776657273696f6e02")
FIRST = 51
END = FIRST + len(V1)


def frame(start=FIRST, length=len(V1), index=0, inner=V1, pragma=PRAGMA):
    return pragma + bytes(16) + struct.pack("<QQQ", start, length, index) + inner


FILES = {
    "pragma-only": (PRAGMA, "cut off"),
    "header-cut": (frame()[:40], "cut off"),
    "pragma-with-roots": (b"\x11\xa2\x65roots\x80\x67version\x02" + frame()[11:], "CAR version 2 is not supported here"),
    "version-3": (frame(pragma=PRAGMA[:-1] + b"\x03"), "CAR version 3 is not supported"),
    "start-in-pragma": (frame(start=0), "begins at byte 0, in the header"),
    "start-in-header": (frame(start=50), "begins at byte 50, in the header"),
    "start-beyond-the-file": (frame(start=1 << 20), "cut off before what is inside"),
    "start-max": (frame(start=2**64 - 1), "more than a file can have"),
    "start-far": (frame(start=1 << 45), "more than 67108864 bytes"),
    "length-none": (frame(length=0), "is empty"),
    "length-max": (frame(length=2**64 - 1), "more than a file can have"),
    "length-far": (frame(length=1 << 45), "more than 67108864 bytes"),
    "length-beyond-the-file": (frame(length=len(V1) + 1), "its header promises more"),
    "length-cuts-a-block": (frame(length=len(V1) - 1), "reaches beyond the end"),
    "length-cuts-the-header": (frame(length=5), "reaches beyond the end"),
    "index-in-header": (frame(index=11), "lies in the header or the blocks"),
    "index-in-blocks": (frame(index=END - 1), "lies in the header or the blocks"),
    "inside-version-2": (frame(inner=frame(), length=len(frame())), "only version 1, or version 2 around it"),
    "inside-garbage": (frame(inner=b"\x05hello", length=6), "bad header"),
    "inside-another-block": (frame(inner=V1[:-1] + b"\xff"), "has other bytes than its CID says"),
}

for name, (content, _) in FILES.items():
    (HERE / f"{name}.car").write_bytes(content)
faults = {f"{name}.car": fault for name, (_, fault) in FILES.items()}
(HERE / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")
