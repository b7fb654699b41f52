"""Makes valid.json, models written by the Python package onnx, and the hostile models of attacks/onnx/.

    pip install -r requirements.txt && python3 generate.py

The bytes of tensors are those that the package itself writes as raw data after reading them.
"""

import collections
import json
import pathlib
import struct
import tempfile

import ml_dtypes
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent

TOKENS = {
    TensorProto.FLOAT: "F32", TensorProto.UINT8: "U8", TensorProto.INT8: "I8", TensorProto.UINT16: "U16", TensorProto.INT16: "I16",
    TensorProto.INT32: "I32", TensorProto.INT64: "I64", TensorProto.BOOL: "BOOL", TensorProto.FLOAT16: "F16", TensorProto.DOUBLE: "F64",
    TensorProto.UINT32: "U32", TensorProto.UINT64: "U64", TensorProto.COMPLEX64: "C64", TensorProto.COMPLEX128: "C128",
    TensorProto.BFLOAT16: "BF16", TensorProto.FLOAT8E4M3FN: "F8_E4M3", TensorProto.FLOAT8E4M3FNUZ: "F8_E4M3FNUZ",
    TensorProto.FLOAT8E5M2: "F8_E5M2", TensorProto.FLOAT8E5M2FNUZ: "F8_E5M2FNUZ", TensorProto.UINT4: "U4", TensorProto.INT4: "I4",
    TensorProto.FLOAT4E2M1: "F4", TensorProto.FLOAT8E8M0: "F8_E8M0", TensorProto.UINT2: "U2", TensorProto.INT2: "I2",
    TensorProto.FLOAT6E2M3: "F6_E2M3", TensorProto.FLOAT6E3M2: "F6_E3M2",
}
SIX_BITS = {TensorProto.FLOAT6E2M3, TensorProto.FLOAT6E3M2}


def values(kind, shape):
    """Numbers of a type, some of them negative where it has those."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    count = int(numpy.prod(shape))
    numbers = numpy.arange(count) % 3
    if dtype == numpy.bool_:
        return (numbers > 0).reshape(shape)
    if TOKENS[kind][0] == "U" or TOKENS[kind] == "F8_E8M0":
        return (numbers + 1).astype(dtype).reshape(shape)
    return (numbers - 1).astype(dtype).reshape(shape)


def typed(name, kind, shape):
    """A tensor whose elements stand in a typed field."""
    array = values(kind, shape)
    raw = numpy_helper.from_array(array).raw_data
    tensor = TensorProto(name=name, data_type=kind, dims=shape)
    field = helper.tensor_dtype_to_field(kind)
    if kind in (TensorProto.COMPLEX64, TensorProto.COMPLEX128):
        flat = array.flatten().view(numpy.float32 if kind == TensorProto.COMPLEX64 else numpy.float64).tolist()
    elif kind in (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.UINT64, TensorProto.UINT32, TensorProto.INT32, TensorProto.INT16, TensorProto.INT8, TensorProto.BOOL, TensorProto.UINT8, TensorProto.UINT16):
        flat = [int(x) if field != "float_data" and field != "double_data" else x for x in array.flatten().tolist()]
    else:
        # Bit by bit: as 16-bit words or bytes of the raw form.
        flat = list(struct.unpack(f"<{len(raw) // 2}H", raw)) if array.dtype.itemsize == 2 and kind in (TensorProto.FLOAT16, TensorProto.BFLOAT16) else list(raw)
    getattr(tensor, field).extend(flat)
    return tensor


def model(initializers=(), nodes=(), opsets=(("", 21),), **extra):
    graph = helper.make_graph(list(nodes), "g", [], [], initializer=list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(*opset) for opset in opsets], producer_name="modelmark vectors", **extra)


def floats(name, *shape):
    return numpy_helper.from_array(numpy.arange(int(numpy.prod(shape)), dtype=numpy.float32).reshape(shape), name)


def constant(output, tensor, **kwargs):
    return helper.make_node("Constant", [], [output], value=tensor, **kwargs)


def nested():
    inner = helper.make_graph([constant("inner_c", floats("", 2))], "inner", [], [], initializer=[floats("w", 3)])
    loop = helper.make_node("Loop", [], ["looped"], body=inner)
    then = helper.make_graph([loop], "then", [], [], initializer=[floats("w", 2)])
    other = helper.make_graph([], "else", [], [], initializer=[floats("w", 4)])
    choice = helper.make_node("If", ["w"], ["chosen"], then_branch=then, else_branch=other)
    nameless = helper.make_node("Custom", [], [], domain="com.example", tensors=[floats("", 1), floats("", 2)], graphs=[other])
    named = helper.make_node("Custom", [], [""], name="n", domain="com.example", value=floats("ignored", 1))
    return model([floats("w", 1)], [choice, constant("c", floats("anything", 5)), nameless, named], opsets=[("", 21), ("com.example", 1)])


def nested_names():
    return {"w": [1], "chosen:then_branch/looped:body/inner_c:value": [2], "chosen:then_branch/looped:body/w": [3], "chosen:then_branch/w": [2],
            "chosen:else_branch/w": [4], "c:value": [5], "#2:tensors[0]": [1], "#2:tensors[1]": [2], "#2:graphs[0]/w": [4], "n:value": [1]}


def functions():
    body = [constant("c", floats("", 2))]
    function = helper.make_function("own.domain", "F", [], ["c"], body, [helper.make_opsetid("", 21)])
    defaults = helper.make_function("own.domain", "G", [], [], [], [helper.make_opsetid("", 21)], attribute_protos=[helper.make_attribute("k", floats("", 3))])
    call = helper.make_node("F", [], ["y"], domain="own.domain")
    return model([], [call], opsets=[("", 21), ("own.domain", 1)], functions=[function, defaults])


def sparse():
    dense = helper.make_sparse_tensor(floats("s", 2), numpy_helper.from_array(numpy.array([1, 5]), "i"), [3, 3])
    graph = helper.make_graph([helper.make_node("Constant", [], ["c"], sparse_value=dense)], "g", [], [], sparse_initializer=[dense])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def training():
    made = model([floats("w", 2)], ir_version=8)
    info = made.training_info.add()
    info.initialization.CopyFrom(helper.make_graph([], "i", [], [], initializer=[floats("w", 2)]))
    info.algorithm.CopyFrom(helper.make_graph([constant("rate", floats("", 1))], "a", [], []))
    return made


def described_graph():
    """A graph as exporters write it: dimensions with names, an initializer that is listed as an input, quantised operators, something else than tensors."""
    value = helper.make_tensor_value_info
    inputs = [value("ids", TensorProto.INT64, ["batch", 4]), value("w", TensorProto.FLOAT, [2]), value("any", TensorProto.FLOAT16, None), value("scalar", TensorProto.BOOL, []),
              value("unknown", TensorProto.FLOAT, [None, -1, 3]), helper.make_tensor_sequence_value_info("list", TensorProto.FLOAT, None)]
    outputs = [value("y", TensorProto.FLOAT, ["batch", "unk__7"]), onnx.ValueInfoProto(name="bare")]
    inner = helper.make_graph([helper.make_node("Relu", ["y"], ["z"])], "inner", [value("hidden", TensorProto.FLOAT, [1])], [])
    nodes = [helper.make_node("DequantizeLinear", ["w"], ["d"]), helper.make_node("Relu", ["d"], ["r"]), helper.make_node("Loop", [], ["l"], body=inner),
             helper.make_node("Attention", [], ["y"], domain="com.microsoft")]
    return helper.make_model(helper.make_graph(nodes, "main_graph", inputs, outputs, initializer=[floats("w", 2)]), opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)], ir_version=3)


def metadata():
    made = model([floats("w", 2)], opsets=[("", 13), ("ai.onnx.ml", 3), ("com.microsoft", 1)], ir_version=7, domain="org.example", model_version=5, doc_string="A model.")
    helper.set_model_props(made, {"license": "MIT", "long": "д" * 1000, "onnx.ir_version": "a lie"})
    return made


def field(number, data):
    """A field with a length."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def number(number, value):
    return varint(number << 3) + varint(value)


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def unpacked():
    """Tensors as an old or odd writer could encode them: element by element, or packed in several runs."""
    fixed = lambda tag, pattern, items: b"".join(varint(tag) + struct.pack(pattern, item) for item in items)
    tensors = [
        number(1, 3) + number(2, 1) + fixed(4 << 3 | 5, "<f", [1.5, -2.0, 3.0]) + field(8, b"float unpacked"),
        field(1, varint(3)) + number(2, 1) + field(4, struct.pack("<2f", 1, 2)) + fixed(4 << 3 | 5, "<f", [3]) + field(8, b"float both"),
        number(1, 2) + number(2, 11) + fixed(10 << 3 | 1, "<d", [1.5, -2.0]) + field(8, b"double unpacked"),
        number(1, 2) + number(2, 7) + number(7, 5) + number(7, 2**64 - 5) + field(8, b"int64 unpacked"),
        number(1, 4) + number(2, 10) + field(5, varint(0x3C00)) + number(5, 0xBC00) + field(5, varint(1) + varint(2)) + field(8, b"half in runs"),
        number(1, 3) + number(2, 3) + field(8, b"int8 unpacked") + b"".join(number(5, value % 2**64) for value in [-1, 0, 127]),
        number(1, 3) + number(2, 22) + number(5, 0x21) + number(5, 0x0F) + field(8, b"int4 unpacked"),
    ]
    return number(1, 8) + field(7, b"".join(field(5, tensor) for tensor in tensors)) + field(8, number(2, 17))


def valid():
    kinds = list(TOKENS)
    yield "empty", model()
    yield "raw data of all types", model([numpy_helper.from_array(values(kind, [2, 3]), f"t.{TOKENS[kind]}") for kind in kinds])
    yield "odd numbers of all types", model([numpy_helper.from_array(values(kind, [5]), f"t.{TOKENS[kind]}") for kind in kinds])
    yield "typed fields of all types", model([typed(f"t.{TOKENS[kind]}", kind, [5]) for kind in kinds if kind not in SIX_BITS])
    yield "scalars and nothing", model([floats("s"), floats("z", 2, 0, 5), typed("e", TensorProto.INT64, [0]), floats("слой.0", 1)])
    yield "unpacked fields", unpacked()
    yield "subgraphs and attributes", nested()
    yield "functions", functions()
    yield "sparse", sparse()
    yield "training", training()
    yield "metadata", metadata()
    yield "described graph", described_graph()


def tensors_of(message, way):
    """All tensors with the way to each, as the head of the reader describes it; written down on its own from that text."""
    if isinstance(message, onnx.ModelProto):
        yield from tensors_of(message.graph, "")
        for at, info in enumerate(message.training_info):
            yield from tensors_of(info.initialization, f"training[{at}].initialization/")
            yield from tensors_of(info.algorithm, f"training[{at}].algorithm/")
        for function in message.functions:
            yield from nodes_of(function.node, f"{function.domain}::{function.name}/")
            for attribute in function.attribute_proto:
                yield from attribute_of(attribute, f"{function.domain}::{function.name}/")
    else:
        yield from nodes_of(message.node, way)
        for tensor in message.initializer:
            yield way + tensor.name, tensor
        for pair in message.sparse_initializer:
            yield way + pair.values.name + ":values", pair.values
            yield way + pair.values.name + ":indices", pair.indices


def nodes_of(nodes, way):
    for at, node in enumerate(nodes):
        own = next((name for name in [*node.output[:1], node.name] if name), f"#{at}")
        for attribute in node.attribute:
            yield from attribute_of(attribute, f"{way}{own}:")


def attribute_of(attribute, way):
    way += attribute.name
    if attribute.HasField("t"):
        yield way, attribute.t
    if attribute.HasField("g"):
        yield from tensors_of(attribute.g, way + "/")
    if attribute.HasField("sparse_tensor"):
        yield way + ":values", attribute.sparse_tensor.values
        yield way + ":indices", attribute.sparse_tensor.indices
    for at, tensor in enumerate(attribute.tensors):
        yield f"{way}[{at}]", tensor
    for at, graph in enumerate(attribute.graphs):
        yield from tensors_of(graph, f"{way}[{at}]/")


def all_nodes(message):
    """All nodes, whatever message they are inside."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for inner in value if isinstance(value, (list, tuple)) or hasattr(value, "add") else [value]:
            if isinstance(inner, onnx.NodeProto):
                yield inner
            yield from all_nodes(inner)


def port(info):
    """An input or an output in the names of ours."""
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return {"name": info.name, "dtype": "ONNX:SEQUENCE"}
    seen = {"name": info.name}
    if kind == "tensor_type":
        seen["dtype"] = TOKENS[info.type.tensor_type.elem_type]
        if info.type.tensor_type.HasField("shape"):
            dims = info.type.tensor_type.shape.dim
            seen["shape"] = [dim.dim_param or (dim.dim_value if dim.HasField("dim_value") and dim.dim_value >= 0 else None) for dim in dims]
    return seen


def architecture(read):
    """What a model says of its network, in the names of ours."""
    seen = {"name": read.graph.name, "operators": dict(collections.Counter(f"{node.domain}.{node.op_type}".lstrip(".") for node in all_nodes(read)))}
    given = {tensor.name for tensor in read.graph.initializer}
    seen["inputs"] = [port(info) for info in read.graph.input if info.name not in given]
    seen["outputs"] = [port(info) for info in read.graph.output]
    return {key: value for key, value in seen.items() if value}


def described(name, tensor, folder):
    array = numpy_helper.to_array(tensor, base_dir=str(folder))
    data = numpy_helper.from_array(array).raw_data
    return {"name": name, "dtype": TOKENS[tensor.data_type], "shape": list(tensor.dims), "bytes": data.hex()}


def case(title, made, folder):
    data = made if isinstance(made, bytes) else made.SerializeToString()
    read = onnx.load_model_from_string(data)
    tensors = [described(name, tensor, folder) for name, tensor in tensors_of(read, "")]
    return {"title": title, "file": data.hex(), "architecture": architecture(read), "tensors": tensors}


def external():
    """Models whose data lies in files beside them, as the package writes them."""
    for title, options in [("one file", {"all_tensors_to_one_file": True, "location": "model.onnx_data"}), ("a file for each", {"all_tensors_to_one_file": False})]:
        with tempfile.TemporaryDirectory() as folder:
            made = model([floats("a", 2, 3), floats("b", 5), typed("in", TensorProto.INT64, [2])], [constant("c", floats("c", 3))])
            path = pathlib.Path(folder) / "model.onnx"
            onnx.save_model(made, path, save_as_external_data=True, size_threshold=0, convert_attribute=True, **options)
            made = case(title, path.read_bytes(), folder)
            made["files"] = {file.name: file.read_bytes().hex() for file in sorted(pathlib.Path(folder).iterdir()) if file != path}
            yield made


def attacks():
    """Yields (name, bytes, part of the fault that the check reports)."""
    text = lambda n, value: field(n, value.encode())
    four = struct.pack("<f", 1.0)
    tensor = lambda *extra, kind=1, dims=(1,), name="w": b"".join(number(1, dim % 2**64) for dim in dims) + number(2, kind) + text(8, name) + b"".join(extra)
    whole = lambda *parts: number(1, 8) + field(7, b"".join(parts)) + field(8, number(2, 17))
    init = lambda *extra, **options: field(5, tensor(*extra, **options))
    entry = lambda key, value: field(13, text(1, key) + text(2, value))
    beside = lambda location, *more, **options: init(entry("location", location), *more, number(14, 1), **options)
    raw = lambda data: field(9, data)

    # The wire.
    yield "file-empty", b"", "not a model"
    yield "no-graph", number(1, 8), "not a model"
    yield "no-version", field(7, b"") + field(8, number(2, 17)), "not a model"
    yield "group", number(1, 8) + varint(7 << 3 | 3) + varint(7 << 3 | 4), "group"
    yield "wire-type-6", number(1, 8) + varint(9 << 3 | 6), "wire type 6"
    yield "field-zero", number(1, 8) + b"\0\0", "field number 0"
    yield "varint-endless", number(1, 8) + varint(5 << 3) + b"\xff" * 11, "more than 64 bits"
    yield "varint-cut", number(1, 8) + varint(5 << 3) + b"\xff", "ends inside a varint"
    yield "length-max", number(1, 8) + varint(7 << 3 | 2) + varint(2**64 - 1), "bytes of a field"
    yield "length-beyond-message", number(1, 8) + varint(7 << 3 | 2) + varint(3) + varint(5 << 3 | 2) + varint(200) + b"a", "bytes of a field"
    yield "graph-twice", whole() + field(7, b""), "field 7 stands twice"
    yield "graph-a-number", number(1, 8) + number(7, 1), "another type"
    yield "version-a-text", text(1, "8") + field(7, b""), "another type"

    # Depth: graphs in attributes of nodes of graphs.
    deep = b""
    for _ in range(40):
        deep = field(1, text(2, "o") + field(5, text(1, "body") + field(6, deep)))
    yield "graphs-nested-deep", whole(deep), "messages inside each other"
    bomb = b""
    for _ in range(2000):
        bomb = field(1, field(5, field(6, bomb)))
    yield "graphs-nested-bomb", whole(bomb), "messages inside each other"
    # A long way before each of many tensors without names of their own.
    many = field(1, text(2, "o" * 4000) + b"".join(field(5, text(1, f"{n}") + field(5, number(1, 0) + number(2, 1))) for n in range(30)))
    yield "way-repeated", whole(many), "several times the file's length"
    yield "way-too-long", whole(field(1, text(2, "o" * 4000) + field(5, text(1, "a" * 4000) + field(5, tensor(raw(four)))))), "the way to a tensor"

    # Names.
    yield "name-twice", whole(init(raw(four)), init(raw(four))), "two tensors have this name"
    yield "name-of-attribute-twice", whole(field(1, text(2, "o") + field(5, text(1, "a") + field(5, tensor(raw(four)))) * 2)), "two tensors have this name"
    yield "name-given-twice", whole(init(raw(four), text(8, "v"))), "field 8 stands twice"
    yield "name-empty", whole(init(raw(four), name="")), "without a name"
    yield "name-escape-sequence", whole(init(raw(four), name="\x1b[2J")), "control character"
    yield "name-nul", whole(init(raw(four), name="a\0b")), "control character"
    yield "name-not-utf8", whole(field(5, number(1, 1) + number(2, 1) + field(8, b"\xff") + raw(four))), "not UTF-8"
    yield "name-too-long", whole(init(raw(four), name="n" * 4097)), "4097 declared"

    # Shapes and types.
    yield "type-none", whole(field(5, number(1, 1) + text(8, "w") + raw(four))), "unknown type 0"
    yield "type-unknown", whole(init(raw(four), kind=29)), "unknown type 29"
    yield "type-twice", whole(init(raw(four), number(2, 1))), "field 2 stands twice"
    yield "shape-negative", whole(init(raw(four), dims=[-1])), "dimension -1"
    yield "shape-overflow", whole(init(raw(four), dims=[2**32, 2**32, 2])), "passes 64 bits"
    yield "shape-overflow-to-zero", whole(init(dims=[2**62, 4, 0])), "passes 64 bits"
    yield "shape-bytes-overflow", whole(init(raw(four), dims=[2**62], kind=11)), "passes 64 bits"
    yield "shape-exabyte", whole(init(raw(four), dims=[2**60])), "needed by shape and type"
    yield "shape-rank-65", whole(init(raw(four), dims=[1] * 65)), "dimensions"
    yield "segments", whole(init(raw(four), field(3, number(1, 0)))), "segments"

    # Elements.
    yield "raw-short", whole(init(raw(four[:3]))), "3 bytes there, 4 needed"
    yield "raw-long", whole(init(raw(four * 2))), "8 bytes there, 4 needed"
    yield "raw-none", whole(init()), "0 bytes there, 4 needed"
    yield "raw-twice", whole(init(raw(four), raw(four))), "field 9 stands twice"
    yield "raw-and-typed", whole(init(raw(four), field(4, four))), "both as raw bytes and"
    yield "raw-text", whole(init(raw(four), kind=8)), "texts stand as raw bytes"
    yield "typed-two-fields", whole(init(field(4, four), field(7, b"\1"))), "fields of two types"
    yield "typed-other-field", whole(init(field(7, b"\1"))), "stand in field 7"
    yield "typed-cut", whole(init(field(4, four[:3]))), "another type"
    yield "typed-long", whole(init(field(4, four * 2))), "8 bytes there, 4 needed"
    yield "typed-varints-few", whole(init(field(7, b"\1"), kind=7, dims=[2])), "cannot be the 2"
    yield "typed-varints-many", whole(init(field(7, b"\1" * 11), kind=7)), "cannot be the 1"
    yield "typed-six-bits", whole(init(field(5, b"\1"), kind=27)), "six-bit"
    yield "location-unknown", whole(init(number(14, 2))), "unknown location 2"

    # Files beside.
    yield "external-parent", whole(beside("../w.bin")), "leads out of"
    yield "external-parent-inside", whole(beside("a/../../w.bin")), "leads out of"
    yield "external-absolute", whole(beside("/etc/passwd")), "not a relative path"
    yield "external-home", whole(beside("a//b")), "not a relative path"
    yield "external-backslash", whole(beside("..\\w.bin")), "backslash"
    yield "external-drive", whole(beside("C:/w.bin")), "name of a drive"
    yield "external-nul", whole(beside("w.bin\0.txt")), "control character"
    yield "external-empty", whole(beside("")), "not a relative path"
    yield "external-self", whole(beside(".")), "not a relative path"
    yield "external-no-location", whole(init(number(14, 1))), "which is not said"
    yield "external-location-twice", whole(beside("a", entry("location", "b"))), "two values of location"
    yield "external-checksum-twice", whole(beside("a", entry("checksum", "0" * 40), entry("checksum", "0" * 40))), "two values of checksum"
    yield "external-key-twice", whole(init(field(13, text(1, "location") + text(1, "offset") + text(2, "a")), number(14, 1))), "field 1 stands twice"
    yield "external-offset-negative", whole(beside("a", entry("offset", "-1"))), "no offset or length"
    yield "external-offset-text", whole(beside("a", entry("offset", "0x10"))), "no offset or length"
    yield "external-offset-large", whole(beside("a", entry("offset", str(2**64)))), "no offset or length"
    yield "external-offset-max", whole(beside("a", entry("offset", str(2**63 - 1)))), "passes 63 bits"
    yield "external-length-other", whole(beside("a", entry("length", "5"))), "5 bytes in another file, 4 needed"
    yield "external-and-here", whole(beside("a", raw(four))), "both here and in another file"
    yield "external-text", whole(beside("a", kind=8)), "texts cannot stand"


def write_valid():
    cases = [case(title, made, HERE) for title, made in valid()]
    for name, shape in nested_names().items():
        assert any((tensor["name"], tensor["shape"]) == (name, shape) for one in cases for tensor in one["tensors"]), name
    about = f"Models written by the Python package onnx {onnx.__version__}, by vectors/onnx/generate.py; `file`, `files` and `bytes` are hex."
    (HERE / "valid.json").write_text(json.dumps({"about": about, "cases": cases, "external": list(external())}, indent=1, ensure_ascii=False) + "\n")


def write_attacks():
    folder = ROOT / "attacks" / "onnx"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.onnx"):
        old.unlink()
    faults = {}
    for name, data, fault in attacks():
        assert name not in faults, name
        (folder / f"{name}.onnx").write_bytes(data)
        faults[name] = fault
    (folder / "faults.json").write_text(json.dumps(faults, indent=1) + "\n")


if __name__ == "__main__":
    write_valid()
    write_attacks()
