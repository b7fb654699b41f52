"""Makes valid.json, files written by the safetensors Python library, and the hostile files of attacks/safetensors/.

    pip install -r requirements.txt && python3 generate.py

Tensor roots come from reference/weight_fingerprint.py.
"""

import json
import pathlib
import struct
import sys
import tempfile

import numpy
import safetensors
import safetensors.numpy

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "reference"))
import weight_fingerprint  # noqa: E402


def valid():
    yield "empty", {}, None
    yield "one", {"a": numpy.array([1.5, -2.0], numpy.float32)}, None
    yield "metadata", {"a": numpy.zeros((2, 3), numpy.float16)}, {"format": "pt", "note": 'quote " and \u2028 and 🤖'}
    yield "scalar and zero-size", {"s": numpy.array(3.0, numpy.float64), "z": numpy.zeros((2, 0, 5), numpy.int8), "b": numpy.array([True, False])}, None
    yield "unicode names", {name: numpy.array([i], numpy.uint8) for i, name in enumerate(["\uff5e", "\U0001f600", "é", "e\u0301", "слой.0", 'a"b\\c', ""])}, None
    types = ["bool", "uint8", "int8", "uint16", "int16", "float16", "uint32", "int32", "float32", "uint64", "int64", "float64", "complex64"]
    yield "all NumPy types", {f"t.{name}": numpy.arange(6).reshape(2, 3).astype(name) for name in types}, None


# Types that NumPy has not, by their names in the library's bindings.
FOREIGN = {
    "bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "float8_e8m0fnu": "F8_E8M0", "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ", "float4_e2m1fn_x2": "F4",
}
BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BF16": 16, "F32": 32}


def pattern(token, shape):
    """Bytes as many as shape and type ask for, each unlike its neighbours."""
    bits = BITS.get(token, 8) * int(numpy.prod(shape, dtype=object))
    assert bits % 8 == 0
    return bytes((7 + 37 * at) % 256 for at in range(bits // 8))


def written_raw(tensors):
    """A file of bytes of these types, by the library; those of four bits go in as pairs."""
    kept, specs = [], {}
    for name, (binding, shape) in tensors.items():
        token = FOREIGN[binding]
        kept.append(numpy.frombuffer(pattern(token, shape), numpy.uint8).copy())
        storage = [*shape[:-1], shape[-1] // 2] if token == "F4" else shape
        specs[name] = safetensors.TensorSpec(dtype=binding, shape=storage, data_ptr=kept[-1].ctypes.data, data_len=kept[-1].nbytes)
    return bytes(safetensors.serialize(specs))


def laid_out(*tensors):
    """A file with tensors in this order, for types and orders that the library reads but does not write."""
    header, data = {}, b""
    for name, token, shape in tensors:
        content = pattern(token, shape)
        header[name] = {"dtype": token, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    file = struct.pack("<Q", len(text)) + text + data
    read = {name: (tensor["dtype"], tensor["shape"], bytes(tensor["data"])) for name, tensor in safetensors.deserialize(file)}
    assert read == {name: (token, shape, pattern(token, shape)) for name, token, shape in tensors}, "the library reads something else"
    return file


def valid_raw():
    """Files whose types NumPy has not: (title, bytes)."""
    yield "all other types", written_raw({f"t.{binding}": (binding, [2, 6]) for binding in FOREIGN} | {"s": ("bfloat16", []), "z": ("float4_e2m1fn_x2", [0, 4])})
    # The bindings have no names for these types; the core that they wrap reads them.
    yield "six bits", laid_out(("e2m3", "F6_E2M3", [4]), ("e3m2", "F6_E3M2", [3, 2, 2]), ("none", "F6_E2M3", [0]))
    yield "not aligned", laid_out(("a", "F6_E2M3", [4]), ("b", "F32", [3]), ("c", "F4", [2]), ("d", "BF16", [2, 2]), ("e", "F6_E3M2", [4, 1]))


def attacks():
    """Yields (name, bytes, part of the fault that the check reports)."""
    one = '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}'
    entry = lambda begin, end, shape="[2]", dtype='"U8"': f'{{"dtype":{dtype},"shape":{shape},"data_offsets":[{begin},{end}]}}'
    fit = lambda header, data=b"\1\2": struct.pack("<Q", len(header)) + header + data
    text = lambda header, data=b"\1\2": fit(header.encode(), data)

    # The length prefix.
    yield "file-empty", b"", "does not fit"
    yield "prefix-cut", b"\2\0\0\0\0\0\0", "does not fit"
    yield "header-longer-than-file", struct.pack("<Q", 1000) + one.encode(), "does not fit"
    yield "header-length-max", struct.pack("<Q", 2**64 - 1) + one.encode(), "does not fit"
    yield "header-length-overflow", struct.pack("<Q", 2**64 - 8) + one.encode(), "does not fit"
    yield "header-over-cap", struct.pack("<Q", 100_000_001) + one.encode(), "does not fit"
    yield "header-none", struct.pack("<Q", 0), "EOF"
    yield "lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 90868376\n", "does not fit"
    yield "pickle", b"\x80\x02}q\x00.", "does not fit"

    # Around the object.
    yield "leading-space", text(" " + one), "first byte"
    yield "byte-order-mark", fit(b"\xef\xbb\xbf" + one.encode()), "malformed header"
    yield "trailing-newline", text(one + "\n"), "something else than spaces"
    yield "trailing-object", text(one + "{}"), "trailing"
    yield "trailing-zero-bytes", text(one + "\0\0"), "trailing"
    yield "array-at-top", text("[]", b""), "malformed header"
    yield "cut-json", text(one[:-3]), "malformed header"
    yield "nested-10000", text('{"a":' * 10_000), "malformed header"
    yield "nested-list-10000", text('{"a":{"shape":' + "[" * 10_000), "malformed header"

    # Names.
    yield "duplicate-tensor", text(f'{{"a":{entry(0, 2)},"a":{entry(0, 2)}}}'), "two tensors are named"
    yield "duplicate-tensor-escaped", text(f'{{"a":{entry(0, 2)},"\\u0061":{entry(2, 4)}}}', b"\1\2\3\4"), "two tensors are named"
    yield "duplicate-key-dtype", text('{"a":{"dtype":"U8","dtype":"I8","shape":[2],"data_offsets":[0,2]}}'), "duplicate field"
    yield "duplicate-key-shape", text('{"a":{"dtype":"U8","shape":[2],"shape":[1,2],"data_offsets":[0,2]}}'), "duplicate field"
    yield "duplicate-key-offsets", text('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"data_offsets":[0,2]}}'), "duplicate field"
    yield "duplicate-metadata", text('{"__metadata__":{},"__metadata__":{},' + one[1:]), "two `__metadata__` keys"
    yield "duplicate-metadata-key", text('{"__metadata__":{"k":"1","k":"2"},' + one[1:]), "two metadata keys"
    yield "name-not-utf8", fit(one.encode().replace(b'"a"', b'"\xff"')), "malformed header"
    yield "name-overlong-utf8", fit(one.encode().replace(b'"a"', b'"\xc0\x80"')), "malformed header"
    yield "name-lone-surrogate", text(one.replace('"a"', '"\\ud800"')), "malformed header"
    yield "name-escape-sequence", text(one.replace('"a"', '"\\u001b[2J"')), "control character"
    yield "name-nul", text(one.replace('"a"', '"a\\u0000"')), "control character"
    yield "name-too-long", text(one.replace('"a"', '"' + "n" * 4097 + '"')), "longer than 4096"

    # Values.
    yield "metadata-number", text('{"__metadata__":{"k":1},' + one[1:]), "malformed header"
    yield "metadata-nested", text('{"__metadata__":{"k":{}},' + one[1:]), "malformed header"
    yield "metadata-list", text('{"__metadata__":[],' + one[1:]), "malformed header"
    yield "unknown-key", text('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1}}'), "unknown field"
    yield "missing-key", text('{"a":{"dtype":"U8","data_offsets":[0,2]}}'), "missing field"
    yield "tensor-as-list", text('{"a":["U8",[2],[0,2]]}'), "malformed header"
    yield "unknown-type", text('{"a":' + entry(0, 2, dtype='"F128"') + "}"), "unknown element type"
    yield "type-lower-case", text('{"a":' + entry(0, 2, dtype='"u8"') + "}"), "unknown element type"
    yield "shape-float", text('{"a":' + entry(0, 2, "[2.0]") + "}"), "malformed header"
    yield "shape-negative", text('{"a":' + entry(0, 2, "[-2]") + "}"), "malformed header"
    yield "shape-null", text('{"a":' + entry(0, 2, "null") + "}"), "malformed header"
    yield "shape-rank-65", text('{"a":' + entry(0, 2, "[" + ",".join(["1"] * 64 + ["2"]) + "]") + "}"), "more than 64 dimensions"
    yield "offsets-one", text('{"a":{"dtype":"U8","shape":[2],"data_offsets":[2]}}'), "malformed header"
    yield "offsets-three", text('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}}'), "malformed header"
    yield "offsets-too-large", text('{"a":' + entry(0, 2**64) + "}"), "malformed header"

    # Arithmetic.
    yield "shape-overflow", text('{"a":' + entry(0, 2, f"[{2**32},{2**32},2]") + "}"), "no size in whole bytes"
    yield "shape-overflow-to-zero", text('{"a":' + entry(0, 0, f"[{2**63},2,0]") + "}", b""), "no size in whole bytes"
    yield "bits-overflow", text('{"a":' + entry(0, 2, f"[{2**58 + 1}]", '"F64"') + "}"), "no size in whole bytes"
    yield "half-a-byte", text('{"a":' + entry(0, 2, "[3]", '"F4"') + "}"), "no size in whole bytes"
    yield "three-quarters-of-a-byte", text('{"a":' + entry(0, 3, "[3]", '"F6_E2M3"') + "}", b"\1\2\3"), "no size in whole bytes"
    yield "whole-in-one-dimension-only", text('{"a":' + entry(0, 3, "[5,1]", '"F4"') + "}", b"\1\2\3"), "no size in whole bytes"
    yield "four-bits-as-bytes", text('{"a":' + entry(0, 4, "[4]", '"F4"') + "}", b"\1\2\3\4"), "4 bytes declared, 2 needed"
    yield "four-bits-padded", text('{"a":' + entry(0, 4, "[2,2]", '"F4"') + "}", b"\1\0\2\0"), "4 bytes declared, 2 needed"
    yield "six-bits-as-bytes", text('{"a":' + entry(0, 4, "[4]", '"F6_E3M2"') + "}", b"\1\2\3\4"), "4 bytes declared, 3 needed"
    yield "six-bits-too-short", text('{"a":' + entry(0, 3, "[8]", '"F6_E3M2"') + "}", b"\1\2\3"), "3 bytes declared, 6 needed"
    yield "four-bits-overflow", text('{"a":' + entry(0, 2, f"[{2**62}]", '"F4"') + "}"), "no size in whole bytes"
    yield "six-bits-overflow", text('{"a":' + entry(0, 2, f"[{2**62}]", '"F6_E2M3"') + "}"), "no size in whole bytes"
    yield "shape-larger-than-range", text('{"a":' + entry(0, 2, "[3]") + "}"), "2 bytes declared, 3 needed"
    yield "shape-exabyte", text('{"a":' + entry(0, 2, f"[{2**60}]") + "}"), "2 bytes declared"

    # Byte ranges.
    yield "range-reversed", text('{"a":' + entry(2, 0) + "}"), "overlap, hole or reversed"
    yield "range-reversed-at-start", text('{"z":' + entry(0, 0, "[0]") + ',"a":' + entry(0, 2) + ',"b":' + entry(2, 1, "[1]") + "}"), "overlap, hole or reversed"
    yield "range-overlap", text('{"a":' + entry(0, 2) + ',"b":' + entry(1, 3) + "}", b"\1\2\3"), "overlap, hole or reversed"
    yield "range-shared", text('{"a":' + entry(0, 2) + ',"b":' + entry(0, 2) + "}"), "overlap, hole or reversed"
    yield "range-hole", text('{"a":' + entry(0, 2) + ',"b":' + entry(3, 5) + "}", b"\1\2\0\3\4"), "overlap, hole or reversed"
    yield "range-hole-at-start", text('{"a":' + entry(1, 3) + "}", b"\0\1\2"), "overlap, hole or reversed"
    yield "range-beyond-file", text('{"a":' + entry(0, 4, "[4]") + "}"), "take 4 bytes, the file has 2"
    yield "range-max", text('{"a":' + entry(2**64 - 3, 2**64 - 1) + "}"), "overlap, hole or reversed"
    yield "bytes-after-tensors", text(one, b"\1\2PK\3\4"), "take 2 bytes, the file has 6"
    yield "bytes-without-tensors", text("{}", b"payload"), "take 0 bytes, the file has 7"
    yield "empty-tensor-outside", text('{"a":' + entry(0, 2) + ',"z":' + entry(9, 9, "[0]") + "}"), "overlap, hole or reversed"


def files():
    for title, tensors, metadata in valid():
        yield title, safetensors.numpy.save(tensors, metadata), metadata
    for title, data in valid_raw():
        yield title, data, None


def write_valid():
    cases = []
    for title, data, metadata in files():
        with tempfile.NamedTemporaryFile() as file:
            pathlib.Path(file.name).write_bytes(data)
            read = list(weight_fingerprint.read_safetensors(file.name))
        listed = [{"name": name, "dtype": dtype, "shape": shape} for name, dtype, shape, _ in read]
        cases.append({"title": title, "file": data.hex(), "tensors": listed, "metadata": metadata or {}, "roots": weight_fingerprint.roots(read)})
    about = f"Files written by the Python library safetensors {safetensors.__version__}, by vectors/safetensors/generate.py; `file` is hex."
    (HERE / "valid.json").write_text(json.dumps({"about": about, "cases": cases}, indent=1) + "\n")


def write_attacks():
    folder = ROOT / "attacks" / "safetensors"
    for old in folder.glob("*.safetensors"):
        old.unlink()
    faults = {}
    for name, data, fault in attacks():
        assert name not in faults, name
        (folder / f"{name}.safetensors").write_bytes(data)
        faults[name] = fault
    (folder / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")


if __name__ == "__main__":
    write_valid()
    write_attacks()
