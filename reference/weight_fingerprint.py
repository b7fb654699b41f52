"""The weight fingerprint, version 1, slow and obvious: what the fast code has to agree with. No dependencies.

    python3 weight_fingerprint.py model-00001-of-00002.safetensors model-00002-of-00002.safetensors   # prints the three roots
    python3 weight_fingerprint.py --vectors                                                           # writes ../vectors/weights/{fingerprint,slices}.json

Normative text: ../docs/spec/weight-fingerprint.md.
"""

import functools
import hashlib
import json
import pathlib
import struct
import sys
from fractions import Fraction

CHUNK = 2**20


def sha256(data):
    return hashlib.sha256(data).digest()


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


# The tree of RFC 9162, section 2.1.1, over leaf hashes.


def merkle_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


def data_digest(data):
    """D: the root over the digests of the chunks."""
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    return merkle_root([sha256(b"\0" + sha256(chunk)) for chunk in chunks])


# Leaves.


def facts(dtype, shape, data):
    return u32(len(dtype)) + dtype.encode() + u32(len(shape)) + b"".join(u64(dim) for dim in shape) + u64(len(data)) + data_digest(data)


def exact_leaf(name, dtype, shape, data):
    name = name.encode()
    return sha256(b"\0mpv1:tensor\0" + u32(len(name)) + name + facts(dtype, shape, data))


def content_leaf(dtype, shape, data):
    return sha256(b"\0mpv1:content\0" + facts(dtype, shape, data))


def value_leaf(dtype, shape, data):
    narrow_dtype, narrow_data = narrowed(dtype, data)
    return sha256(b"\0mpv1:value\0" + facts(narrow_dtype, shape, narrow_data))


FLOATS = {"F64", "F32", "F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4"}


def is_weight(dtype, shape):
    elements = 1
    for dim in shape:
        elements *= dim
    return elements > 1 and (dtype in FLOATS or dtype.startswith("GGML:"))


# Narrowing.

ORDER = ["BF16", "F16", "F32", "F64"]
# Bits of the exponent and of the mantissa.
BITS = {"BF16": (8, 7), "F16": (5, 10), "F32": (8, 23), "F64": (11, 52)}


def decode(dtype, bits):
    """What a number is, whatever its width. A payload is a fraction, as the digits of a mantissa are."""
    exponent_bits, mantissa_bits = BITS[dtype]
    sign = bits >> (exponent_bits + mantissa_bits)
    exponent = bits >> mantissa_bits & (2**exponent_bits - 1)
    fraction = Fraction(bits & (2**mantissa_bits - 1), 2**mantissa_bits)
    bias = 2 ** (exponent_bits - 1) - 1
    if exponent == 2**exponent_bits - 1:
        return sign, "special", fraction
    if exponent == 0:
        return sign, "number", fraction * Fraction(2) ** (1 - bias)
    return sign, "number", (1 + fraction) * Fraction(2) ** (exponent - bias)


def encode(dtype, meaning):
    """The bits of exactly this number, or None."""
    exponent_bits, mantissa_bits = BITS[dtype]
    sign, kind, value = meaning
    bias = 2 ** (exponent_bits - 1) - 1
    exponent = 0
    if kind == "special":
        exponent = 2**exponent_bits - 1
        mantissa = value * 2**mantissa_bits
    else:
        # Subnormal, until the number turns out to be as large as the smallest normal one.
        mantissa = value * 2**mantissa_bits / Fraction(2) ** (1 - bias)
        if mantissa >= 2**mantissa_bits:
            exponent = 1
            while mantissa >= 2 ** (mantissa_bits + 1):
                exponent += 1
                mantissa /= 2
            mantissa -= 2**mantissa_bits
        if exponent >= 2**exponent_bits - 1:
            return None
    if mantissa.denominator != 1:
        return None
    return sign << (exponent_bits + mantissa_bits) | exponent << mantissa_bits | int(mantissa)


@functools.cache
def converted(dtype, target, bits):
    return encode(target, decode(dtype, bits))


def width(dtype):
    return (1 + sum(BITS[dtype])) // 8


def narrowed(dtype, data):
    """The tensor in the first type of ORDER that holds every element exactly."""
    if dtype not in ORDER:
        return dtype, data
    size = width(dtype)
    numbers = [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]
    for target in ORDER[: ORDER.index(dtype)]:
        if all(converted(dtype, target, bits) is not None for bits in numbers):
            return target, b"".join(converted(dtype, target, bits).to_bytes(width(target), "little") for bits in numbers)
    return dtype, data


# Roots of tensors given as (name, dtype, shape, data).


def exact_root(tensors):
    tensors = sorted(tensors, key=lambda tensor: tensor[0].encode())
    names = [tensor[0] for tensor in tensors]
    assert len(set(names)) == len(names), "two tensors with one name"
    return merkle_root([exact_leaf(*tensor) for tensor in tensors])


def content_root(tensors):
    return merkle_root(sorted({content_leaf(*tensor[1:]) for tensor in tensors if is_weight(*tensor[1:3])}))


def value_root(tensors):
    return merkle_root(sorted({value_leaf(*tensor[1:]) for tensor in tensors if is_weight(*tensor[1:3])}))


def roots(tensors):
    return {"exact": exact_root(tensors).hex(), "content": content_root(tensors).hex(), "value": value_root(tensors).hex()}


# Proofs of slices.


def split_of(count):
    split = 1
    while split * 2 < count:
        split *= 2
    return split


def path_to(index, leaves):
    """RFC 9162, section 2.1.3.1: the hashes from the leaf upwards."""
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    if index < split:
        return [*path_to(index, leaves[:split]), merkle_root(leaves[split:])]
    return [*path_to(index - split, leaves[split:]), merkle_root(leaves[:split])]


def around(leaves, start, first, end):
    """The roots of the largest subtrees that hold none of the leaves first..end, from left to right."""
    if start + len(leaves) <= first or end <= start:
        return [merkle_root(leaves)]
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    return around(leaves[:split], start, first, end) + around(leaves[split:], start + split, first, end)


def slice_proof(tensors, name, start, end):
    tensors = sorted(tensors, key=lambda tensor: tensor[0].encode())
    index = [tensor[0] for tensor in tensors].index(name)
    _, dtype, shape, data = tensors[index]
    assert 0 <= start < end <= len(data)
    chunks = [sha256(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)]
    first, last = start // CHUNK, (end + CHUNK - 1) // CHUNK
    return {
        "format": "modelmark-slice-proof-v1",
        "tensor": {"name": name, "dtype": dtype, "shape": shape, "bytes": len(data), "digest": data_digest(data).hex()},
        "leaf": {"index": index, "size": len(tensors), "hashes": [node.hex() for node in path_to(index, [exact_leaf(*tensor) for tensor in tensors])]},
        "range": {"start": start, "end": end},
        "chunks": [chunk.hex() for chunk in chunks[first:last]],
        "hashes": [node.hex() for node in around([sha256(b"\0" + chunk) for chunk in chunks], 0, first, last)],
    }


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    for name, tensor in header.items():
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        yield name, tensor["dtype"], tensor["shape"], data[begin:end]


# Vectors. Long data is written as what makes it: {"pattern": n} is the first n bytes of SHA-256(u64le(0)), SHA-256(u64le(1)), …, and
# {"repeat": hex, "times": n} says what it does.


def pattern(length):
    return {"pattern": length}


def repeat(unit, times):
    return {"repeat": unit.hex(), "times": times}


def made(recipe):
    if isinstance(recipe, bytes):
        return recipe
    if "pattern" in recipe:
        length = recipe["pattern"]
        return b"".join(sha256(u64(block)) for block in range((length + 31) // 32))[:length]
    return bytes.fromhex(recipe["repeat"]) * recipe["times"]


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


def f64(*values):
    return struct.pack(f"<{len(values)}d", *values)


def f16(*values):
    return struct.pack(f"<{len(values)}e", *values)


def bits(size, *numbers):
    return b"".join(number.to_bytes(size, "little") for number in numbers)


def plain_cases():
    three = [("a", "F32", [2], f32(1, 2)), ("b.weight", "F32", [2, 0], b""), ("s", "F32", [], f32(3))]
    yield "no tensor", []
    yield "three tensors: plain, without elements, of rank 0", three
    yield "the same in another order", three[::-1]
    yield "the same under other names: L2 and L3 stay", [("x." + name, *rest) for name, *rest in three]
    yield "same bytes, other shape", [("a", "F32", [1, 2], f32(1, 2))]
    yield "same bytes, other type: no float, so L2 and L3 are empty", [("a", "I32", [2], f32(1, 2))]
    yield "names in UTF-8 order, which is not UTF-16 order", [
        (name, "U8", [1], bytes([index])) for index, name in enumerate(["\uff5e", "\U0001f600", "\ue000", "z", "Z", "", "é", "e\u0301", "a.b", "a"])
    ]
    yield "small and other types", [
        ("f4", "F4", [4], b"\x12\x34"), ("f6", "F6_E2M3", [4], b"\1\2\3"), ("fnuz", "F8_E4M3FNUZ", [2], b"\x80\1"), ("f8", "F8_E8M0", [1], b"\1"),
        ("c", "C64", [1], f32(1, -1)), ("q", "GGML:Q4_0", [1, 32], bytes(range(18))), ("t", "BOOL", [2], b"\0\1"),
    ]
    layers = [("layer.0", "F32", [2], f32(1, 2)), ("layer.1", "F32", [2], f32(3, 4))]
    yield "two layers", layers
    yield "the two layers swapped: only L1 differs", [("layer.0", "F32", [2], f32(3, 4)), ("layer.1", "F32", [2], f32(1, 2))]
    yield "a tied layer on top: L2 and L3 stay", [*layers, ("head", "F32", [2], f32(1, 2))]
    yield "a buffer and a scalar on top: L2 and L3 stay", [*layers, ("position_ids", "I64", [2], bytes(16)), ("scale", "F32", [1], f32(7))]
    for count in range(1, 10):
        yield f"tree of {count}", [(f"t{index}", "F16", [index], bytes(range(2 * index))) for index in range(count)]


def long_cases():
    for length in [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]:
        yield f"{length} bytes", [("t", "U8", [length], pattern(length))]
    yield "several chunks of singles that are no narrower", [("t", "F32", [3, CHUNK // 4 + 1], pattern(3 * (CHUNK + 4)))]
    yield "as many singles as make a chunk of BF16 and one more", [("t", "F32", [CHUNK // 2 + 1], repeat(f32(1.5), CHUNK // 2 + 1))]
    yield "doubles in several chunks, singles in one and a bit", [("t", "F64", [CHUNK // 4 + 1], repeat(f64(1 + 2**-20), CHUNK // 4 + 1))]


def narrowing_cases():
    halves = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3C00, 0x7BFF, 0x7C00, 0xFC00]
    values = struct.unpack(f"<{len(halves)}e", bits(2, *halves))
    one = lambda title, dtype, data: (title, [("t", dtype, [len(data) // width(dtype)], data)])
    yield one("halves: subnormals, infinities and -0.0 stay F16", "F16", bits(2, *halves))
    yield one("the same as singles", "F32", f32(*values))
    yield one("the same as doubles", "F64", f64(*values))
    yield one("halves that BF16 holds", "F16", f16(1, -2, 0.5, -0.0))
    yield one("the same as BF16", "BF16", bits(2, 0x3F80, 0xC000, 0x3F00, 0x8000))
    yield one("the same as singles: all three are one value", "F32", f32(1, -2, 0.5, -0.0))
    yield one("the same as doubles: all four are one value", "F64", f64(1, -2, 0.5, -0.0))
    yield one("+0.0 is another value", "F32", f32(1, -2, 0.5, 0.0))
    yield one("one single that is none of both", "F32", f32(1, 2, 3, 0.1))
    yield one("one double that is no single, at the end", "F64", f64(1, 2, 3, 0.1))
    yield one("one double that is no single, at the start", "F64", f64(0.1, 2, 3, 1))
    yield one("large singles: BF16", "F32", f32(2.0**127, 1))
    yield one("too large for F16, too fine for BF16", "F32", f32(65536 * 1.001953125, 1))
    yield one("the smallest single is a BF16 no more", "F32", bits(4, 1, 0x3F800000))
    yield one("the smallest BF16", "F32", bits(4, 0x00010000, 0x80010000))
    yield one("doubles at the edges of the singles", "F64", f64(2.0**-149, -(2.0**-126), (2 - 2**-23) * 2.0**127))
    yield one("below the smallest single", "F64", f64(2.0**-150, 1))
    yield one("half a step of the smallest single", "F64", f64(1.5 * 2.0**-149, 1))
    yield one("above the largest single", "F64", f64(2.0**128, 1))
    yield one("subnormal doubles", "F64", bits(8, 1, 0x3FF0000000000000))
    yield one("a quiet NaN without a payload", "F64", bits(8, 0x7FF8000000000000, 0x3FF0000000000000))
    yield one("a NaN whose payload F16 holds and BF16 does not", "F32", bits(4, 0x7F802000, 0x3F800000))
    yield one("a NaN whose payload BF16 holds", "F32", bits(4, 0xFF810000, 0x3F800000))
    yield one("a NaN whose payload nothing narrower holds", "F32", bits(4, 0x7FC00001, 0x3F800000))
    yield one("a signalling NaN of a double that a single holds", "F64", bits(8, 0x7FF0000020000000, 0x3FF0000000000000))
    yield one("a NaN of a double that no single holds", "F64", bits(8, 0x7FF0000000000001, 0x3FF0000000000000))
    yield one("a NaN of a half: F16 stays", "F16", bits(2, 0x7C01, 0x3C00))
    yield one("a NaN of a half that BF16 holds", "F16", bits(2, 0x7E00, 0x3C00))
    yield one("infinities", "F64", f64(float("inf"), float("-inf")))
    yield one("a single element takes no part in L2 and L3", "F64", f64(1))


def listed(name, dtype, shape, recipe):
    data = made(recipe)
    out = {"name": name, "dtype": dtype, "shape": shape, "data": data.hex() if isinstance(recipe, bytes) else recipe}
    out |= {"digest": data_digest(data).hex(), "exactLeaf": exact_leaf(name, dtype, shape, data).hex()}
    narrow_dtype, narrow_data = narrowed(dtype, data)
    if narrow_dtype != dtype:
        out["narrowed"] = {"dtype": narrow_dtype, "bytes": len(narrow_data), "digest": data_digest(narrow_data).hex()}
    if is_weight(dtype, shape):
        out |= {"contentLeaf": content_leaf(dtype, shape, data).hex(), "valueLeaf": value_leaf(dtype, shape, data).hex()}
    return out


def vectors():
    out = []
    for cases in [plain_cases(), long_cases(), narrowing_cases()]:
        for title, tensors in cases:
            whole = [(name, dtype, shape, made(recipe)) for name, dtype, shape, recipe in tensors]
            out.append({"title": title, "tensors": [listed(*tensor) for tensor in tensors], "roots": roots(whole)})
    about = "Weight fingerprint, version 1. Made by reference/weight_fingerprint.py --vectors; tensors stand in the order given, not sorted. " \
        "`data` is hex, or {pattern: n}: the first n bytes of SHA-256(u64le(0)), SHA-256(u64le(1)), ...; or {repeat: hex, times: n}."
    return {"about": about, "cases": out}


def slices():
    tensors = [
        ("b", "U8", [9 * CHUNK + 5], pattern(9 * CHUNK + 5)), ("a", "F32", [2], f32(1, 2)), ("\U0001f600", "U8", [CHUNK], repeat(b"\1", CHUNK)),
        ("c", "F32", [0], b""), ("d", "BF16", [], b"\0\1"),
    ]
    whole = [(name, dtype, shape, made(recipe)) for name, dtype, shape, recipe in tensors]
    asked = [("a", 0, 8), ("a", 4, 5), ("d", 0, 2), ("\U0001f600", 0, CHUNK)]
    asked += [("b", first * CHUNK, min(last * CHUNK, 9 * CHUNK + 5)) for first in range(10) for last in range(first + 1, 11) if (first * 3 + last) % 4 < 2]
    asked += [("b", CHUNK - 1, CHUNK + 1), ("b", 9 * CHUNK + 4, 9 * CHUNK + 5), ("b", 3, 4)]
    about = "Proofs of slices, by reference/weight_fingerprint.py --vectors; `data` as in fingerprint.json."
    shown = [
        {"name": name, "dtype": dtype, "shape": shape, "data": recipe.hex() if isinstance(recipe, bytes) else recipe} for name, dtype, shape, recipe in tensors
    ]
    return {"about": about, "tensors": shown, "root": exact_root(whole).hex(), "proofs": [slice_proof(whole, *slice) for slice in asked]}


def main(arguments):
    if arguments == ["--vectors"]:
        target = pathlib.Path(__file__).parent.parent / "vectors" / "weights"
        for name, made_vectors in [("fingerprint", vectors()), ("slices", slices())]:
            (target / f"{name}.json").write_text(json.dumps(made_vectors, indent=1, ensure_ascii=True) + "\n")
    else:
        for level, root in roots([tensor for path in arguments for tensor in read_safetensors(path)]).items():
            print(f"{level:<8} {root}")


if __name__ == "__main__":
    main(sys.argv[1:])
