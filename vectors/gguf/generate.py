"""Makes valid.json, files written by the Python package gguf, and the hostile files of attacks/gguf/.

    pip install -r requirements.txt && python3 generate.py
"""

import importlib.metadata
import json
import pathlib
import struct
import tempfile

import gguf
import numpy

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
# Its size there is 40, in ggml 36; it is never stored.
UNSTORED = {"Q8_1"}


def all_types(writer):
    """One tensor of two rows for every type; zero bytes will do."""
    for kind, (block, size) in gguf.GGML_QUANT_SIZES.items():
        if kind.name not in UNSTORED:
            writer.add_tensor(f"t.{kind.name}", numpy.zeros((2, size), numpy.uint8), raw_dtype=kind)


def metadata(writer):
    writer.add_name("Tiny")
    writer.add_license("apache-2.0")
    writer.add_tags(["a", "b"])
    writer.add_context_length(2048)
    writer.add_block_count(2)
    writer.add_uint8("x.u8", 255)
    writer.add_int8("x.i8", -1)
    writer.add_uint16("x.u16", 65535)
    writer.add_int16("x.i16", -2)
    writer.add_int32("x.i32", -3)
    writer.add_uint64("x.u64", 2**63)
    writer.add_int64("x.i64", -4)
    writer.add_float32("x.f32", 0.5)
    writer.add_float64("x.f64", 0.25)
    writer.add_bool("x.bool", True)
    writer.add_string("x.long", "д" * 1000)
    writer.add_token_list([f"token {n}" for n in range(100)])
    writer.add_token_scores([0.5] * 100)


def shapes(writer):
    writer.add_tensor("one", numpy.arange(3, dtype=numpy.float32))
    writer.add_tensor("three", numpy.arange(24, dtype=numpy.float16).reshape(2, 3, 4))
    writer.add_tensor("four", numpy.arange(16, dtype=numpy.int64).reshape(2, 2, 2, 2))
    writer.add_tensor("слой.0", numpy.arange(2, dtype=numpy.int8))


def aligned(writer):
    writer.add_custom_alignment(64)
    writer.add_tensor("a", numpy.arange(1, dtype=numpy.float32))
    writer.add_tensor("b", numpy.arange(70, dtype=numpy.float32))


def nothing(writer):
    pass


def big_endian(writer):
    shapes(writer)
    writer.add_float32("x.f32", 0.5)
    writer.add_tensor("f64", numpy.arange(3, dtype=numpy.float64))
    writer.add_tensor("quantised", numpy.arange(36, dtype=numpy.uint8).reshape(2, 18), raw_dtype=gguf.GGMLQuantizationType.Q4_0)


def written(fill):
    order = gguf.GGUFEndian.BIG if fill is big_endian else gguf.GGUFEndian.LITTLE
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file.gguf"
        writer = gguf.GGUFWriter(path, "tiny", endianess=order)
        fill(writer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes(), [described(tensor) for tensor in gguf.GGUFReader(path).tensors]


def described(tensor):
    return {
        "name": tensor.name,
        "type": int(tensor.tensor_type),
        "typeName": tensor.tensor_type.name,
        # GGUF has the fastest dimension first.
        "shape": [int(dim) for dim in reversed(tensor.shape)],
        "elements": int(tensor.n_elements),
        "offset": int(tensor.data_offset),
        "bytes": int(tensor.n_bytes),
        # What the numbers are, whatever the order of the file.
        "canonical": tensor.data.astype(tensor.data.dtype.newbyteorder("<")).tobytes().hex() if tensor.n_bytes < 1000 else None,
    }


def write_valid():
    cases = []
    for fill in [nothing, metadata, shapes, aligned, all_types, big_endian]:
        data, tensors = written(fill)
        cases.append({"title": fill.__name__, "file": data.hex(), "tensors": tensors})
    sizes = {kind.name: [int(kind), *size] for kind, size in gguf.GGML_QUANT_SIZES.items() if kind.name not in UNSTORED}
    about = f"Files written and read by the Python package gguf {importlib.metadata.version('gguf')}, by vectors/gguf/generate.py; `file` is hex."
    (HERE / "valid.json").write_text(json.dumps({"about": about, "types": sizes, "cases": cases}, indent=1) + "\n")


def text(value, length=None):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data) if length is None else length) + data


def pair(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def array(kind, count, elements=b""):
    return struct.pack("<IQ", kind, count) + elements


def info(name, shape=(4,), kind=0, offset=0, rank=None):
    rank = len(shape) if rank is None else rank
    return text(name) + struct.pack("<I", rank) + b"".join(struct.pack("<Q", dim) for dim in shape) + struct.pack("<IQ", kind, offset)


def build(pairs=(), infos=(), data=b"", version=3, magic=b"GGUF", tensors=None, count=None, alignment=32):
    tensors = len(infos) if tensors is None else tensors
    count = len(pairs) if count is None else count
    header = magic + struct.pack("<IQQ", version, tensors, count) + b"".join(pairs) + b"".join(infos)
    return header + b"\0" * (-len(header) % alignment) + data


def attacks():
    """Yields (name, bytes, part of the fault that the check reports)."""
    top = 2**64 - 1
    block = b"\1" * 32

    # The opening.
    yield "file-empty", b"", "ends inside the magic number"
    yield "magic-cut", b"GGU", "ends inside the magic number"
    yield "magic-other", build(magic=b"GGML"), "does not start with GGUF"
    yield "version-1", build(version=1), "GGUF version 1"
    yield "version-1-big-endian", b"GGUF" + struct.pack(">IQQ", 1, 0, 0), "GGUF version 1"
    yield "version-4", build(version=4), "GGUF version 4"
    yield "big-endian", b"GGUF" + struct.pack(">IQQ", 3, 2**60, 0), "tensors: 1152921504606846976 declared"
    yield "tensors-max", build(tensors=top), "tensors: 18446744073709551615 declared"
    yield "tensors-more-than-fit", build(infos=[info("a")], data=block, tensors=4), "tensors: 4 declared"
    yield "pairs-max", build(count=top), "metadata pairs: 18446744073709551615 declared"
    yield "pairs-more-than-there-are", build([pair("k", 0, b"\1")] * 1, [info("a")], block, count=2), "empty name of a tensor"

    # Metadata.
    yield "key-length-max", build([text("k", top) + struct.pack("<IB", 0, 1)]), "a metadata key: 18446744073709551615 declared"
    yield "key-too-long", build([pair("k" * 65536, 0, b"\1")]), "at most 65535 possible"
    yield "key-empty", build([pair("", 0, b"\1")]), "empty metadata key"
    yield "key-not-utf8", build([pair(b"\xff", 0, b"\1")]), "not UTF-8"
    yield "key-escape-sequence", build([pair("\x1b[2J", 0, b"\1")]), "control character"
    yield "key-twice", build([pair("k", 0, b"\1"), pair("k", 0, b"\2")]), "two metadata keys"
    yield "value-type-unknown", build([pair("k", 13, b"\1" * 8)]), "unknown type 13"
    yield "value-truth", build([pair("k", 7, b"\2")]), "truth value 2"
    yield "string-length-max", build([pair("k", 8, text("v", top))]), "a string: 18446744073709551615 declared"
    yield "string-beyond-file", build([pair("k", 8, text("v", 1000))]), "a string: 1000 declared"
    yield "array-length-max", build([pair("k", 9, array(0, top))]), "elements of an array: 18446744073709551615 declared"
    yield "array-length-overflow", build([pair("k", 9, array(10, 2**61))]), "elements of an array: 2305843009213693952 declared"
    yield "array-of-strings-lies", build([pair("k", 9, array(8, 100, text("a" * 1000) * 2))]), "ends inside"
    yield "array-type-unknown", build([pair("k", 9, array(99, 1, b"\1"))]), "unknown type 99"
    yield "array-nested", build([pair("k", 9, array(9, 1, array(0, 1, b"\1")))]), "arrays of arrays"
    yield "array-nested-deep", build([pair("k", 9, array(9, 1) * 10_000)]), "arrays of arrays"
    for name, value in [("zero", 0), ("odd", 24), ("small", 4), ("max", 2**32 - 1)]:
        yield f"alignment-{name}", build([pair("general.alignment", 4, struct.pack("<I", value))]), "general.alignment is"
    yield "alignment-type", build([pair("general.alignment", 8, text("32"))]), "general.alignment is"

    # Tensors.
    yield "name-length-max", build(infos=[text("a", top) + bytes(24)], data=block), "a tensor's name: 18446744073709551615 declared"
    yield "name-too-long", build(infos=[info("n" * 4097)], data=block), "at most 4096 possible"
    yield "name-not-utf8", build(infos=[info(b"\xc0\x80")], data=block), "not UTF-8"
    yield "name-nul", build(infos=[info("a\0")], data=block), "control character"
    yield "name-twice", build(infos=[info("a"), info("a", offset=32)], data=block * 2), "two tensors have this name"
    yield "rank-5", build(infos=[info("a", (1, 1, 1, 1, 1))], data=block), "dimensions: 5 declared"
    yield "rank-max", build(infos=[info("a", rank=2**32 - 1)], data=block), "dimensions: 4294967295 declared"
    for number in [4, 31, 38]:
        yield f"type-removed-{number}", build(infos=[info("a", kind=number)], data=block), "was removed"
    yield "type-q8-1", build(infos=[info("a", (32,), kind=9)], data=block * 2), "Q8_1"
    yield "type-unknown", build(infos=[info("a", kind=2**32 - 1)], data=block), "unknown type 4294967295"
    yield "rows-of-half-blocks", build(infos=[info("a", (16, 2), kind=2)], data=block), "no whole blocks"
    yield "shape-overflow", build(infos=[info("a", (2**32, 2**32, 2))], data=block), "passes 64 bits"
    yield "shape-overflow-to-zero", build(infos=[info("a", (2**63, 2, 0))], data=block), "passes 64 bits"
    yield "shape-bytes-overflow", build(infos=[info("a", (2**62 + 1,))], data=block), "passes 64 bits"
    # CVE-2025-53630, CVE-2026-33298: logical exabytes over a few bytes of file.
    yield "shape-exabyte", build(infos=[info("a", (2**60,))], data=block), "does not end inside the file"
    yield "shape-quantised-exabyte", build(infos=[info("a", (2**62,), kind=2)], data=block), "does not end inside the file"

    # Places.
    yield "offset-max", build(infos=[info("a", offset=top)], data=block), "overlap, hole or wrong alignment"
    yield "offset-wraps", build(infos=[info("a", offset=2**64 - 32)], data=block), "overlap, hole or wrong alignment"
    yield "offset-not-aligned", build(infos=[info("a", offset=1)], data=block), "overlap, hole or wrong alignment"
    yield "overlap", build(infos=[info("a", (16,)), info("b", offset=32)], data=block * 2), "overlap, hole or wrong alignment"
    yield "shared-range", build(infos=[info("a"), info("b")], data=block), "overlap, hole or wrong alignment"
    yield "hole", build(infos=[info("a"), info("b", offset=64)], data=block * 3), "overlap, hole or wrong alignment"
    yield "hole-at-start", build(infos=[info("a", offset=32)], data=block * 2), "overlap, hole or wrong alignment"
    yield "beyond-file", build(infos=[info("a", (64,))], data=block), "does not end inside the file"
    yield "no-data", build(infos=[info("a")]), "does not end inside the file"


def write_attacks():
    folder = ROOT / "attacks" / "gguf"
    for old in folder.glob("*.gguf"):
        old.unlink()
    faults = {}
    for name, data, fault in attacks():
        assert name not in faults, name
        (folder / f"{name}.gguf").write_bytes(data)
        faults[name] = fault
    (folder / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")


if __name__ == "__main__":
    write_valid()
    write_attacks()
