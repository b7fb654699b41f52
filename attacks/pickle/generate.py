"""Makes the hostile pickles of this folder and faults.json. Writes opcodes; nothing is unpickled, and every name is inert.

    python3 generate.py
"""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
P2, P4 = b"\x80\x02", b"\x80\x04"


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def name(module, attribute):
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def storage(kind="FloatStorage", key=text("0"), elements=b"K\x06", tail=b""):
    return b"(" + text("storage") + name("torch", kind) + key + text("cpu") + elements + tail + b"tQ"


def rebuild(function="_rebuild_tensor_v2", place=None, offset=b"K\0", shape=b"K\2K\3\x86", strides=b"K\3K\1\x86", grad=b"\x89", hooks=None, rest=b""):
    hooks = name("collections", "OrderedDict") + b")R" if hooks is None else hooks
    place = storage() if place is None else place
    return name("torch._utils", function) + b"(" + place + offset + shape + strides + grad + hooks + rest + b"tR"


def attacks():
    """Yields (name, bytes, part of the fault that the check reports)."""
    # Names and calls.
    yield "unlisted-call", P2 + name("inert_module", "function") + b")R.", 'GLOBAL at byte 2 refers to "inert_module.function"'
    yield "unlisted-name-never-called", P2 + name("builtins", "print") + b".", 'refers to "builtins.print"'
    yield "unlisted-name-dropped", P2 + b"}" + text("k") + name("operator", "itemgetter") + b"s.", 'refers to "operator.itemgetter"'
    yield "stack-global", P4 + b"\x8c\x0cinert_module\x8c\x08function\x93)R.", 'STACK_GLOBAL at byte 26 refers to "inert_module.function"'
    yield "stack-global-dotted", P4 + b"\x8c\x05torch\x8c\x12_utils.rebuild.any\x93.", 'refers to "torch._utils.rebuild.any"'
    yield "stack-global-of-memo", P4 + b"\x8c\x05print\x94\x8c\x08builtins\x94h\x01h\x00\x93.", "refers to"
    yield "stack-global-number", P4 + b"K\1\x8c\x05print\x93.", "a name that is no text"
    yield "load-from-bytes", P2 + name("torch.storage", "_load_from_bytes") + b"C\x00\x85R.", 'refers to "torch.storage._load_from_bytes"'
    yield "getattr", P2 + name("builtins", "getattr") + b".", 'refers to "builtins.getattr"'
    yield "name-with-space", P2 + name("collections ", "OrderedDict") + b".", "refers to"
    yield "name-case", P2 + name("Collections", "OrderedDict") + b".", "refers to"
    yield "name-too-long", P2 + b"c" + b"m" * 300 + b"\nf\n.", "longer than 256"
    yield "name-not-utf8", P2 + b"c\xff\xfe\nf\n.", "not UTF-8"
    yield "name-escape-sequence", P2 + name("m\x1b[2J", "f") + b".", "u{1b}"
    yield "inst", P2 + b"(iinert_module\nfunction\n.", 'INST at byte 3 refers to "inert_module.function"'
    yield "inst-of-listed", P2 + b"(icollections\nOrderedDict\n.", "INST at byte 3"
    yield "obj", P2 + b"(" + name("collections", "OrderedDict") + b"o.", "OBJ"
    yield "newobj", P2 + name("collections", "OrderedDict") + b")\x81.", "NEWOBJ"
    yield "newobj-ex", P4 + name("collections", "OrderedDict") + b")}\x92.", "NEWOBJ_EX"
    yield "extension-1", P2 + b"\x82\x01.", "EXT1"
    yield "extension-4", P2 + b"\x84\x01\0\0\0.", "EXT4"
    yield "call-of-text", P2 + text("os") + b")R.", "runs something that is no data"
    yield "call-of-result", P2 + name("collections", "OrderedDict") + b")R)R.", "runs something that is no data"
    yield "call-without-tuple", P2 + name("collections", "OrderedDict") + b"]R.", "no tuple"
    yield "call-of-type", P2 + name("torch", "FloatStorage") + b"K\1\x85R.", "a type is not to be called"
    yield "build-on-name", P2 + name("collections", "OrderedDict") + b"}" + text("_metadata") + b"}sb.", "BUILD"
    yield "build-on-dict", P2 + b"}}" + text("_metadata") + b"}sb.", "BUILD"
    yield "build-on-tensor", P2 + rebuild() + b"}" + text("_metadata") + b"}sb.", "BUILD"
    yield "build-other-attribute", P2 + name("collections", "OrderedDict") + b")R}" + text("__class__") + b"}sb.", "BUILD"
    yield "build-two-attributes", P2 + name("collections", "OrderedDict") + b")R}(" + text("_metadata") + b"}" + text("x") + b"}ub.", "BUILD"
    yield "build-twice", P2 + name("collections", "OrderedDict") + b")R" + (b"}" + text("_metadata") + b"}sb") * 2 + b".", "BUILD"
    yield "build-tuple-state", P2 + name("collections", "OrderedDict") + b")R}}\x86b.", "BUILD"
    yield "protocol-0", b"cinert_module\nfunction\n(S'x'\ntR.", 'GLOBAL at byte 0 refers to "inert_module.function"'

    # Opcodes that data does not need.
    yield "pop", P2 + b"NN0.", "POP at byte 4: opcode not allowed"
    yield "pop-mark", P2 + b"N(N1.", "opcode not allowed"
    yield "dup", P2 + b"N2\x86.", "opcode not allowed"
    yield "persid", P2 + b"Pstorage\n.", "opcode not allowed"
    yield "next-buffer", b"\x80\x05\x97.", "opcode not allowed"
    yield "readonly-buffer", b"\x80\x05N\x98.", "opcode not allowed"
    yield "text-int", P2 + b"I1\n.", "opcode not allowed"
    yield "text-string", P2 + b"S'x'\n.", "opcode not allowed"
    yield "text-put", P2 + b"Np0\n.", "opcode not allowed"
    yield "no-opcode", P2 + b"\xff.", "opcode 0xff at byte 2"

    # Around the program.
    yield "no-protocol", b"N.", "no protocol"
    yield "only-stop", b".", "no protocol"
    yield "protocol-1", b"\x80\x01N.", "no protocol"
    yield "protocol-6", b"\x80\x06N.", "no protocol"
    yield "protocol-twice", P2 + P2 + b"N.", "no protocol"
    yield "empty", b"", "the pickle ends here"
    yield "no-stop", P2 + b"N", "the pickle ends here"
    yield "empty-stack", P2 + b".", "too few values"
    yield "leftover", P2 + b"NN.", "left on the stack"
    yield "leftover-mark", P2 + b"(N.", "left on the stack"
    yield "trailing-byte", P2 + b"N.\0", "bytes follow"
    yield "second-stream", P2 + b"N." + P2 + name("builtins", "print") + b".", "bytes follow"

    # Frames and lengths.
    yield "frame-too-long", P4 + b"\x95" + struct.pack("<Q", 2**63) + b"N.", "the pickle ends here"
    yield "frame-too-short", P4 + b"\x95\x02" + b"\0" * 7 + b"\x8c\x01a.", "frame out of bounds"
    yield "frame-in-frame", P4 + b"\x95\x0b" + b"\0" * 7 + b"\x95\x02" + b"\0" * 7 + b"N.", "frame out of bounds"
    yield "frame-beyond-stop", P4 + b"\x95\x03" + b"\0" * 7 + b"N.N", "left on the stack"
    yield "text-length-max", P4 + b"\x8d" + b"\xff" * 8 + b"a.", "the pickle ends here"
    yield "text-length-4g", P2 + b"X\xff\xff\xff\xffa.", "the pickle ends here"
    yield "bytes-length-max", P4 + b"\x8e" + b"\xff" * 8 + b"a.", "the pickle ends here"
    yield "text-not-utf8", P2 + b"X\x01\0\0\0\xff.", "not UTF-8"
    yield "text-surrogate", P2 + b"X\x03\0\0\0\xed\xa0\x80.", "not UTF-8"
    yield "integer-136-bits", P2 + b"\x8a\x11" + b"\1" * 17 + b".", "more than 128 bits"

    # Memo.
    yield "memo-twice", P2 + b"Nq\0\x88q\0\x86.", "memo entry"
    yield "memo-swap", P2 + text("safe") + b"q\0" + text("other") + b"q\0h\0\x87.", "memo entry"
    yield "memo-unset", P2 + b"h\0.", "memo entry"
    yield "memo-unset-far", P2 + b"j\xff\xff\xff\xff.", "memo entry"
    yield "memoize-twice", P4 + b"Nq\1\x94.", "memo entry"
    yield "memo-of-nothing", P2 + b"q\0.", "too few values"

    # Containers.
    yield "append-to-dict", P2 + b"}Na.", "no list"
    yield "append-to-tuple", P2 + b")Na.", "no list"
    yield "append-across-mark", P2 + b"](a.", "too few values"
    yield "item-on-list", P2 + b"]NNs.", "no dict"
    yield "item-on-tensor", P2 + rebuild() + text("a") + b"Ns.", "no dict"
    yield "item-on-storage", P2 + storage() + b"K\0K\1s.", "no dict"
    yield "items-odd", P2 + b"}(Nu.", "a key without a value"
    yield "items-without-mark", P2 + b"}NNu.", "too few values or no mark"
    yield "key-twice", P2 + b"}(" + (text("a") + b"N") * 2 + b"u.", "two equal keys"
    yield "key-true-and-one", P2 + b"}(\x88NK\1Nu.", "two equal keys"
    yield "key-list", P2 + b"}]Ns.", "a key that is"
    yield "key-float", P2 + b"}G" + b"\0" * 8 + b"Ns.", "a key that is"
    yield "list-in-itself", P2 + b"]q\0h\0a.", "holds itself"
    yield "dict-in-itself", P2 + b"}q\0" + text("a") + b"h\0s.", "holds itself"
    yield "list-in-tuple-in-list", P2 + b"]q\0h\0\x85a.", "holds itself"
    yield "metadata-in-itself", P2 + name("collections", "OrderedDict") + b")Rq\0}" + text("_metadata") + b"h\0sb.", "holds itself"
    yield "nested-101", P2 + b"]" * 101 + b"a" * 100 + b".", "nested deeper"
    yield "nested-10000", P2 + b"]" * 10_000 + b"a" * 9_999 + b".", "nested deeper"
    yield "nested-tuples-10000", P2 + b")" + b"\x85" * 10_000 + b".", "nested deeper"
    yield "hooks-filled-later", P2 + name("collections", "OrderedDict") + b")Rq\0" + rebuild(hooks=b"h\0") + b"\x86q\1h\0" + text("a") + b"Ns.", "hooks of a tensor"

    # Storages.
    yield "storage-no-tuple", P2 + text("storage") + b"Q.", "no tuple"
    yield "storage-other-word", P2 + b"(" + text("module") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\6tQ.", "no storage's"
    yield "storage-class-text", P2 + b"(" + text("storage") + text("FloatStorage") + text("0") + text("cpu") + b"K\6tQ.", "without a storage class"
    yield "storage-class-function", P2 + b"(" + text("storage") + name("torch._utils", "_rebuild_tensor") + text("0") + text("cpu") + b"K\6tQ.", "without a storage class"
    yield "storage-key-number", P2 + storage(key=b"K\0") + b".", "no text"
    yield "storage-size-negative", P2 + storage(elements=b"J\xff\xff\xff\xff") + b".", "without a size"
    yield "storage-size-float", P2 + storage(elements=b"G" + b"\0" * 8) + b".", "without a size"
    yield "storage-size-overflow", P2 + storage(elements=b"\x8a\x09" + b"\0" * 7 + b"\x40\0") + b".", "2^64 bytes"
    yield "storage-view", P2 + storage(tail=b"(" + text("v") + b"K\0K\6t") + b".", "no storage's"

    # Tensors.
    yield "tensor-without-storage", P2 + rebuild(place=b"N") + b".", "no storage"
    yield "tensor-storage-class", P2 + rebuild(place=name("torch", "FloatStorage")) + b".", "no storage"
    yield "tensor-too-few-arguments", P2 + name("torch._utils", "_rebuild_tensor_v2") + b")R.", "their number"
    yield "tensor-too-many-arguments", P2 + rebuild(rest=b"NN") + b".", "their number"
    yield "tensor-thousand-arguments", P2 + name("torch._utils", "_rebuild_tensor_v2") + b"(" + b"N" * 1000 + b"tR.", "their number"
    yield "tensor-out-of-storage", P2 + rebuild(shape=b"K\2K\4\x86") + b".", "out of its storage"
    yield "tensor-offset-out", P2 + rebuild(offset=b"K\1") + b".", "out of its storage"
    yield "tensor-empty-offset-out", P2 + rebuild(offset=b"K\7", shape=b"K\0K\3\x86") + b".", "out of its storage"
    yield "tensor-offset-negative", P2 + rebuild(offset=b"J\xff\xff\xff\xff") + b".", "offset"
    yield "tensor-stride-negative", P2 + rebuild(strides=b"J\xff\xff\xff\xffK\1\x86") + b".", "no natural number"
    yield "tensor-dimension-negative", P2 + rebuild(shape=b"J\xff\xff\xff\xffK\3\x86") + b".", "no natural number"
    yield "tensor-dimension-true", P2 + rebuild(shape=b"\x88K\3\x86") + b".", "no natural number"
    yield "tensor-stride-huge", P2 + rebuild(strides=b"\x8a\x06\0\0\0\0\0\1K\1\x86") + b".", "out of its storage"
    yield "tensor-stride-overflow", P2 + rebuild(shape=b"K\3K\3\x86", strides=b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\1\x86") + b".", "2^64 bytes"
    yield "tensor-exabytes", P2 + rebuild(shape=b"\x8a\x05\0\0\0\0\1" * 2 + b"\x86", strides=b"K\0K\0\x86") + b".", "2^64 bytes"
    yield "tensor-rank-differs", P2 + rebuild(strides=b"K\1\x85") + b".", "another rank"
    yield "tensor-rank-65", P2 + rebuild(shape=b"(" + b"K\1" * 65 + b"t", strides=b"(" + b"K\1" * 65 + b"t") + b".", "more than 64 dimensions"
    yield "tensor-shape-list", P2 + rebuild(shape=b"](K\2K\3e") + b".", "no tuple"
    yield "tensor-grad-number", P2 + rebuild(grad=b"K\0") + b".", "no boolean"
    yield "tensor-hooks-none", P2 + rebuild(hooks=b"N") + b".", "no empty dict"
    yield "tensor-hooks", P2 + rebuild(hooks=b"}K\0" + text("hook") + b"s") + b".", "no empty dict"
    yield "tensor-conjugated", P2 + rebuild(rest=b"}" + text("conj") + b"\x88s") + b".", "metadata of a tensor"
    yield "tensor-untyped", P2 + rebuild(place=storage("UntypedStorage")) + b".", "given twice or not at all"
    yield "tensor-typed-twice", P2 + rebuild("_rebuild_tensor_v3", rest=name("torch", "float32")) + b".", "given twice or not at all"
    yield "tensor-v3-type-text", P2 + rebuild("_rebuild_tensor_v3", place=storage("UntypedStorage"), rest=text("float32")) + b".", "no element type"
    yield "tensor-complex128", P2 + rebuild(place=storage("ComplexDoubleStorage")) + b".", "no word for"
    yield "parameter-of-text", P2 + name("torch._utils", "_rebuild_parameter") + text("x") + b"\x89}\x87R.", "no tensor"

    # Other calls.
    yield "encode-other-codec", P2 + name("_codecs", "encode") + text("x") + text("rot13") + b"\x86R.", "latin1"
    yield "encode-not-latin1", P2 + name("_codecs", "encode") + text("д") + text("latin1") + b"\x86R.", "not latin1"
    yield "device-list", P2 + name("torch", "device") + b"]\x85R.", "no device"
    yield "device-long", P2 + name("torch", "device") + text("x" * 33) + b"\x85R.", "no device"
    yield "ordered-of-number", P2 + name("collections", "OrderedDict") + b"K\1\x85R.", "no list"
    yield "ordered-of-triples", P2 + name("collections", "OrderedDict") + b"](NNN\x87e\x85R.", "no pair"


def main():
    for old in HERE.glob("*.pkl"):
        old.unlink()
    faults = {}
    for title, data, fault in attacks():
        assert title not in faults, title
        (HERE / f"{title}.pkl").write_bytes(data)
        faults[title] = fault
    (HERE / "faults.json").write_text(json.dumps(faults, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
