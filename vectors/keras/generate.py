"""Makes the files of this folder with Keras and h5py, valid.json, and the hostile files of attacks/keras/.

    pip install -r requirements.txt && python3 generate.py
"""

import collections
import io
import json
import os
import pathlib
import struct
import zipfile
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import keras
import ml_dtypes
import numpy

HERE = pathlib.Path(__file__).parent
ATTACKS = HERE.parent.parent / "attacks" / "keras"
UNDEFINED = b"\xff" * 8

TOKENS = {
    "float16": "F16", "float32": "F32", "float64": "F64", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64", "uint8": "U8", "uint16": "U16",
    "uint32": "U32", "uint64": "U64", "bool": "BOOL", "complex64": "C64", "complex128": "C128", "bfloat16": "BF16",
}


def described(file):
    """What h5py reads from a file."""
    tensors = []

    def visit(path, item):
        if isinstance(item, h5py.Group):
            for name in item:
                if not isinstance(item.get(name, getlink=True), (h5py.SoftLink, h5py.ExternalLink)):
                    visit(f"{path}/{name}".lstrip("/"), item[name])
            return
        if item.shape is None or item.dtype.kind in "SO" or item.external or item.is_virtual:
            return
        array = numpy.asarray(item[()])
        if item.attrs.get("dtype") == "bfloat16":
            array = array.view(ml_dtypes.bfloat16)
        else:
            array = array.astype(array.dtype.newbyteorder("<"))
        content = array.tobytes()
        content = {"bytes": content.hex()} if len(content) < 4096 else {"crc32": zlib.crc32(content)}
        tensors.append({"name": path, "dtype": TOKENS[array.dtype.name], "shape": list(array.shape), **content})

    with h5py.File(file, "r") as opened:
        visit("", opened)
    return tensors


def types(file):
    # No more than eight links to a group: more are kept in a heap by the latest version, which is not read.
    for number, name in enumerate(TOKENS):
        if name != "bfloat16":
            file[f"types/{number // 8}/{name}"] = numpy.arange(6).reshape(2, 3).astype(name)
    file["big"] = numpy.arange(3, dtype=">f4")
    file["scalar"] = numpy.float32(3.0)
    file["empty"] = numpy.zeros((2, 0, 5), numpy.int8)
    file["nothing"] = h5py.Empty("f4")
    file["слой/0"] = numpy.arange(2)
    file["слой/words"] = ["ab", "c"]
    brain = file.create_dataset("brain", data=numpy.array([1.5, -2], ml_dtypes.bfloat16).view("V2"))
    brain.attrs["dtype"] = "bfloat16"
    file.attrs["note"] = "text"
    file.attrs["fixed"] = numpy.bytes_("fixed text")
    file.attrs["number"] = 3


def chunks(file):
    array = numpy.arange(7 * 5, dtype=numpy.float32).reshape(7, 5)
    file.create_dataset("plain", data=array, chunks=(2, 3))
    file.create_dataset("deflated", data=array, chunks=(4, 5), compression="gzip")
    file.create_dataset("all", data=array, chunks=(3, 2), compression="gzip", shuffle=True, fletcher32=True)
    file.create_dataset("one", data=array, chunks=(7, 5), compression="gzip")
    file.create_dataset("latest/one plain", data=array, chunks=(7, 5))
    file.create_dataset("many", data=numpy.arange(1300, dtype=numpy.int16), chunks=(1,))
    file.create_dataset("latest/may grow to so much", data=array, maxshape=(9, 5), chunks=(3, 5))
    file.create_dataset("big", data=array.astype(">f8"), chunks=(7, 2), shuffle=True)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((3,))
    h5py.h5d.create(file.id, b"latest/compact", h5py.h5t.IEEE_F32LE, space, compact).write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(3, dtype="<f4"))
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    early.set_chunk((2, 3))
    space = h5py.h5s.create_simple((7, 5))
    h5py.h5d.create(file.id, b"latest/early", h5py.h5t.IEEE_F32LE, space, early).write(h5py.h5s.ALL, h5py.h5s.ALL, array)


def links(file):
    file["weight"] = numpy.arange(3, dtype=numpy.float32)
    file["tied"] = file["weight"]
    file["soft"] = h5py.SoftLink("/weight")
    file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/x")
    file.create_dataset("raw", (3,), "f4", external=[("/etc/hosts", 0, 12)])
    layout = h5py.VirtualLayout((3,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
    file.create_virtual_dataset("virtual", layout)


def groups(file):
    for number in range(12):
        file[f"layer_{number}/vars/0"] = numpy.float32(number)


def dense(file):
    """Groups with so many links, and objects with so many attributes, that they are kept in heaps."""
    file["w"] = numpy.arange(3, dtype=numpy.float32)
    many = file.create_group("many")
    for number in range(300):
        many[f"link {number} {'x' * (number % 40)}"] = file["w"]
    for number in range(0, 300, 7):
        del many[f"link {number} {'x' * (number % 40)}"]
    ordered = file.create_group("ordered", track_order=True)
    for number in range(20, 0, -1):
        ordered[f"{number}"] = file["w"]
    for number in range(30):
        file.attrs[f"attribute {number:02}"] = f"text {number}"
        file["w"].attrs[f"a{number}"] = "text"
    brain = file.create_dataset("brain", data=numpy.array([1.5, -2], ml_dtypes.bfloat16).view("V2"))
    for number in range(30):
        brain.attrs[f"a{number}"] = "text"
    brain.attrs["dtype"] = "bfloat16"


def growing(file):
    """Datasets that can grow, whose chunks newer files find by arrays that grow and by B-trees of version 2."""
    array = numpy.arange(7 * 5, dtype=numpy.float32).reshape(7, 5)
    file.create_dataset("one", data=array, chunks=(2, 3), maxshape=(None, 5))
    file.create_dataset("one deflated", data=array, chunks=(2, 3), maxshape=(None, 9), compression="gzip", shuffle=True)
    file.create_dataset("last", data=array, chunks=(2, 2), maxshape=(8, None))
    file.create_dataset("middle", data=array.reshape(7, 1, 5).repeat(3, 1), chunks=(3, 2, 4), maxshape=(9, None, 5))
    file.create_dataset("all", data=array, chunks=(2, 3), maxshape=(None, None))
    file.create_dataset("all deflated", data=array, chunks=(1, 1), maxshape=(None, None), compression="gzip")
    file.create_dataset("many", data=numpy.arange(3000, dtype=numpy.int8), chunks=(3,), maxshape=(None,))
    file.create_dataset("many of all", data=numpy.arange(1800, dtype=numpy.int8).reshape(60, 30), chunks=(2, 3), maxshape=(None, None))
    grown = file.create_dataset("grown and shrunk", data=array, chunks=(2, 3), maxshape=(None, None))
    grown.resize((11, 8))
    grown.resize((5, 4))
    far = file.create_dataset("far", (200_000,), "i1", chunks=(1,), maxshape=(None,))
    far[[0, 5, 700, 70_000, 130_000, 140_000, 199_999]] = numpy.arange(1, 8)
    file.create_dataset("nothing yet", (4, 3), "f4", chunks=(2, 3), maxshape=(None, None))


def filters(file):
    random = numpy.random.default_rng(1).bytes(800)
    file.create_dataset("lzf", data=numpy.arange(500, dtype=numpy.int32) // 7, chunks=(100,), compression="lzf")
    file.create_dataset("lzf shuffled", data=numpy.arange(35, dtype=numpy.float64).reshape(7, 5), chunks=(3, 5), compression="lzf", shuffle=True, fletcher32=True)
    file.create_dataset("lzf in vain", data=numpy.frombuffer(random, numpy.uint8), chunks=(300,), compression="lzf")
    file.create_dataset("lzf runs", data=numpy.zeros(3000, numpy.uint8), chunks=(1500,), compression="lzf")


def unwritten(file):
    part = file.create_dataset("part", (7, 5), "f4", chunks=(2, 3), fillvalue=1.5)
    part[2:4, 0:3] = 7
    part = file.create_dataset("part, big", (7, 5), ">i8", chunks=(3, 3), fillvalue=-258, compression="gzip")
    part[6, 4] = 1
    file.create_dataset("zeros", (3, 2), "f8")
    file.create_dataset("ones", (3, 2), "i2", fillvalue=1)
    file.create_dataset("scalar", (), "f4", fillvalue=-0.0)
    file.create_dataset("truth", (3,), "?", fillvalue=True, chunks=(2,))
    file.create_dataset("empty", (0, 4), "f4")


def written(name, fill, **options):
    path = HERE / name
    with h5py.File(path, "w", **options) as file:
        fill(file)
    return path


def model():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3, name="d1"), keras.layers.BatchNormalization(name="n")], name="tiny")
    return model


def functional():
    """Two inputs and two outputs, a model inside, weights of eight bits."""
    first, second = keras.Input((4,), name="first"), keras.Input((2,), name="second", dtype="int32")
    inner = keras.Sequential([keras.layers.Dense(8, name="inner_dense")], name="inner")
    both = keras.layers.Concatenate(name="both")([inner(first), keras.layers.Rescaling(1, name="rescaled")(second)])
    made = keras.Model([first, second], [keras.layers.Dense(3, name="one")(both), keras.layers.Softmax(name="other")(both)], name="branched")
    made.quantize("int8")
    return made


def architecture(made):
    """What Keras says of a model's network, in the names of ours."""
    tokens = {"float32": "F32", "int32": "I32"}
    every = [layer for layer in made._flatten_layers() if not isinstance(layer, (keras.Model, keras.layers.InputLayer))]
    seen = {
        "name": type(made).__name__, "layers": len(every), "operators": dict(collections.Counter(type(layer).__name__ for layer in every)),
        "inputs": [{"name": tensor._keras_history.operation.name, "dtype": tokens[tensor.dtype], "shape": list(tensor.shape)} for tensor in made.inputs],
    }
    if isinstance(made, keras.Sequential):
        return seen
    return seen | {"outputs": [{"name": tensor._keras_history.operation.name} for tensor in made.outputs]}


def archive(path, config, weights=None, deflated=False, **others):
    """An archive as Keras would write it, with another description."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as out:
        for name, data in {"metadata.json": '{"keras_version": "3.15.1"}', "config.json": config, "model.weights.h5": weights or b"", **others}.items():
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)
    return path


def cases():
    yield {"title": "types", "path": written("types.h5", types), "findings": ["member.stray"], "metadata": {"note": "text", "fixed": "fixed text"}}
    yield {"title": "types, latest", "path": written("types-latest.h5", lambda file: types(file), libver="latest", track_order=False), "findings": ["member.stray"], "metadata": {"note": "text"}}
    yield {"title": "chunks", "path": written("chunks.h5", chunks), "findings": []}
    yield {"title": "chunks, latest", "path": written("chunks-latest.h5", chunks, libver="latest"), "findings": []}
    yield {"title": "dense", "path": written("dense-latest.h5", dense, libver="latest"), "findings": [], "metadata": {f"attribute {n:02}": f"text {n}" for n in range(30)}}
    yield {"title": "ordered", "path": written("ordered.h5", dense, track_order=True), "findings": []}
    for name, fill in [("growing", growing), ("filters", filters), ("unwritten", unwritten)]:
        yield {"title": name, "path": written(f"{name}.h5", fill), "findings": []}
        yield {"title": f"{name}, latest", "path": written(f"{name}-latest.h5", fill, libver="latest"), "findings": []}
    yield {"title": "links", "path": written("links.h5", links), "findings": ["member.stray", "file.outside", "file.outside", "file.outside"]}
    yield {"title": "groups", "path": written("groups.h5", groups), "findings": []}
    whole = model()
    whole.compile(optimizer="adam", loss="mse")
    path = HERE / "model.keras"
    whole.save(path)
    with zipfile.ZipFile(path) as archived:
        weights = archived.read("model.weights.h5")
    yield {"title": "Keras 3", "path": path, "inner": weights, "architecture": architecture(whole), "findings": [], "metadata": {"keras_version": keras.__version__, "keras.class": "Sequential"}}
    path = HERE / "model.h5"
    whole.save(path)
    yield {"title": "Keras 2", "path": path, "architecture": architecture(whole), "findings": [], "metadata": {"keras_version": keras.__version__, "keras.class": "Sequential", "backend": "tensorflow"}}
    branched = functional()
    path = HERE / "branched.keras"
    branched.save(path)
    with zipfile.ZipFile(path) as archived:
        inner = archived.read("model.weights.h5")
    yield {"title": "branched", "path": path, "inner": inner, "architecture": architecture(branched), "findings": []}
    half = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3, dtype="bfloat16", name="d")])
    path = HERE / "half.weights.h5"
    half.save_weights(path)
    yield {"title": "bfloat16", "path": path, "findings": []}
    lambdas = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x + 1, output_shape=(2,))])
    path = HERE / "lambda.keras"
    lambdas.save(path)
    yield {"title": "Lambda", "path": path, "findings": ["code.bearing", "code.bearing"]}
    path = HERE / "lambda.h5"
    lambdas.save(path)
    yield {"title": "Lambda in HDF5", "path": path, "findings": ["code.bearing", "code.bearing"]}
    config = json.dumps({
        "module": "keras", "class_name": "Sequential", "registered_name": None, "config": {"layers": [
            {"module": "os", "class_name": "function", "config": "system", "registered_name": "function"},
            {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "function"},
            {"module": None, "class_name": "Mine", "config": {}, "registered_name": "Custom>Mine"},
            {"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {}, "registered_name": None},
            {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}, "registered_name": None},
        ]},
    })
    path = archive(HERE / "dangerous.keras", config, weights, deflated=True)
    yield {"title": "dangerous", "path": path, "inner": weights, "findings": ["code.bearing", "code.bearing", "code.needed", "code.bearing", "file.outside"]}
    inner = (HERE / "chunks.h5").read_bytes()
    path = archive(HERE / "packed.keras", json.dumps({"class_name": "Sequential"}), inner, deflated=True)
    yield {"title": "packed", "path": path, "inner": inner, "findings": []}


def finished(case):
    path = case.pop("path")
    inner = case.pop("inner", None)
    case["file"] = path.name
    case["tensors"] = described(io.BytesIO(inner)) if inner else described(path) if path.suffix == ".h5" else []
    return case


def lookup3(data):
    """The checksum of newer structures: `hashlittle` of Bob Jenkins, started with zero."""
    turn = lambda x, k: ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF
    a = b = c = (0xDEADBEEF + len(data)) & 0xFFFFFFFF
    word = lambda at: int.from_bytes(data[at:at + 4], "little")
    at = 0
    while len(data) - at > 12:
        a, b, c, at = (a + word(at)) & 0xFFFFFFFF, (b + word(at + 4)) & 0xFFFFFFFF, (c + word(at + 8)) & 0xFFFFFFFF, at + 12
        for ka, kb, kc in [(4, 6, 8), (16, 19, 4)]:
            a = (a - c) & 0xFFFFFFFF ^ turn(c, ka)
            c = (c + b) & 0xFFFFFFFF
            b = (b - a) & 0xFFFFFFFF ^ turn(a, kb)
            a = (a + c) & 0xFFFFFFFF
            c = (c - b) & 0xFFFFFFFF ^ turn(b, kc)
            b = (b + a) & 0xFFFFFFFF
    if at == len(data):
        return c
    a, b, c = (a + word(at)) & 0xFFFFFFFF, (b + word(at + 4)) & 0xFFFFFFFF, (c + word(at + 8)) & 0xFFFFFFFF
    for first, second, third in [(14, 11, 25), (16, 4, 14)]:
        c = ((c ^ b) - turn(b, first)) & 0xFFFFFFFF
        a = ((a ^ c) - turn(c, second)) & 0xFFFFFFFF
        b = ((b ^ a) - turn(a, third)) & 0xFFFFFFFF
    c = ((c ^ b) - turn(b, 24)) & 0xFFFFFFFF
    return c


def attacks():
    def made(fill, **options):
        out = io.BytesIO()
        with h5py.File(out, "w", **options) as file:
            fill(file)
        return out.getvalue()

    def small(file):
        file["w"] = numpy.arange(3, dtype=numpy.float32)

    def changed(file, at, data):
        assert at >= 0
        return file[:at] + data + file[at + len(data):]

    valid = made(small)
    u64 = lambda number: struct.pack("<Q", number)
    with h5py.File(io.BytesIO(valid)) as file:
        address = h5py.h5o.get_info(file["w"].id).addr
        data = file["w"].id.get_offset()
    symbols, tree, heap = valid.index(b"SNOD"), valid.index(b"TREE"), valid.index(b"HEAP")
    yield "file-empty.h5", b"", "ends inside"
    yield "cut.h5", valid[:-1], "bytes of the file, by its superblock"
    yield "superblock-9.h5", changed(valid, 8, b"\x09"), "version 9 of the superblock"
    yield "widths.h5", changed(valid, 13, b"\x04"), "addresses and lengths of (4, 8) bytes"
    yield "base.h5", changed(valid, 24, u64(512)), "do not count from the start"
    yield "end-max.h5", changed(valid, 40, u64(2**64 - 2)), "18446744073709551614 declared"
    yield "root-out.h5", changed(valid, 64, u64(2**40)), "ends inside an object header"
    yield "root-is-dataset.h5", changed(valid, 64, u64(address)), "the root is no group"
    yield "group-in-itself.h5", changed(valid, symbols + 16, u64(struct.unpack_from("<Q", valid, 64)[0])), "hangs in several places, or in itself"
    yield "tree-in-itself.h5", changed(changed(valid, tree + 5, b"\x01"), tree + 32, u64(tree)), "another kind or level"
    yield "tree-entries-max.h5", changed(valid, tree + 6, b"\xff\xff"), "the tree of a group"
    yield "tree-leaf-kind.h5", changed(valid, tree + 4, b"\x01"), "another kind or level"
    yield "symbols-max.h5", changed(valid, symbols + 6, b"\xff\xff"), "a table of symbols"
    yield "heap-length-max.h5", changed(valid, heap + 8, u64(2**63)), "ends inside the heap"
    yield "name-out-of-heap.h5", changed(valid, symbols + 8, u64(2**63)), "a name in the heap"
    yield "name-escape.h5", changed(valid, valid.index(b"w\0\0\0\0\0\0\0", heap), b"\x1b"), "control characters"
    yield "name-slash.h5", changed(valid, valid.index(b"w\0\0\0\0\0\0\0", heap), b"/"), "is no name"
    yield "name-empty.h5", changed(valid, valid.index(b"w\0\0\0\0\0\0\0", heap), b"\0"), "is no name"
    two = made(lambda file: [small(file), file.__setitem__("x", numpy.arange(3, dtype=numpy.float32))])
    second = two.index(b"SNOD") + 48
    yield "name-twice.h5", changed(two, second, two[second - 40:second - 32]), "two links have this name"
    layout = valid.index(struct.pack("<BBQQ", 3, 1, data, 12))
    yield "data-out.h5", changed(valid, layout + 2, u64(2**40)), "ends inside a dataset"
    yield "data-wraps.h5", changed(valid, layout + 2, u64(2**64 - 8)), "ends inside a dataset"
    yield "data-length.h5", changed(valid, layout + 10, u64(8)), "8 bytes stored, 12 needed"
    yield "layout-version.h5", changed(valid, layout, b"\x02"), "version 2 of a data layout"
    yield "layout-class.h5", changed(valid, layout + 1, b"\x07"), "unknown class 7"
    with h5py.File(io.BytesIO(two)) as file:
        first, other = file["w"].id.get_offset(), file["x"].id.get_offset()
    yield "overlap.h5", two.replace(struct.pack("<BBQQ", 3, 1, other, 12), struct.pack("<BBQQ", 3, 1, first + 4, 12)), "shares these bytes"
    yield "shared-range.h5", two.replace(struct.pack("<BBQQ", 3, 1, other, 12), struct.pack("<BBQQ", 3, 1, first, 12)), "shares these bytes"
    shape = valid.index(struct.pack("<BBB5xQQ", 1, 1, 1, 3, 3), address)
    yield "rank-33.h5", changed(valid, shape + 1, b"\x21"), "dimensions: 33"
    yield "shape-exabyte.h5", changed(valid, shape + 8, u64(2**60)), "bytes stored"
    yield "shape-overflow.h5", changed(valid, shape + 8, u64(2**63)), "passes 64 bits"
    yield "shape-version.h5", changed(valid, shape, b"\x03"), "version 3 of a dataspace"
    yield "type-class.h5", changed(valid, valid.index(b"\x11\x20\x1f\x00\x04\0\0\0"), b"\x1f"), "unknown class 15"
    size = address + 8
    yield "header-length-max.h5", changed(valid, size, b"\xff\xff\xff\xff"), "ends inside an object header"
    yield "header-version.h5", changed(valid, address, b"\x07"), "version 7 of an object header"
    yield "message-length-max.h5", changed(valid, address + 18, b"\xff\xff"), "ends inside an object header"
    yield "message-twice.h5", changed(valid, address + 16, valid[valid.index(b"\x08\x00\x18\x00", address):][:2]), "two messages of kind 0x8"
    many = made(lambda file: [file.attrs.__setitem__(f"a{n}", "text") for n in range(20)])
    continued = many.index(b"\x10\x00\x10\x00")
    root = struct.unpack_from("<Q", many, 64)[0]
    yield "header-continues-in-itself.h5", changed(many, continued + 8, u64(root + 16)), "continues in itself"
    heap = many.index(b"GCOL")
    yield "global-heap-max.h5", changed(many, heap + 8, u64(2**62)), "ends inside a global heap"
    yield "global-heap-object-max.h5", changed(many, heap + 24, u64(2**62)), "ends inside a global heap"
    yield "global-heap-number-twice.h5", changed(many, heap + 40, b"\x01"), "two objects have one number"
    attribute = many.index(b"\x04\0\0\0" + u64(heap))
    yield "attribute-too-long.h5", changed(many, attribute, b"\xff\xff\xff\xff"), "longer than its place"
    yield "attribute-no-object.h5", changed(many, attribute + 12, b"\xff\xff\xff\x7f"), "has no object"
    chunked = made(lambda file: file.create_dataset("c", data=numpy.arange(8, dtype=numpy.float32), chunks=(2,), compression="gzip"))
    tree = chunked.index(b"TREE\x01")
    yield "chunk-out.h5", changed(chunked, tree + 24 + 24, u64(2**40)), "ends inside a chunk"
    yield "chunk-length-max.h5", changed(chunked, tree + 24, b"\xff\xff\xff\xff"), "ends inside a chunk"
    yield "chunk-off-grid.h5", changed(chunked, tree + 32, u64(1)), "not on the grid"
    yield "chunk-twice.h5", changed(chunked, tree + 32 + 32, u64(0)), "overlap"
    yield "chunk-tree-in-itself.h5", changed(changed(chunked, tree + 5, b"\x01"), tree + 48, u64(tree)), "another kind or level"
    place = struct.unpack_from("<Q", chunked, tree + 48)[0]
    yield "chunk-garbage.h5", changed(chunked, place, b"\xff\xff\xff\xff"), "inflated"
    dims = chunked.index(struct.pack("<BBBQII", 3, 2, 2, tree, 2, 4))
    yield "chunk-zero.h5", changed(chunked, dims + 11, b"\0\0\0\0"), "chunks without extent"
    yield "chunk-rank.h5", changed(chunked, dims + 2, b"\x03"), "chunks of 3 dimensions for 1"
    yield "chunk-gigabytes.h5", changed(chunked, dims + 11, b"\0\0\0\x7f"), "not on the grid"
    filters = chunked.index(b"\x01\x00\x08\x00\x01\x00\x01\x00deflate")
    yield "filter-unknown.h5", changed(chunked, filters, b"\x09"), "filter 9"
    lzf = made(lambda file: file.create_dataset("c", data=numpy.zeros(400), chunks=(100,), compression="lzf"))
    tree = lzf.index(b"TREE\x01")
    place = struct.unpack_from("<Q", lzf, tree + 48)[0]
    yield "lzf-garbage.h5", changed(lzf, place, b"\xff\xff\xff\xff"), "LZF cannot decompress"
    yield "lzf-short.h5", changed(lzf, tree + 24, b"\x01"), "LZF cannot decompress"
    empty = made(lambda file: file.create_dataset("c", (2**40,), "f4", fillvalue=1))
    yield "fill-exabytes.h5", empty, "bytes that were never written"
    value = empty.index(b"\x02\x02\x02\x01\x04\0\0\0") if b"\x02\x02\x02\x01\x04\0\0\0" in empty else empty.index(struct.pack("<f", 1)) - 8
    yield "fill-length-max.h5", changed(empty, value + 4, b"\xff\xff\xff\x7f"), "a fill value"
    yield "fill-length-other.h5", changed(empty, value + 4, b"\x02"), "a fill value of 2 bytes for elements of 4"
    yield "fill-version.h5", changed(empty, value, b"\x07"), "version 7 of a fill value"
    latest = made(small, libver="latest")
    header = latest.index(b"OHDR")
    yield "new-checksum.h5", changed(latest, header + 8, b"\xff"), "an object header"
    yield "new-superblock-checksum.h5", changed(latest, 36, b"\x01"), "the superblock differs from its checksum"

    def many_links(file):
        small(file)
        for number in range(100):
            file[f"link {number}"] = file["w"]

    dense = made(many_links, libver="latest")
    heap, tree = dense.index(b"FRHP"), dense.index(b"BTHD")
    root, rows = struct.unpack_from("<QH", dense, heap + 132)
    node = struct.unpack_from("<Q", dense, tree + 16)[0]
    assert (dense[root:root + 4], dense[node:node + 4], rows > 0) == (b"FHIB", b"BTIN", True)
    leaf = struct.unpack_from("<Q", dense, node + 6 + 11 * struct.unpack_from("<H", dense, tree + 24)[0])[0]
    block = struct.unpack_from("<Q", dense, root + 17)[0]
    leaf_length = 10 + 11 * dense[node + 6 + 11 * struct.unpack_from("<H", dense, tree + 24)[0] + 8]

    def new(file, start, length, at, data):
        """A structure of a newer file, `length` bytes from `start`, changed and put under a new checksum."""
        file = changed(file, at, data)
        return changed(file, start + length - 4, struct.pack("<I", lookup3(file[start:start + length - 4])))

    node_length = 10 + 11 * struct.unpack_from("<H", dense, tree + 24)[0] + 9 * (struct.unpack_from("<H", dense, tree + 24)[0] + 1)
    yield "dense-heap-checksum.h5", changed(dense, heap + 20, b"\xff"), "the heap of a group differs from its checksum"
    yield "dense-block-checksum.h5", changed(dense, block + 60, b"\xff"), "the heap of a group differs from its checksum"
    yield "dense-heap-out.h5", new(dense, heap, 146, heap + 132, u64(2**40)), "ends inside the heap of a group"
    yield "dense-heap-in-itself.h5", new(dense, heap, 146, heap + 132, u64(heap)), "the heap of a group differs from its checksum"
    yield "dense-heap-compressed.h5", new(dense, heap, 146, heap + 7, b"\x08"), "a compressed heap"
    yield "dense-heap-width.h5", new(dense, heap, 146, heap + 110, b"\x03"), "sizes of blocks that cannot be"
    yield "dense-heap-start-max.h5", new(dense, heap, 146, heap + 112, u64(2**63)), "sizes of blocks that cannot be"
    yield "dense-heap-rows-max.h5", new(dense, heap, 146, heap + 140, b"\xff\xff"), "sizes of blocks that cannot be"
    yield "dense-heap-bits-max.h5", new(dense, heap, 146, heap + 128, b"\xff\xff"), "sizes of blocks that cannot be"
    yield "dense-id-length.h5", new(dense, heap, 146, heap + 5, b"\x09"), "records of 11 bytes, 13 expected"
    indirect = 17 + 8 * 4 * rows + 4
    yield "dense-block-in-itself.h5", new(dense, root, indirect, root + 17, u64(root)), "does not start with \"FHDB\""
    yield "dense-block-missing.h5", new(dense, root, indirect, root + 17, UNDEFINED), "in a block that is not there"
    yield "dense-block-twice.h5", new(dense, root, indirect, root + 25, u64(block)), "of another place in it"
    yield "dense-tree-depth-max.h5", new(dense, tree, 38, tree + 12, b"\xff\xff"), "a depth"
    yield "dense-tree-depth.h5", new(dense, tree, 38, tree + 12, b"\x02"), "B-tree of version 2"
    yield "dense-tree-record-zero.h5", new(dense, tree, 38, tree + 10, b"\0\0"), "a depth, or sizes"
    yield "dense-tree-kind.h5", new(dense, tree, 38, tree + 5, b"\x06"), "records of type 6"
    yield "dense-tree-total-max.h5", new(dense, tree, 38, tree + 26, u64(2**63)), "records are missing"
    yield "dense-tree-total-few.h5", new(dense, tree, 38, tree + 26, u64(3)), "more records than its header counts"
    yield "dense-tree-count-max.h5", new(dense, tree, 38, tree + 24, b"\xff\xff"), "65535 records in a node"
    child = node + 6 + 11 * struct.unpack_from("<H", dense, tree + 24)[0]
    yield "dense-tree-in-itself.h5", new(dense, node, node_length, child, u64(node)), "B-tree of version 2"
    yield "dense-leaf-twice.h5", new(dense, node, node_length, child + 9, dense[child:child + 9]), "two objects share bytes"
    yield "dense-id-twice.h5", new(dense, leaf, leaf_length, leaf + 10, dense[leaf + 21:leaf + 28]), "two objects share bytes"
    yield "dense-id-out.h5", new(dense, leaf, leaf_length, leaf + 11, b"\xff\xff\xff\x7f"), "no block has an object"
    yield "dense-id-length-max.h5", new(dense, leaf, leaf_length, leaf + 15, b"\xff\xff"), "the heap of a group: "
    yield "dense-id-huge.h5", new(dense, leaf, leaf_length, leaf + 10, b"\x10"), "too long for a block"
    yield "dense-id-unknown.h5", new(dense, leaf, leaf_length, leaf + 10, b"\x40"), "an identifier of kind 0x40"

    grown = made(lambda file: file.create_dataset("c", data=numpy.arange(80, dtype=numpy.int8), maxshape=(None,), chunks=(1,)), libver="latest")
    header = grown.index(b"EAHD")
    index = struct.unpack_from("<Q", grown, header + 60)[0]
    assert grown[index:index + 4] == b"EAIB"
    index_length = next(length for length in range(20, 600) if lookup3(grown[index:index + length]) == struct.unpack_from("<I", grown, index + length)[0]) + 4
    yield "array-checksum.h5", changed(grown, header + 20, b"\xff"), "an array of chunks differs from its checksum"
    yield "array-in-itself.h5", new(grown, header, 72, header + 60, u64(header)), "an array of chunks differs from its checksum"
    yield "array-bits-max.h5", new(grown, header, 72, header + 7, b"\xff"), "sizes of blocks that cannot be"
    yield "array-least-zero.h5", new(grown, header, 72, header + 9, b"\0"), "sizes of blocks that cannot be"
    yield "array-pointers.h5", new(grown, header, 72, header + 10, b"\x03"), "sizes of blocks that cannot be"
    yield "array-pages.h5", new(grown, header, 72, header + 11, b"\x01"), "pages of which nothing says"
    yield "array-filtered.h5", new(grown, header, 72, header + 5, b"\x01"), "not that of its dataset"
    yield "array-block-in-itself.h5", new(grown, index, index_length, index + 14 + 32, u64(index)), "an array of chunks differs from its checksum"
    yield "array-block-twice.h5", new(grown, index, index_length, index + 14 + 40, grown[index + 46:index + 54]), "an array of chunks"
    yield "array-chunk-out.h5", new(grown, index, index_length, index + 14, u64(2**40)), "ends inside a chunk"
    yield "array-chunk-twice.h5", new(grown, index, index_length, index + 14, grown[index + 22:index + 30]), "shares these bytes"

    wide = made(lambda file: file.create_dataset("c", data=numpy.arange(6, dtype=numpy.int8).reshape(2, 3), maxshape=(None, None), chunks=(1, 1)), libver="latest")
    tree = wide.index(b"BTHD")
    leaf = struct.unpack_from("<Q", wide, tree + 16)[0]
    length = 10 + 24 * 6
    yield "wide-chunk-max.h5", new(wide, tree, 38, tree + 10, b"\x17"), "23 bytes for a chunk"
    yield "wide-chunk-twice.h5", new(wide, leaf, length, leaf + 14, wide[leaf + 38:leaf + 54]), "overlap"
    yield "wide-chunk-out.h5", new(wide, leaf, length, leaf + 6, u64(2**63)), "ends inside a chunk"
    array = made(lambda file: file.create_dataset("c", data=numpy.arange(8), chunks=(2,)), libver="latest")
    yield "new-array-checksum.h5", changed(array, array.index(b"FAHD") + 8, b"\x09"), "an array of chunks differs from its checksum"

    def zipped(**members):
        out = io.BytesIO()
        archive(out, "{}", **members)
        return out.getvalue()

    yield "weights-empty.keras", zipped(weights=b""), "in \"model.weights.h5\""
    yield "weights-malformed.keras", zipped(weights=changed(valid, 8, b"\x09")), "in \"model.weights.h5\": not supported"

    def packed(weights, **fields):
        """Compressed weights, of which both directories say something else."""
        out = io.BytesIO()
        archive(out, "{}", weights, deflated=True)
        file = bytearray(out.getvalue())
        with zipfile.ZipFile(out) as read:
            member = read.getinfo("model.weights.h5")
        central = file.index(b"model.weights.h5", read.start_dir) - 46
        for field, value in fields.items():
            at = {"crc": 14, "size": 22}[field]
            for start in (member.header_offset + at, central + at + 2):
                file[start:start + 4] = struct.pack("<I", (getattr(member, {"crc": "CRC", "size": "file_size"}[field]) + value) % 2**32)
        return bytes(file), member.header_offset + 30 + len(member.filename)

    yield "packed-crc.keras", packed(valid, crc=1)[0], "differs from its CRC-32"
    yield "packed-longer.keras", packed(valid, size=-1)[0], "longer than it says"
    yield "packed-shorter.keras", packed(valid, size=1)[0], "shorter than it says"
    yield "packed-size-max.keras", packed(valid, size=2**32 - 2 - len(valid))[0], "bytes of a compressed file"
    yield "packed-bomb.keras", packed(valid + bytes(48 << 20))[0], "bytes of a compressed file"
    yield "packed-garbage.keras", changed(packed(valid)[0], packed(valid)[1], b"\xff"), "cannot be inflated"
    yield "packed-malformed.keras", packed(changed(valid, 8, b"\x09"))[0], "in \"model.weights.h5\": not supported"
    yield "weights-twice.keras", zipped(weights=valid, **{"other.weights.h5": valid}), "two files of the archive"


def main():
    valid = {"about": f"Made by Keras {keras.__version__} and h5py {h5py.__version__}, by vectors/keras/generate.py.", "cases": [finished(case) for case in cases()]}
    (HERE / "valid.json").write_text(json.dumps(valid, indent=1, ensure_ascii=False) + "\n")
    for old in [*ATTACKS.glob("*.h5"), *ATTACKS.glob("*.keras")]:
        old.unlink()
    faults = {}
    for name, content, fault in attacks():
        (ATTACKS / name).write_bytes(content)
        faults[name] = fault
    (ATTACKS / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")


main()
