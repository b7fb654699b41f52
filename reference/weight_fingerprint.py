"""The weight fingerprint, slow and obvious: what the fast code has to agree with. No dependencies.

    python3 weight_fingerprint.py model-00001-of-00002.safetensors model-00002-of-00002.safetensors   # prints the exact tensor root
    python3 weight_fingerprint.py --vectors                                                           # writes ../vectors/weights/exact.json

Level 1, the exact tensor root: same names, types, shapes and bytes, whatever the order, file or sharding.

    D    = SHA-256(tensor bytes, row-major, little-endian, no padding)
    leaf = SHA-256(0x00 | "mpv1:tensor\\0" | u32le(len name) | name | u32le(len dtype) | dtype | u32le(rank) | u64le(dim)... | u64le(len bytes) | D)
    node = SHA-256(0x01 | left | right), RFC 9162 section 2.1.1, over the leaves in the byte order of their UTF-8 names; no leaf: SHA-256("")
"""

import hashlib
import json
import pathlib
import struct
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def exact_leaf(name, dtype, shape, data):
    name, dtype = name.encode(), dtype.encode()
    dims = b"".join(u64(dim) for dim in shape)
    return sha256(b"\0mpv1:tensor\0" + u32(len(name)) + name + u32(len(dtype)) + dtype + u32(len(shape)) + dims + u64(len(data)) + sha256(data))


def merkle_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


def exact_root(tensors):
    """The root of tensors given as (name, dtype, shape, data)."""
    tensors = sorted(tensors, key=lambda tensor: tensor[0].encode())
    names = [tensor[0] for tensor in tensors]
    assert len(set(names)) == len(names), "two tensors with one name"
    return merkle_root([exact_leaf(*tensor) for tensor in tensors])


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    for name, tensor in header.items():
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        yield name, tensor["dtype"], tensor["shape"], data[begin:end]


def cases():
    floats = lambda *values: struct.pack(f"<{len(values)}f", *values)
    yield "no tensor", []
    yield "as printed in the specification", [("a", "F32", [2], floats(1, 2)), ("b.weight", "F32", [2, 0], b""), ("s", "F32", [], floats(3))]
    yield "the same in another order", [("s", "F32", [], floats(3)), ("b.weight", "F32", [2, 0], b""), ("a", "F32", [2], floats(1, 2))]
    yield "same bytes, other shape", [("a", "F32", [1, 2], floats(1, 2))]
    yield "same bytes, other type", [("a", "I32", [2], floats(1, 2))]
    yield "names in UTF-8 order, which is not UTF-16 order", [
        (name, "U8", [1], bytes([index])) for index, name in enumerate(["\uff5e", "\U0001f600", "\ue000", "z", "Z", "", "é", "e\u0301", "a.b", "a"])
    ]
    yield "sub-byte and small types", [("f4", "F4", [4], b"\x12\x34"), ("f6", "F6_E2M3", [4], b"\1\2\3"), ("fnuz", "F8_E4M3FNUZ", [1], b"\x80"), ("c", "C64", [1], floats(1, -1))]
    yield "negative zero and a NaN with a payload are bytes", [("x", "F32", [3], bytes.fromhex("00000080" "0100c07f" "00000000"))]
    for count in range(1, 10):
        yield f"tree of {count}", [(f"t{index}", "U8", [index], bytes(range(index))) for index in range(count)]


def vectors():
    out = []
    for title, tensors in cases():
        listed = [
            {"name": name, "dtype": dtype, "shape": shape, "data": data.hex(), "leaf": exact_leaf(name, dtype, shape, data).hex()}
            for name, dtype, shape, data in tensors
        ]
        out.append({"title": title, "tensors": listed, "root": exact_root(tensors).hex()})
    about = "Exact tensor root (level 1). Made by reference/weight_fingerprint.py --vectors; tensors stand in the order given, not sorted."
    return {"about": about, "cases": out}


def main(arguments):
    if arguments == ["--vectors"]:
        target = pathlib.Path(__file__).parent.parent / "vectors" / "weights" / "exact.json"
        target.write_text(json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n")
    else:
        print(exact_root([tensor for path in arguments for tensor in read_safetensors(path)]).hex())


if __name__ == "__main__":
    main(sys.argv[1:])
