"""Makes the hostile row files of this folder and faults.json: each lies in one way. Python 3, no packages.

    python3 generate.py

The Parquet files are written by hand in the compact protocol of Thrift, or are tables of vectors/dataset with a few bytes changed.
"""

import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE.parent.parent / "vectors" / "dataset" / "tables" / "many_uncompressed.parquet").read_bytes()
MAGIC = b"PAR1"


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def zigzag(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def footer(data, length=None):
    return MAGIC + data + struct.pack("<I", len(data) if length is None else length) + MAGIC


def group(children):
    """An element of the schema: field 4 is its name, field 5 the number of its children."""
    return b"\x48\x01g\x15" + zigzag(children) + b"\x00"


def schema(*elements, kind=0x0C, count=None):
    """Field 1 is the version, field 2 the schema, a list."""
    return footer(b"\x15\x02\x19" + bytes([0xF0 | kind]) + varint(len(elements) if count is None else count) + b"".join(elements) + b"\x00")


def page(uncompressed=None, compressed=None, values=None):
    """The table with another header of its first page: sizes are fields 2 and 3, the number of values is field 1 of field 5 (or, of a second version, 8)."""
    at = 4
    assert TABLE[at] == 0x15
    at = skip(at + 1)
    fields = []
    for _ in range(2):
        assert TABLE[at] == 0x15
        end = skip(at + 1)
        fields.append((at + 1, end))
        at = end
    assert TABLE[at] & 15 == 12, "a struct with what is said of the page"
    fields.append((at + 2, skip(at + 2)))
    out = TABLE
    for (start, end), value in zip(fields, [uncompressed, compressed, values]):
        if value is not None:
            new = zigzag(value)
            assert len(new) == end - start, (len(new), end - start)
            out = out[:start] + new + out[end:]
    return out


def skip(at):
    while TABLE[at] & 0x80:
        at += 1
    return at + 1


def sized(like, sign=1):
    """The largest number that takes as many bytes."""
    return sign * ((1 << (7 * like - 1)) - 1)


UNREADABLE = "not a readable Parquet file"

ATTACKS = {
    "key-twice.jsonl": (b'{"a":1,"a":2}\n', "stands twice in one object"),
    "key-twice-escaped.jsonl": (b'{"a":1,"\\u0061":2}\n', "stands twice in one object"),
    "key-twice-inside.jsonl": (b'[{"b":{"a":1,"a":1}}]\n', "stands twice in one object"),
    "nested-128.jsonl": (b"[" * 128 + b"]" * 128 + b"\n", "recursion limit"),
    "nested-10000.jsonl": (b"[" * 10_000 + b"\n", "recursion limit"),
    "surrogate-lone.jsonl": (b'"\\ud800"\n', "line 1"),
    "surrogate-turned.jsonl": (b'"\\udc00\\ud800"\n', "line 1"),
    "number-too-large.jsonl": (b"1e999\n", "number out of range"),
    "number-leading-zero.jsonl": (b"01\n", "line 1"),
    "not-a-number.jsonl": (b"NaN\n", "line 1"),
    "not-utf8.jsonl": (b'"\xff"\n', "line 1"),
    "overlong-utf8.jsonl": (b'"\xc0\xaf"\n', "line 1"),
    "control-character.jsonl": (b'"a\x1b[2Jb"\n', "control character"),
    "two-texts.jsonl": (b"1 2\n", "trailing characters"),
    "cut.jsonl": (b'{"a":\n1}\n', "line 1"),
    "second-line.jsonl": (b'{"a":1}\n\n{"a":}\n', "line 3"),
    "byte-order-mark.jsonl": (b"\xef\xbb\xbf1\n", "line 1"),
    "comment.jsonl": (b"1 // one\n", "line 1"),
    "fields-few.csv": (b"a,b\n1\n", "fields where the header has 2"),
    "fields-many.csv": (b"a,b\n1,2\n1,2,3\n", "record 3"),
    "no-header.csv": (b"", "there is no header"),
    "not-utf8.csv": (b"a,b\n1,\xff\n", "not UTF-8"),
    "header-not-utf8.csv": (b"\xff,b\n1,2\n", "not UTF-8"),
    "quote-open.csv": (b'a,b\n"1,x\n2,y\n3,z\n', "fields where the header has 2"),
    "file-empty.parquet": (b"", "shorter than a footer"),
    "magic-only.parquet": (MAGIC, "shorter than a footer"),
    "magic-other.parquet": (footer(b"\x00")[:-4] + b"PARE", "does not end with PAR1"),
    "footer-none.parquet": (MAGIC + struct.pack("<I", 0) + MAGIC, "footer is cut off"),
    "footer-length-max.parquet": (footer(b"\x00", 0xFFFFFFFF), "larger than the file"),
    "footer-length-file.parquet": (footer(b"\x00", 13), "larger than the file"),
    "footer-cut.parquet": (footer(b"\x15\x02\x19"), "footer is cut off"),
    "footer-zeros.parquet": (footer(bytes(64)), UNREADABLE),
    "number-endless.parquet": (footer(b"\x15" + b"\xff" * 32), "has no end"),
    "type-unknown.parquet": (footer(b"\x1e\x00"), "a type that does not exist"),
    "map.parquet": (footer(b"\x1b\x00\x00"), "holds a map"),
    "nested-structs.parquet": (footer(b"\x3c" * 64 + b"\x00" * 65), "nested too deeply"),
    "nested-lists.parquet": (footer(b"\x49" + b"\x19" * 64 + b"\x00" * 65), "nested too deeply"),
    "list-max.parquet": (footer(b"\x49\xfc" + varint(0xFFFFFFFF)), "announces more than it holds"),
    "binary-max.parquet": (footer(b"\x48" + varint(2**63)), "announces more than it holds"),
    "schema-empty.parquet": (schema(), UNREADABLE),
    "schema-of-numbers.parquet": (schema(b"\x02", b"\x02", kind=0x05), "they are no structs"),
    "schema-count-max.parquet": (schema(group(0), count=0xFFFFFFFF), "announces more than it holds"),
    "schema-deep.parquet": (schema(*[group(1)] * 34), "nested more than 32 deep"),
    "children-max.parquet": (schema(group(2**31 - 1)), "more children than there are elements"),
    "children-negative.parquet": (schema(group(-1)), "less than no children"),
    "children-missing.parquet": (schema(group(2), group(0)), UNREADABLE),
    "cut-half.parquet": (TABLE[: len(TABLE) // 2], "does not end with PAR1"),
    "data-missing.parquet": (MAGIC + TABLE[-(8 + struct.unpack("<I", TABLE[-8:-4])[0]) :], UNREADABLE),
    "page-size-negative.parquet": (page(compressed=sized(1, -1)), UNREADABLE),
    "page-size-larger.parquet": (page(compressed=sized(1)), UNREADABLE),
    "page-inflated-negative.parquet": (page(uncompressed=sized(1, -1)), UNREADABLE),
    "page-values-negative.parquet": (page(values=sized(2, -1)), UNREADABLE),
    "page-values-max.parquet": (page(values=sized(2)), UNREADABLE),
}


if __name__ == "__main__":
    for old in HERE.iterdir():
        if old.suffix in {".jsonl", ".csv", ".parquet"}:
            old.unlink()
    for name, (data, _) in ATTACKS.items():
        (HERE / name).write_bytes(data)
    (HERE / "faults.json").write_text(json.dumps({name: fault for name, (_, fault) in ATTACKS.items()}, indent=1) + "\n")
