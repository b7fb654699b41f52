"""Makes the hostile outboards of this folder and faults.json: each lies in one way, written from docs/spec/outboard.md. Python 3, no packages.

    python3 generate.py
"""

import json
import struct
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
PROFILE = b"unixfs-v1-256KiB-174"
A, B = sha256(b"a").digest(), sha256(b"b").digest()


def head(kind=1, files=1, folders=0, magic=b"modelmark leaves", version=1, profile=PROFILE):
    return magic + struct.pack("<IBB", version, kind, len(profile)) + profile + struct.pack("<II", files, folders)


def path(text):
    text = text.encode() if isinstance(text, str) else text
    return struct.pack("<H", len(text)) + text


def file(name, size=1):
    return path(name) + struct.pack("<Q", size)


ATTACKS = {
    "empty": (b"", "not an outboard file"),
    "other-magic": (head(magic=b"modelmark leavez") + file("a") + A, "not an outboard file"),
    "version-2": (head(version=2) + file("a") + A, "version 2"),
    "kind-2": (head(kind=2) + file("a") + A, "neither a file nor a directory"),
    "unknown-profile": (head(profile=b"unixfs-v9") + file("a") + A, 'profile "unixfs-v9"'),
    "profile-not-text": (head(profile=b"\x1b[2J\xff") + file("a") + A, "profile"),
    "no-file": (head(files=0, folders=1) + path("a"), "at least one"),
    "two-files-of-one": (head(kind=0, files=2) + file("") + file("") + A + B, "one file"),
    "named-single-file": (head(kind=0) + file("a") + A, "not part of a model"),
    "files-max": (head(files=0xFFFFFFFF) + file("a") + A, "files and directories"),
    "folders-max": (head(folders=0xFFFFFFFF) + file("a") + A, "files and directories"),
    "files-million": (head(files=1_000_000) + file("a") + A, "bytes long"),
    "size-max": (head() + file("a", 2**64 - 1) + A, "bytes"),
    "sizes-overflow": (head(files=2) + file("a", 2**63) + file("b", 2**63) + A, "bytes"),
    "size-huge": (head() + file("a", 2**53 - 1) + A, "bytes long"),
    "digest-missing": (head() + file("a"), "bytes long"),
    "digest-cut": (head() + file("a") + A[:31], "bytes long"),
    "digest-beyond": (head() + file("a") + A + B, "bytes long"),
    "digest-of-empty-file": (head() + file("a", 0) + A, "bytes long"),
    "path-escapes": (head() + file("../a") + A, "unusable path"),
    "path-absolute": (head() + file("/a") + A, "unusable path"),
    "path-empty": (head() + file("") + A, "unusable path"),
    "path-control": (head() + file("a\nb") + A, "unusable path"),
    "path-not-utf8": (head() + file(b"\xff") + A, "UTF-8"),
    "path-long": (head() + file("a" * 5000) + A, "unusable path"),
    "path-deep": (head() + file("/".join("a" * 2000)) + A, "nested"),
    "path-cut": (head() + struct.pack("<H", 0xFFFF) + b"a", "bytes long"),
    "unsorted": (head(files=2) + file("b") + file("a") + B + A, 'at "a"'),
    "twice": (head(files=2) + file("a") + file("a") + A + A, 'at "a"'),
    "file-in-file": (head(files=2) + file("a") + file("a/b") + A + B, 'at "a/b"'),
    "file-in-empty-folder": (head(files=1, folders=1) + file("a/b") + path("a") + A, 'at "a/b"'),
    "folder-in-folder": (head(files=1, folders=2) + file("x") + path("a") + path("a/b") + A, 'at "a/b"'),
    "file-and-folder": (head(files=1, folders=1) + file("a") + path("a") + A, 'at "a"'),
}

if __name__ == "__main__":
    for old in HERE.glob("*.outboard"):
        old.unlink()
    for name, (data, _) in ATTACKS.items():
        (HERE / f"{name}.outboard").write_bytes(data)
    (HERE / "faults.json").write_text(json.dumps({name: fault for name, (_, fault) in ATTACKS.items()}, indent=1) + "\n")
