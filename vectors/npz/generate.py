"""Makes valid.json, archives written by NumPy, and the hostile files of attacks/npz/.

    pip install -r requirements.txt && python3 generate.py
"""

import io
import json
import pathlib
import struct
import zipfile

import numpy

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


class Pipe(io.RawIOBase):
    """A stream that cannot seek, so that the archive gets data descriptors."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def saved(save, arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def streamed(arrays):
    out = Pipe()
    numpy.savez(out, **arrays)
    return out.data


def valid():
    types = ["bool", "uint8", "int8", "uint16", "int16", "float16", "uint32", "int32", "float32", "uint64", "int64", "float64", "complex64", "complex128"]
    plain = {f"t.{name}": numpy.arange(6).reshape(2, 3).astype(name) for name in types}
    odd = {
        "scalar": numpy.array(3.0),
        "empty": numpy.zeros((2, 0, 5), numpy.int8),
        "big": numpy.arange(3, dtype=">f4"),
        "text": numpy.array(["ab", "c"]),
        "raw": numpy.zeros(3, "V2"),
        "time": numpy.zeros(2, "M8[ns]"),
        "fortran": numpy.asfortranarray(numpy.arange(6, dtype=numpy.float32).reshape(2, 3)),
        "слой/0": numpy.arange(2),
    }
    cube = numpy.arange(210, dtype=numpy.float32).reshape(5, 6, 7)
    turned = {
        "fortran": numpy.asfortranarray(cube),
        "fortran.big": numpy.asfortranarray(cube.astype(">f8")),
        "fortran.bytes": numpy.asfortranarray((cube % 251).astype("u1")),
        "fortran.complex": numpy.asfortranarray(cube.astype(">c8")),
        "fortran.text": numpy.asfortranarray(numpy.array([["ab", "c"], ["d", "efg"]], ">U3")),
        "big.text": numpy.array(["ab", "c"], ">U2"),
        "big.time": numpy.arange(3).astype(">M8[s]"),
        "big.complex": numpy.arange(4).astype(">c16"),
        "long": numpy.arange(3, dtype=numpy.longdouble),
        "thin": numpy.asfortranarray(cube.reshape(1, 210)),
    }
    yield "empty", saved(numpy.savez, {}), {}
    yield "all types", saved(numpy.savez, plain), plain
    yield "compressed", saved(numpy.savez_compressed, plain), plain
    yield "odd", saved(numpy.savez, odd), odd
    yield "odd, compressed", saved(numpy.savez_compressed, odd), odd
    yield "streamed", streamed(plain), plain
    yield "turned", saved(numpy.savez, turned), turned
    yield "turned, compressed", saved(numpy.savez_compressed, turned), turned


def code_bearing():
    objects = {"o": numpy.array([{"a": 1}, None], object), "a": numpy.arange(2)}
    yield "objects", saved(numpy.savez, objects), "code.bearing"
    yield "objects, compressed", saved(numpy.savez_compressed, objects), "code.bearing"
    yield "records", saved(numpy.savez, {"r": numpy.zeros(2, [("x", "f4"), ("y", "O")]), "a": numpy.arange(2)}), "member.stray"


def described(name, array):
    return {"name": name, "descr": numpy.lib.format.dtype_to_descr(array.dtype), "shape": list(array.shape), "bytes": array.tobytes("A").hex(),
            "columnMajor": bool(array.flags.fnc), "canonical": array.astype(array.dtype.newbyteorder("<")).tobytes("C").hex()}


def write_valid():
    cases = [{"title": title, "file": data.hex(), "arrays": [described(*item) for item in arrays.items()]} for title, data, arrays in valid()]
    code = [{"title": title, "file": data.hex(), "code": code} for title, data, code in code_bearing()]
    about = f"Archives written by NumPy {numpy.__version__}, by vectors/npz/generate.py; `file` and `bytes` are hex."
    (HERE / "valid.json").write_text(json.dumps({"about": about, "cases": cases, "findings": code}, indent=1) + "\n")


def array(descr="'<f4'", shape="(2,)", data=b"\0" * 8, order="False", tail=b" \n", version=b"\1\0", length=None):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode() + tail
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + version + size + text + data


def archive(*members, method=zipfile.ZIP_STORED, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data, method)
        file.comment = comment
    return bytearray(out.getvalue())


def patched(data, signature, offset, value, last=False):
    at = (data.rfind if last else data.find)(signature) + offset
    data[at : at + len(value)] = value
    return data


def attacks():
    """Yields (name, bytes, part of the fault that the check reports)."""
    one = archive(("a.npy", array()))
    end, central, local = b"PK\5\6", b"PK\1\2", b"PK\3\4"
    u16, u32 = (lambda value: struct.pack("<H", value)), (lambda value: struct.pack("<I", value))
    fresh = lambda: bytearray(one)

    # The frame.
    yield "file-empty", b"", "ends inside the end of the central directory"
    yield "cut", one[:-1], "does not end with the end of a ZIP directory"
    yield "comment", archive(("a.npy", array()), comment=b"hello"), "does not end with the end of a ZIP directory"
    yield "bytes-after", one + b"payload", "does not end with the end of a ZIP directory"
    yield "bytes-before", b"payload" + one, "does not end where its end is recorded"
    yield "disks", patched(fresh(), end, 4, u16(1)), "several disks"
    yield "entries-max", patched(patched(fresh(), end, 8, u16(65535)), end, 10, u16(65535)), "65535 members recorded"
    yield "entries-none", patched(patched(fresh(), end, 8, u16(0)), end, 10, u16(0)), "0 members recorded"
    yield "directory-length-max", patched(fresh(), end, 12, u32(2**32 - 1)), "does not end where its end is recorded"
    yield "directory-start-max", patched(fresh(), end, 16, u32(2**32 - 1)), "does not end where its end is recorded"

    # Entries.
    yield "two-members-one-name", patched(patched(archive(("a.npy", array()), ("b.npy", array())), b"b.npy", 0, b"a"), b"b.npy", 0, b"a"), "two members are named"
    yield "local-name-differs", patched(fresh(), b"a.npy", 0, b"b"), "differ"
    yield "local-method-differs", patched(fresh(), local, 8, u16(8)), "differ"
    yield "local-crc-differs", patched(fresh(), local, 14, b"\0\0\0\0"), "differ"
    yield "local-size-differs", patched(fresh(), local, 18, u32(1)), "differ"
    yield "sizes-max", patched(patched(fresh(), central, 20, b"\xff" * 8), local, 18, b"\xff" * 8), "ends inside a member"
    yield "stored-sizes-differ", patched(patched(fresh(), central, 24, u32(2**31)), local, 22, u32(2**31)), "two sizes differ"
    yield "offset-of-header", patched(fresh(), central, 42, u32(1)), "expected 0"
    yield "encrypted", patched(patched(fresh(), central, 8, u16(1)), local, 6, u16(1)), "encrypted"
    yield "method-unknown", patched(patched(fresh(), central, 10, u16(99)), local, 8, u16(99)), "compression method 99"
    yield "name-length-max", patched(fresh(), central, 28, u16(65535)), "the name of a member: 65535 declared"
    yield "extra-length-max", patched(fresh(), central, 30, u16(65535)), "ends inside"
    yield "name-escape-sequence", archive(("\x1b[2J.npy", array())), "control character"
    yield "hole", hole(), "other bytes follow it"

    # Arrays.
    yield "not-an-array", archive(("a.npy", b"\x80\x04K\1." + b"\0" * 100)), "does not start as a NumPy array"
    yield "array-cut", archive(("a.npy", array()[:20])), "cannot be read from the archive"
    yield "version-4", archive(("a.npy", array(version=b"\4\0"))), "version 4.0"
    yield "header-length-max", archive(("a.npy", array(length=2**32 - 1, version=b"\2\0"))), "4294967295 bytes"
    yield "header-code", archive(("a.npy", array(descr="__import__('os').system('id')"))), "a string is missing"
    yield "header-tail", archive(("a.npy", array(tail=b"\0\n"))), "something else than spaces"
    yield "shape-overflow", archive(("a.npy", array(shape="(4294967296, 4294967296, 2)"))), "more than 64 bits"
    yield "shape-overflow-to-zero", archive(("a.npy", array(shape="(9223372036854775808, 2, 0)", data=b""))), "more than 64 bits"
    yield "shape-exabyte", archive(("a.npy", array(shape="(1152921504606846976,)"))), "needed by shape and type"
    yield "shape-negative", archive(("a.npy", array(shape="(-1,)"))), "no number"
    yield "shape-rank-65", archive(("a.npy", array(shape="(" + "1," * 65 + ")"))), "more than 64 dimensions"
    yield "shape-too-small", archive(("a.npy", array(shape="(1,)"))), "needed by shape and type"
    yield "type-unknown", archive(("a.npy", array(descr="'<f3'"))), "unknown element type"
    yield "deflate-garbage", broken_deflate(), "cannot be read from the archive"
    yield "deflate-lies", deflate_lies(), "needed by shape and type"


def hole():
    """A byte between the member and the directory, which every offset knows of."""
    data = archive(("a.npy", array()))
    at = data.find(b"PK\1\2")
    data[at:at] = b"\0"
    return patched(data, b"PK\5\6", 16, struct.pack("<I", at + 1))


def broken_deflate():
    data = archive(("a.npy", array()), method=zipfile.ZIP_DEFLATED)
    return patched(data, b"a.npy", 5, b"\xff\xff\xff\xff")


def deflate_lies():
    """The sizes before compression say more than the shape does: a bomb, had anybody allocated for it."""
    data = archive(("a.npy", array()), method=zipfile.ZIP_DEFLATED)
    huge = struct.pack("<I", 2**32 - 2)
    return patched(patched(data, b"PK\1\2", 24, huge), b"PK\3\4", 22, huge)


def write_attacks():
    folder = ROOT / "attacks" / "npz"
    for old in folder.glob("*.npz"):
        old.unlink()
    faults = {}
    for name, data, fault in attacks():
        assert name not in faults, name
        (folder / f"{name}.npz").write_bytes(data)
        faults[name] = fault
    (folder / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")


if __name__ == "__main__":
    write_valid()
    write_attacks()
