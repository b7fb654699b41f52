"""Makes the files of this folder with TensorFlow, valid.json, the hostile files of attacks/tensorflow/ and the list of operators.

    pip install -r requirements.txt && python3 generate.py
"""

import json
import os
import pathlib
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import ml_dtypes
import numpy
import tensorflow as tf
from tensorflow.core.framework import graph_pb2, op_def_pb2
from tensorflow.core.protobuf import saved_model_pb2, tensor_bundle_pb2
from tensorflow.python.client import pywrap_tf_session

import table

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ATTACKS = ROOT / "attacks" / "tensorflow"

TOKENS = {
    "float32": "F32", "float64": "F64", "int32": "I32", "uint8": "U8", "int16": "I16", "int8": "I8", "complex64": "C64", "int64": "I64",
    "bool": "BOOL", "bfloat16": "BF16", "uint16": "U16", "complex128": "C128", "float16": "F16", "uint32": "U32", "uint64": "U64",
    "float8_e5m2": "F8_E5M2", "float8_e4m3fn": "F8_E4M3",
}


def described(name, array):
    array = numpy.asarray(array)
    return {"name": name, "dtype": TOKENS[array.dtype.name], "shape": list(array.shape), "bytes": array.tobytes().hex()}


def read_back(prefix):
    """What TensorFlow reads from a checkpoint."""
    reader = tf.train.load_checkpoint(str(prefix))
    names = sorted(name for name, dtype in reader.get_variable_to_dtype_map().items() if dtype != tf.string)
    return [described(name, reader.get_tensor(name)) for name in names]


def checkpoint(folder, tensors, name="model"):
    folder = HERE / folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    prefix = folder / name
    tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=list(tensors), shape_and_slices=[""] * len(tensors), tensors=list(tensors.values()))
    return prefix


def types():
    numbers = {f"t.{name}": tf.constant(numpy.arange(6).reshape(2, 3).astype(getattr(ml_dtypes, name, name))) for name in TOKENS}
    odd = {"scalar": tf.constant(3.0), "empty": tf.zeros((2, 0, 5), tf.int8), "слой/0": tf.range(2), "texts": tf.constant(["ab", "c"])}
    return checkpoint("types", dict(sorted({**numbers, **odd}.items())))


def sliced():
    folder = HERE / "sliced"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    whole = numpy.arange(300 * 3, dtype=numpy.float32).reshape(300, 3)
    parts = [("0,100:0,3", whole[:100]), ("100,200:0,3", whole[100:])]
    tf.raw_ops.SaveV2(
        prefix=str(folder / "model"),
        tensor_names=["part", "part", "plain"],
        shape_and_slices=[f"300 3 {slice}" for slice, _ in parts] + [""],
        tensors=[tf.constant(part) for _, part in parts] + [tf.constant([1.0, 2.0])],
    )
    return folder / "model"


def shards():
    """Two checkpoints in one, as every machine of a cluster writes its own."""
    work = pathlib.Path(tempfile.mkdtemp())
    for n, tensors in enumerate([{"a": tf.range(3)}, {"b": tf.constant([[0.5], [0.25]])}]):
        tf.raw_ops.SaveV2(prefix=str(work / f"part{n}"), tensor_names=list(tensors), shape_and_slices=[""], tensors=list(tensors.values()))
    folder = HERE / "shards"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[str(work / "part0"), str(work / "part1")], destination_prefix=str(folder / "model"), delete_old_dirs=False)
    return folder / "model"


def big_endian(source):
    """The same checkpoint as a machine with the high byte first writes it."""
    folder = HERE / "big-endian"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    data = bytearray(pathlib.Path(f"{source}.data-00000-of-00001").read_bytes())
    entries = []
    for key, value in table.entries_of(pathlib.Path(f"{source}.index").read_bytes()):
        if key == b"":
            header = tensor_bundle_pb2.BundleHeaderProto.FromString(value)
            header.endianness = tensor_bundle_pb2.BundleHeaderProto.BIG
            value = header.SerializeToString()
        else:
            place = tensor_bundle_pb2.BundleEntryProto.FromString(value)
            if tf.as_dtype(place.dtype) in map(tf.as_dtype, ["string", "float8_e5m2", "float8_e4m3fn"]):
                # TensorFlow itself does not swap these.
                continue
            part = tf.as_dtype(place.dtype).size // (2 if tf.as_dtype(place.dtype).is_complex else 1)
            swapped = numpy.frombuffer(data[place.offset:place.offset + place.size], f"V{part}")
            data[place.offset:place.offset + place.size] = b"".join(item.tobytes()[::-1] for item in swapped)
            crc = table.crc32c(bytes(data[place.offset:place.offset + place.size]))
            place.crc32c = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
            value = place.SerializeToString()
        entries.append(table.entry(key, value))
    (folder / "model.index").write_bytes(table.table(entries))
    (folder / "model.data-00000-of-00001").write_bytes(data)
    return folder / "model"


class Tiny(tf.Module):
    """A layer, with a file that goes with the model."""

    def __init__(self, asset):
        self.weight = tf.Variable(numpy.arange(6, dtype=numpy.float32).reshape(2, 3))
        self.bias = tf.Variable(numpy.arange(3, dtype=numpy.float64))
        self.asset = tf.saved_model.Asset(asset)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def run(self, x):
        return x @ self.weight


def saved_model():
    folder = HERE / "saved"
    shutil.rmtree(folder, ignore_errors=True)
    asset = pathlib.Path(tempfile.mkdtemp()) / "words.txt"
    asset.write_text("a\nb\n")
    module = Tiny(str(asset))
    options = tf.saved_model.SaveOptions(save_debug_info=False)
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.run}, options=options)
    return folder


def graph(build):
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def()


def frozen():
    """A graph whose weights are constants, and what TensorFlow makes of each."""
    arrays = {
        "weight": numpy.arange(12, dtype=numpy.float32).reshape(3, 4),
        "half": numpy.array([1.5, -2.0], numpy.float16),
        "whole": numpy.arange(5, dtype=numpy.int64) - 2,
        "scalar": numpy.float32(0.5),
        "empty": numpy.zeros((0, 3), numpy.float32),
        "truth": numpy.array([True, False, True]),
    }

    def build():
        for name, array in arrays.items():
            tf.compat.v1.constant(array, name=name)
        tf.compat.v1.constant(["text"], name="text")

    definition = graph(build)
    for name, field in [("float_splat", "float_val"), ("typed_floats", "float_val"), ("typed_halves", "half_val"), ("typed_ints", "int_val")]:
        node = definition.node.add(name=name, op="Const")
        tensor = node.attr["value"].tensor
        tensor.dtype = {"half_val": tf.bfloat16, "int_val": tf.int16}.get(field, tf.float32).as_datatype_enum
        tensor.tensor_shape.dim.add(size=4)
        values = [2.5] if name == "float_splat" else [1.0, 2.0, 3.0, 4.0] if field == "float_val" else [0x3F80, 0x4000, 1, 2] if field == "half_val" else [-3, 0, 300, 7]
        getattr(tensor, field).extend(values)
        arrays[name] = tf.make_ndarray(tensor)
    path = HERE / "frozen.pb"
    path.write_bytes(definition.SerializeToString(deterministic=True))
    return [described(name, array) for name, array in arrays.items()]


def dangerous():
    """Graphs whose operators a person should know of."""
    def build():
        tf.numpy_function(lambda x: x, [1.0], tf.float32)
        tf.io.read_file("/etc/passwd")
        tf.io.write_file("/etc/x", "y")

    definition = graph(build)
    definition.node.add(name="custom", op="Addons>Thing")
    path = HERE / "dangerous.pb"
    path.write_bytes(definition.SerializeToString(deterministic=True))


def cases():
    prefix = types()
    yield {"title": "types", "file": "types/model.index", "findings": ["member.stray"], "tensors": read_back(prefix)}
    yield {"title": "big-endian", "file": "big-endian/model.index", "findings": [], "tensors": read_back(big_endian(prefix))}
    yield {"title": "slices", "file": "sliced/model.index", "findings": [], "tensors": read_back(sliced())}
    yield {"title": "shards", "file": "shards/model.index", "findings": [], "tensors": read_back(shards())}
    folder = saved_model()
    yield {"title": "variables of a SavedModel", "file": "saved/variables/variables.index", "findings": [], "tensors": read_back(folder / "variables/variables")}
    version = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0].meta_info_def
    metadata = {
        "tensorflow.version": version.tensorflow_version,
        "tensorflow.gitVersion": version.tensorflow_git_version,
        "tensorflow.tags": "serve",
        "tensorflow.signatures": "__saved_model_init_op, serving_default",
        "tensorflow.asset.words.txt": "",
    }
    yield {"title": "SavedModel", "file": "saved/saved_model.pb", "findings": [], "metadata": metadata, "tensors": []}
    fingerprint = tf.saved_model.experimental.read_fingerprint(str(folder))
    yield {"title": "fingerprint", "file": "saved/fingerprint.pb", "findings": [], "metadata": {"tensorflow.fingerprint.graphDefProgramHash": f"{fingerprint.graph_def_program_hash:016x}"}, "tensors": []}
    yield {"title": "frozen graph", "file": "frozen.pb", "findings": [], "tensors": frozen()}
    dangerous()
    yield {"title": "dangerous", "file": "dangerous.pb", "findings": ["code.needed", "code.bearing", "code.bearing", "code.bearing"], "tensors": None}


def bundle_entry(**fields):
    shape = fields.pop("shape", [2])
    entry = tensor_bundle_pb2.BundleEntryProto(dtype=1, size=8, **fields)
    for size in shape:
        entry.shape.dim.add(size=size)
    return entry


def attacks():
    header = tensor_bundle_pb2.BundleHeaderProto(num_shards=1)
    head = table.entry(b"", header.SerializeToString())

    def bundle(*entries, header=header):
        return table.table([table.entry(b"", header.SerializeToString())] + [table.entry(name, entry.SerializeToString()) for name, entry in entries])

    def with_slice(extents, extra=()):
        entry = bundle_entry()
        entry.size = 0
        for start, length in extents:
            part = entry.slices.add()
            part.extent.add(start=start, length=length)
        return bundle((b"w", entry), *extra)

    a, b = bundle_entry(), bundle_entry(offset=8)
    valid = bundle((b"a", a), (b"b", b))
    yield "file-empty", b"", "ends inside the footer"
    yield "cut", valid[:-1], "does not end as a table does"
    yield "bytes-after", valid + b"\0", "does not end as a table does"
    yield "checksum", valid[:3] + b"X" + valid[4:], "differs from its checksum"
    yield "compressed", table.table([], data=table.block([head], kind=1)), "compressed block (kind 1)"
    yield "block-length-max", table.table([head], index=lambda handle: table.block([table.entry(b"\xff", table.varint(0) + table.varint(2**63 - 1))])), "9223372036854775807 declared"
    yield "block-offset-max", table.table([head], index=lambda handle: table.block([table.entry(b"\xff", table.varint(2**63 - 1) + table.varint(8))])), "8 declared, at most 0"
    yield "block-twice", table.table([head, table.entry(b"a", a.SerializeToString())], index=lambda handle: table.block([table.entry(b"\xfe", handle), table.entry(b"\xff", handle)])), "keys do not ascend"
    yield "index-length-max", table.table([head], footer=lambda handles: (table.varint(0) * 2 + table.varint(0) + table.varint(2**62)).ljust(40, b"\0") + table.MAGIC), "declared, at most"
    yield "handle-varint", table.table([head], footer=lambda handles: b"\xff" * 40 + table.MAGIC), "more than 63 bits"
    yield "restarts-max", table.table([], data=raw_block(table.block([head])[0][:-4] + b"\xff\xff\xff\xff")), "restarts of a block do not fit"
    yield "key-shares-more", table.table([head, table.entry(b"a", b"", shared=9)]), "shares more than the last key has"
    yield "keys-descend", table.table([head, table.entry(b"b", b.SerializeToString()), table.entry(b"a", a.SerializeToString())]), "keys do not ascend"
    yield "name-twice", table.table([head, table.entry(b"a", a.SerializeToString()), table.entry(b"a", b.SerializeToString())]), "keys do not ascend"
    yield "header-twice", table.table([head, head]), "two headers"
    yield "key-length-max", table.table([b"\0\xff\xff\xff\xff\x07\0"]), "bytes in a block"
    yield "value-length-max", table.table([b"\0\0\xff\xff\xff\xff\x07"]), "bytes in a block"
    yield "key-too-long", table.table([head, table.entry(b"k" * 9000, b"")]), "bytes of a key: 9000"
    names = [table.entry(b"k" * 4000, a.SerializeToString())] + [table.entry(bytes([high, low]), b"", shared=3998) for high in range(108, 127) for low in range(48, 58)]
    yield "key-expansion", table.table([head, *names]), "keys take many times the file's length"
    yield "no-header", table.table([table.entry(b"a", a.SerializeToString())]), "no header"
    yield "name-not-utf8", bundle((b"\xff", a)), "not UTF-8"
    yield "name-escape-sequence", bundle((b"a\x1b[2J", a)), "control characters"
    yield "name-too-long", bundle((b"n" * 5000, a)), "too long"
    yield "shards-none", bundle((b"a", a), header=tensor_bundle_pb2.BundleHeaderProto(num_shards=0)), "data files: 0 declared"
    yield "shards-max", bundle((b"a", a), header=tensor_bundle_pb2.BundleHeaderProto(num_shards=2**31 - 1)), "data files: 2147483647 declared"
    yield "shards-negative", bundle((b"a", a), header=tensor_bundle_pb2.BundleHeaderProto(num_shards=-1)), "data files: 18446744073709551615 declared"
    newer = tensor_bundle_pb2.BundleHeaderProto(num_shards=1)
    newer.version.min_consumer = 2
    yield "newer", bundle((b"a", a), header=newer), "readers of version 2"
    yield "endianness-unknown", table.table([table.entry(b"", b"\x08\x01\x10\x02")]), "unknown order of bytes"
    yield "shard-beyond", bundle((b"a", bundle_entry(shard_id=1))), "in shard 1 of 1"
    yield "shard-negative", bundle((b"a", bundle_entry(shard_id=-1))), "number of a shard is negative"
    yield "offset-negative", bundle((b"a", bundle_entry(offset=-8))), "an offset is negative"
    yield "overlap", bundle((b"a", a), (b"b", bundle_entry(offset=4))), "two tensors share these bytes"
    yield "shared-range", bundle((b"a", a), (b"b", a)), "two tensors share these bytes"
    yield "size-lies", bundle((b"a", bundle_entry(shape=[3]))), "8 bytes declared, 12 needed"
    yield "shape-negative", bundle((b"a", bundle_entry(shape=[-1]))), "a dimension is negative"
    yield "shape-overflow", bundle((b"a", bundle_entry(shape=[2**40, 2**40]))), "passes 64 bits"
    yield "shape-overflow-to-zero", bundle((b"a", bundle_entry(shape=[2**40, 2**40, 0]))), "passes 64 bits"
    yield "rank-255", bundle((b"a", bundle_entry(shape=[1] * 255))), "dimensions: 255"
    unknown_rank = bundle_entry(shape=[])
    unknown_rank.shape.unknown_rank = True
    yield "rank-unknown", bundle((b"a", unknown_rank)), "unknown rank"
    odd = bundle_entry()
    odd.dtype = 99
    yield "type-unknown", bundle((b"a", odd)), "unknown type 99"
    yield "entry-field-twice", table.table([head, table.entry(b"a", b.SerializeToString() + b"\x20\x08")]), "stands twice"
    yield "entry-garbage", table.table([head, table.entry(b"a", b"\x0b")]), "group"
    yield "slice-missing", with_slice([(0, 1), (1, 1)]), "a slice is missing"
    yield "slice-left-over", table.table([head, table.entry(b"\0x", a.SerializeToString())]), "belongs to no tensor"
    yield "slices-max", with_slice([(0, 1)] * 4097), "slices: 4097"


def raw_block(content):
    """A block of any content with the right checksum."""
    sum = table.crc32c(content + b"\0")
    return content, content + b"\0" + (((sum >> 15 | sum << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def graph_attacks():
    definition = graph(lambda: tf.compat.v1.constant([1.0, 2.0], name="c"))
    valid = definition.SerializeToString(deterministic=True)

    def changed(change):
        other = graph_pb2.GraphDef()
        other.CopyFrom(definition)
        change(other)
        return other.SerializeToString(deterministic=True)

    def tensor(change):
        return changed(lambda graph: change(graph.node[0].attr["value"].tensor))

    yield "graph-name-twice", changed(lambda graph: graph.node.append(graph.node[0])), "two constants have this name"
    yield "graph-name-escape", changed(lambda graph: setattr(graph.node[0], "name", "a\x1b[2J")), "control character"
    yield "graph-no-operator", changed(lambda graph: setattr(graph.node[0], "op", "")), "a node without an operator"
    yield "graph-content-short", tensor(lambda tensor: setattr(tensor, "tensor_content", b"1234")), "4 bytes stored"
    yield "graph-shape-overflow", tensor(lambda tensor: setattr(tensor.tensor_shape.dim[0], "size", 2**62)), "passes 64 bits"
    yield "graph-values-twice", tensor(lambda tensor: tensor.float_val.append(1.0)), "stand there twice"
    yield "graph-type-unknown", tensor(lambda tensor: setattr(tensor, "dtype", 98)), "unknown type 98"
    yield "graph-function-unnamed", valid + b"\x12\x02\x0a\x00", "a function without a signature"
    yield "graph-length-max", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "declared"
    yield "graph-field-unknown", valid + b"\x72\x00", "field 14"
    yield "graph-varint", b"\x0a" + b"\xff" * 11, "more than 64 bits"
    yield "graph-empty", b"", "an empty file"
    yield "graph-version-twice", b"\x08\x01\x12\x00\x08\x01", "stands twice"
    yield "graphs-max", b"\x08\x01" + b"\x12\x00" * 65, "graphs: 65"
    yield "graph-neither", b"\x08\x07\x48\x00", "neither"


def altered(folder, name, at):
    """A checkpoint of this folder, one bit of whose weights was changed afterwards."""
    data = bytearray((HERE / folder / "model.data-00000-of-00001").read_bytes())
    data[at] ^= 1
    (ATTACKS / f"{name}-altered.data-00000-of-00001").write_bytes(data)
    shutil.copy(HERE / folder / "model.index", ATTACKS / f"{name}-altered.index")
    return {f"{name}-altered.index": "differ from their checksum"}


def operators():
    every = op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    path = ROOT / "crates/modelmark-formats/src/tensorflow/operators.txt"
    path.write_text("".join(f"{name}\n" for name in sorted(op.name for op in every.op if not op.name.startswith("Namespace>"))))


def main():
    about = f"Made by TensorFlow {tf.__version__}, by vectors/tensorflow/generate.py; `bytes` is hex of the canonical bytes."
    valid = {"about": about, "cases": list(cases())}
    (HERE / "valid.json").write_text(json.dumps(valid, indent=1, ensure_ascii=False) + "\n")
    for old in list(ATTACKS.glob("*.index")) + list(ATTACKS.glob("*.pb")):
        old.unlink()
    faults = {}
    for extension, made in [("index", attacks()), ("pb", graph_attacks())]:
        for name, content, fault in made:
            (ATTACKS / f"{name}.{extension}").write_bytes(content)
            faults[f"{name}.{extension}"] = fault
    faults |= altered("types", "types", 0) | altered("sliced", "slice", 600)
    (ATTACKS / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")
    operators()


main()
