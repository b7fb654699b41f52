"""Makes the models of this folder with TensorFlow, valid.json, and the hostile files of attacks/tflite/.

    pip install -r requirements.txt && python3 generate.py
"""

import collections
import io
import json
import os
import pathlib
import struct
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import flatbuffers
import numpy
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

HERE = pathlib.Path(__file__).parent
ATTACKS = HERE.parent.parent / "attacks" / "tflite"
TYPES = ["F32", "F16", "I32", "U8", "I64", None, "BOOL", "I16", "C64", "I8", "F64", "C128", "U64", None, None, "U32", "U16", "I4", "BF16", "I2", "U4"]


class Tiny(tf.Module):
    def __init__(self):
        self.weight = tf.Variable(numpy.arange(12, dtype=numpy.float32).reshape(4, 3))

    @tf.function(input_signature=[tf.TensorSpec([1, 4], tf.float32)])
    def run(self, x):
        return tf.nn.relu(x @ self.weight + tf.constant([0.5, 1.0, -1.0]))


def converted(*optimizations, samples=None):
    module = Tiny()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.run.get_concrete_function()], module)
    converter.optimizations = list(optimizations)
    if samples:
        converter.representative_dataset = samples
    return converter.convert()


def wide():
    """Weights of eight bits and all else in floats, for any number of rows; too small ones would be left as they are."""
    weight = tf.Variable(numpy.arange(64 * 32, dtype=numpy.float32).reshape(64, 32))
    run = tf.function(lambda x: x @ weight, input_signature=[tf.TensorSpec([None, 64], tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter.convert()


def parsed(model):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))


def packed(model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def described(model):
    """What the schema's own reader finds, in the names of ours."""
    root = parsed(model)
    tensors, seen = [], set()
    for number, subgraph in enumerate(root.subgraphs):
        for index, tensor in enumerate(subgraph.tensors):
            buffer = root.buffers[tensor.buffer]
            data = model[buffer.offset:buffer.offset + buffer.size] if buffer.offset > 1 else bytes(buffer.data) if buffer.data is not None else b""
            if not data:
                continue
            name = (f"subgraph[{number}]/" if number else "") + tensor.name.decode()
            if name in seen or not tensor.name:
                name += f"#{index}"
            seen.add(name)
            shape = [int(dim) for dim in tensor.shape] if tensor.shape is not None else []
            tensors.append({"name": name, "dtype": TYPES[tensor.type], "shape": shape, "bytes": bytes(data).hex()})
    return tensors


def architecture(model):
    """What the model says of its network, in the names of ours."""
    root = parsed(model)
    names = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    kinds = [code.customCode.decode() if code.customCode else names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in root.operatorCodes]
    operators = collections.Counter(kinds[operator.opcodeIndex] for subgraph in root.subgraphs for operator in subgraph.operators)
    first = root.subgraphs[0]
    seen = {"operators": dict(operators)} if operators else {}
    for key, numbers in (("inputs", first.inputs), ("outputs", first.outputs)):
        tensors = [first.tensors[number] for number in numbers]
        shape = lambda tensor: tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape
        seen[key] = [{"name": tensor.name.decode(), "dtype": TYPES[tensor.type], "shape": [None if dim < 0 else int(dim) for dim in shape(tensor)]} for tensor in tensors]
    return seen


def types():
    """Every type of numbers, names that are there twice, a second subgraph, an operator of somebody else's."""
    model = parsed(converted())
    model.description = "all types"
    for number, token in enumerate(TYPES):
        if token is None:
            continue
        length = {"I4": 3, "U4": 3, "I2": 2, "BOOL": 6, "U8": 6, "I8": 6, "F16": 12, "BF16": 12, "I16": 12, "U16": 12, "C128": 96}.get(token, 24 if token in ("F32", "I32", "U32") else 48)
        buffer = schema.BufferT()
        buffer.data = numpy.arange(length, dtype=numpy.uint8)
        model.buffers.append(buffer)
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = "twice" if token in ("I8", "U8") else f"t.{token}", [2, 3], number, len(model.buffers) - 1
        model.subgraphs[0].tensors.append(tensor)
    second = schema.SubGraphT()
    unnamed = schema.TensorT()
    unnamed.name, unnamed.shape, unnamed.type, unnamed.buffer = "", [2, 3], 0, model.subgraphs[0].tensors[-1].buffer
    second.tensors, second.inputs, second.outputs, second.operators, second.name = [model.subgraphs[0].tensors[-1]], [], [], [], "second"
    model.subgraphs.append(second)
    code = schema.OperatorCodeT()
    code.customCode, code.builtinCode, code.deprecatedBuiltinCode, code.version = "Theirs", 32, 32, 1
    model.operatorCodes.append(code)
    return packed(model)


def behind():
    """Weights behind the flat buffer, as for models of more than two gigabytes."""
    model = parsed(converted())
    data = []
    for buffer in model.buffers[1:]:
        if buffer.data is not None and len(buffer.data):
            data.append(bytes(buffer.data))
            buffer.data, buffer.offset, buffer.size = None, 2, len(data[-1])
    # The offsets have the same width whatever they are.
    at = len(packed(model))
    places = iter(data)
    for buffer in model.buffers[1:]:
        if buffer.offset == 2:
            buffer.offset = at
            at += len(next(places))
    return packed(model) + b"".join(data)


def labelled():
    labels = io.BytesIO()
    with zipfile.ZipFile(labels, "w") as out:
        out.writestr(zipfile.ZipInfo("labels.txt"), "cat\ndog\n")
    return converted() + labels.getvalue()


def samples():
    for _ in range(4):
        yield [numpy.ones((1, 4), numpy.float32)]


def cases():
    yield "floats", converted(), []
    yield "quantised", converted(tf.lite.Optimize.DEFAULT, samples=samples), []
    yield "weights", wide(), []
    yield "types", types(), ["code.needed"]
    yield "behind", behind(), []
    yield "labelled", labelled(), ["bytes.trailing"]


def attacks():
    def changed(file, at, data):
        return file[:at] + data + file[at + len(data):]

    def made(change):
        model = parsed(converted())
        change(model)
        return packed(model)

    valid = converted()
    root = struct.unpack_from("<I", valid, 0)[0]
    weight = next(tensor for tensor in parsed(valid).subgraphs[0].tensors if tensor.buffer and parsed(valid).buffers[tensor.buffer].data is not None)

    def tensor_of(model):
        return next(tensor for tensor in model.subgraphs[0].tensors if tensor.name == weight.name)

    def buffer_of(model):
        return model.buffers[weight.buffer]

    yield "file-empty", b"", "ends inside an offset"
    yield "magic-only", b"\x08\0\0\0TFL3", "ends inside a table"
    yield "root-nothing", changed(valid, 0, b"\0\0\0\0"), "an offset of nothing"
    yield "root-max", changed(valid, 0, b"\xff\xff\xff\xff"), "ends inside a table"
    yield "fields-before-file", changed(valid, root, b"\xff\xff\xff\x7f"), "before the file"
    yield "fields-behind-file", changed(valid, root, b"\0\0\0\x80"), "ends inside a table"
    fields = root - struct.unpack_from("<i", valid, root)[0]
    yield "fields-length-max", changed(valid, fields, b"\xff\xff"), "a table that does not fit"
    yield "table-length-max", changed(valid, fields + 2, b"\xff\xff"), "a table that does not fit"
    yield "field-outside", changed(valid, fields + 4, b"\xf0\xff"), "lies outside it"
    yield "version-4", made(lambda model: setattr(model, "version", 4)), "version 4"
    yield "type-unknown", made(lambda model: setattr(tensor_of(model), "type", 77)), "unknown type 77"
    yield "buffer-beyond", made(lambda model: setattr(tensor_of(model), "buffer", 2**31)), "the number of an element: 2147483648"
    yield "shape-negative", made(lambda model: setattr(tensor_of(model), "shape", [-1, 3])), "-1 as a dimension"
    yield "shape-too-large", made(lambda model: setattr(tensor_of(model), "shape", [2**31 - 1] * 2)), "bytes stored"
    yield "shape-overflow", made(lambda model: setattr(tensor_of(model), "shape", [2**31 - 1] * 4)), "passes 64 bits"
    yield "rank-33", made(lambda model: setattr(tensor_of(model), "shape", [1] * 33)), "dimensions: 33"
    yield "name-escape", made(lambda model: setattr(tensor_of(model), "name", "a\x1b[2J")), "control character"
    yield "name-too-long", made(lambda model: setattr(tensor_of(model), "name", "n" * 5000)), "5000"

    def twice(model):
        first, second, third = (tensor for tensor in model.subgraphs[0].tensors[:3])
        for tensor, name in [(first, "a#2"), (second, "a"), (third, "a")]:
            tensor.name, tensor.buffer, tensor.type, tensor.shape = name, weight.buffer, weight.type, weight.shape
    yield "name-made-twice", made(twice), "two tensors have this name"
    yield "buffer-out", made(lambda model: [setattr(buffer_of(model), "data", None), setattr(buffer_of(model), "offset", 2**40), setattr(buffer_of(model), "size", 48)]), "ends inside a buffer"
    yield "buffer-wraps", made(lambda model: [setattr(buffer_of(model), "data", None), setattr(buffer_of(model), "offset", 2**64 - 8), setattr(buffer_of(model), "size", 48)]), "ends inside a buffer"
    yield "buffer-twice", made(lambda model: [setattr(buffer_of(model), "offset", 8), setattr(buffer_of(model), "size", 48)]), "stands in two places"
    data = valid.index(bytes(parsed(valid).buffers[weight.buffer].data))
    yield "vector-max", changed(valid, data - 4, b"\xff\xff\xff\xff"), "elements of a vector: 4294967295"

    # One subgraph hangs in a list 3000 times, and one tensor in its list 100 times: a flat buffer can do that.
    count, inner = 3000, 100
    here = len(valid)
    subgraph = here + 4 + 4 * count
    tensors = subgraph + 8
    tensor = tensors + 4 + 4 * inner
    shared = struct.pack("<I", count) + b"".join(struct.pack("<I", subgraph - (here + 4 + 4 * n)) for n in range(count))
    shared += struct.pack("<iI", subgraph - (tensor + 4), tensors - (subgraph + 4))
    shared += struct.pack("<I", inner) + b"".join(struct.pack("<I", tensor - (tensors + 4 + 4 * n)) for n in range(inner))
    shared += struct.pack("<i", tensor - (tensor + 10)) + struct.pack("<HHH", 6, 8, 4) + struct.pack("<HH", 4, 4)
    field = root + struct.unpack_from("<H", valid, fields + 4 + 2 * 2)[0]
    yield "tensors-max", changed(valid, field, struct.pack("<I", here - field)) + shared, "tensors: "


def main():
    ATTACKS.mkdir(exist_ok=True)
    valid = {"about": f"Made by TensorFlow {tf.__version__}, by vectors/tflite/generate.py; `bytes` is hex.", "cases": []}
    for title, model, findings in cases():
        (HERE / f"{title}.tflite").write_bytes(model)
        valid["cases"].append({"title": title, "file": f"{title}.tflite", "findings": findings, "architecture": architecture(model), "tensors": described(model)})
    (HERE / "valid.json").write_text(json.dumps(valid, indent=1) + "\n")
    for old in ATTACKS.glob("*.tflite"):
        old.unlink()
    faults = {}
    for name, content, fault in attacks():
        (ATTACKS / f"{name}.tflite").write_bytes(content)
        faults[f"{name}.tflite"] = fault
    (ATTACKS / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")
    names = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    listed = "".join(f"{names[number]}\n" for number in range(len(names)))
    (HERE.parent.parent / "crates/modelmark-formats/src/tflite/operators.txt").write_text(listed)


main()
