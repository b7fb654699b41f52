"""Dataset roots, slow and obvious: what the fast code has to agree with. No dependencies. The format is docs/spec/dataset.md.

    python3 dataset_root.py ./data             # prints the dataset root of a directory or file
    python3 dataset_root.py --rows data.jsonl  # prints the root over the rows of a JSON Lines or CSV file

Rows of tables (Parquet) are encoded here from plain values; reading the files is for vectors/dataset/generate.py.
"""

import csv
import decimal
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import unicodedata

csv.field_size_limit(1 << 24)


def sha256(data):
    return hashlib.sha256(data).digest()


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def text(value):
    value = value.encode()
    return u32(len(value)) + value


def leaf(domain, *parts):
    return sha256(b"\0" + domain + b"\0" + b"".join(parts))


def merkle_root(leaves):
    """RFC 9162 section 2.1.1 over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


# Files


def file_leaf(path, size, digest, key=None):
    body = text(path) + u64(size) + digest
    if key is None:
        return leaf(b"mpv1:file", body)
    return leaf(b"mpv1:salted-file", hmac.new(key, path.encode(), hashlib.sha256).digest(), body)


def commitment(files, key=None):
    """Of files given as (path, size, digest)."""
    files = [(unicodedata.normalize("NFC", path), size, digest) for path, size, digest in files]
    assert len({path for path, _, _ in files}) == len(files), "two files with one path"
    by_path = sorted(files, key=lambda file: file[0].encode())
    by_content = sorted(files, key=lambda file: (file[2], file[0].encode()))
    count, total = len(files), sum(size for _, size, _ in files)
    path_root = merkle_root([file_leaf(*file, key) for file in by_path])
    if key is not None:
        root = leaf(b"mpv1:salted-dataset", u64(count), u64(total), path_root)
        return {"files": count, "bytes": total, "pathRoot": path_root.hex(), "root": root.hex()}
    content_root = merkle_root([file_leaf(*file) for file in by_content])
    root = leaf(b"mpv1:dataset", u64(count), u64(total), path_root, content_root)
    return {"files": count, "bytes": total, "pathRoot": path_root.hex(), "contentRoot": content_root.hex(), "root": root.hex()}


def files_below(path):
    path = pathlib.Path(path)
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in found:
        name = file.name if path.is_file() else file.relative_to(path).as_posix()
        data = file.read_bytes()
        yield name, len(data), sha256(data)


# Rows


def rows_root(kind, columns, rows):
    """Of canonical bytes: those of the columns (none: b"") and of each row."""
    leaves = [leaf(b"mpv1:row", row) for row in rows]
    return leaf(b"mpv1:rows", text(kind), u64(len(leaves)), sha256(columns), merkle_root(leaves)).hex()


def path_to(index, leaves):
    """RFC 9162, section 2.1.3.1: the hashes from the leaf upwards."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path_to(index, leaves[:split]), merkle_root(leaves[split:])]
    return [*path_to(index - split, leaves[split:]), merkle_root(leaves[:split])]


def row_proof(kind, columns, rows, index):
    """A proof document of one row. Rows of text files are written as text, those of tables in hex."""
    written = (lambda data: data.hex()) if kind == "table" else (lambda data: data.decode())
    hashes = [node.hex() for node in path_to(index, [leaf(b"mpv1:row", row) for row in rows])]
    proof = {"index": index, "size": len(rows), "hashes": hashes}
    return {"format": "modelmark-dataset-row-proof-v1", "kind": kind, "columns": written(columns), "row": written(rows[index]), "proof": proof}


class Double(float):
    """A number that stood in JSON with a fraction or exponent, or is too large for 64 bits."""


def read_json(line):
    def integer(digits):
        value = int(digits)
        # Minus zero is a double; so is what 64 bits cannot hold.
        return Double(digits) if digits == "-0" or not -(2**63) <= value < 2**64 else value

    def finite(digits):
        value = Double(digits)
        assert value - value == 0, "too large a number"
        return value

    def pairs(items):
        assert len({key for key, _ in items}) == len(items), "a key twice"
        return dict(items)

    def refused(name):
        raise ValueError(name)

    value = json.loads(line, parse_int=integer, parse_float=finite, parse_constant=refused, object_pairs_hook=pairs)
    json.dumps(value, ensure_ascii=False).encode()  # A lone surrogate is no text.
    return value


def double(value):
    """ECMAScript's Number::toString."""
    if value == 0:
        return "0"
    sign, digits, exponent = decimal.Decimal(repr(float(value))).normalize().as_tuple()
    digits, point = "".join(map(str, digits)), len(digits) + exponent
    if len(digits) <= point <= 21:
        shown = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        shown = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        shown = "0." + "0" * -point + digits
    else:
        shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + "e" + ("+" if point > 0 else "-") + str(abs(point - 1))
    return ("-" if sign else "") + shown


def canonical(value):
    """RFC 8785, and integers of up to 64 bits with all their digits."""
    if isinstance(value, Double):
        return double(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def jsonl_rows(data):
    return [canonical(read_json(line.decode())).encode() for line in data.split(b"\n") if line.strip(b" \t\r")]


def csv_rows(data):
    records = [canonical(record).encode() for record in csv.reader(data.decode("utf-8-sig").splitlines(keepends=True)) if record]
    return records[0], records[1:]


def file_rows(name, data):
    return ("csv", *csv_rows(data)) if name.endswith(".csv") else ("json", b"", jsonl_rows(data))


def file_rows_root(name, data):
    return rows_root(*file_rows(name, data))


# Tables: types and values as docs/spec/dataset.md lists them

NULL, BOOL, INT, FLOAT, STRING, BINARY, DATE, TIME, TIMESTAMP, INSTANT, DECIMAL, LIST, STRUCT, MAP = range(14)


def type_bytes(kind, *inner):
    """Types are tuples: (INT,), (LIST, type), (STRUCT, [(name, type), ...]), (MAP, key, value), (DECIMAL, scale)."""
    if kind == LIST:
        return bytes([kind]) + type_bytes(*inner[0])
    if kind == STRUCT:
        return bytes([kind]) + u32(len(inner[0])) + b"".join(text(name) + type_bytes(*field) for name, field in inner[0])
    if kind == MAP:
        return bytes([kind]) + type_bytes(*inner[0]) + type_bytes(*inner[1])
    if kind == DECIMAL:
        return bytes([kind]) + struct.pack("<i", inner[0])
    return bytes([kind])


def value_bytes(value, kind, *inner):
    if value is None:
        return bytes([NULL])
    if kind == BOOL:
        body = bytes([value])
    elif kind in (INT, DATE, TIME, TIMESTAMP, INSTANT):
        body = value.to_bytes(16, "little", signed=True)
    elif kind == FLOAT:
        body = struct.pack("<d", value) if value == value else bytes.fromhex("000000000000f87f")
    elif kind == DECIMAL:
        body = value.to_bytes(32, "little", signed=True)
    elif kind in (STRING, BINARY):
        value = value.encode() if kind == STRING else value
        body = u64(len(value)) + value
    elif kind == LIST:
        body = u64(len(value)) + b"".join(value_bytes(item, *inner[0]) for item in value)
    elif kind == STRUCT:
        body = b"".join(value_bytes(value[name], *field) for name, field in inner[0])
    elif kind == MAP:
        body = u64(len(value)) + b"".join(value_bytes(key, *inner[0]) + value_bytes(item, *inner[1]) for key, item in value)
    return bytes([kind]) + body


def table_rows(fields, rows):
    """Of rows as dictionaries."""
    return "table", type_bytes(STRUCT, fields), [value_bytes(row, STRUCT, fields) for row in rows]


def table_rows_root(fields, rows):
    return rows_root(*table_rows(fields, rows))


if __name__ == "__main__":
    if sys.argv[1] == "--rows":
        print(file_rows_root(sys.argv[2], pathlib.Path(sys.argv[2]).read_bytes()))
    else:
        print(commitment(files_below(sys.argv[1]))["root"])
