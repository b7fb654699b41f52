"""Makes valid.json, files written by PyTorch and what PyTorch reads from them, and the objects that are more than data.

    pip install -r requirements.txt && python3 generate.py

A CPU build of torch is enough.
"""

import argparse
import collections
import io
import json
import pathlib
import zipfile

import torch

HERE = pathlib.Path(__file__).parent
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32,
    "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64, "BOOL": torch.bool,
    "C64": torch.complex64, "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz, "F8_E8M0": torch.float8_e8m0fnu,
}
TOKENS = {dtype: token for token, dtype in TYPES.items()}


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))


def valid():
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    yield "one tensor", base
    yield "empty", {}
    yield "two tensors", {"a": base, "b": torch.ones(2, dtype=torch.int64)}
    yield "all types", {token: torch.arange(4).to(dtype) for token, dtype in TYPES.items() if dtype is not torch.float8_e8m0fnu} | {"F8_E8M0": torch.tensor([1, 2, 127], dtype=torch.uint8).view(torch.float8_e8m0fnu)}
    yield "tied", {"encoder.weight": base, "decoder.weight": base}
    yield "views", {"rows": base[1:], "columns": base[:, 1:3], "turned": base.t(), "repeated": torch.ones(1).expand(5), "reshaped": base.reshape(2, 6)}
    yield "turned cube", {"t": torch.arange(24, dtype=torch.int16).reshape(2, 3, 4).permute(2, 1, 0), "s": torch.arange(24, dtype=torch.int16).reshape(2, 3, 4).permute(0, 2, 1)}
    yield "scalar and zero-size", {"s": torch.tensor(3.0), "z": torch.zeros(2, 0, 5), "n": torch.zeros(0)}
    yield "state dict", network().state_dict()
    yield "parameters", {"p": torch.nn.Parameter(base.clone()), "q": torch.nn.Parameter(torch.ones(2), requires_grad=False)}
    yield "unicode names", {"слой.0": torch.ones(1), "层": torch.zeros(1), "a b": torch.ones(2)}
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    yield "training", {
        "epoch": 3, "global_step": 1200, "pytorch-lightning_version": "2.5.0", "best": 0.5, "done": True, "nothing": None, "raw": b"\x00\xff",
        "state_dict": model.state_dict(), "optimizer_states": [optimizer.state_dict()], "hyper_parameters": {"lr": 1e-3, "layers": (2, 3), "name": "x"},
        "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.bfloat16, "set": {1, 2}, "big": 2**100, "order": collections.OrderedDict(a=1),
    }
    box = torch.arange(360, dtype=torch.int32).reshape(3, 4, 5, 6)
    half = torch.arange(40, dtype=torch.bfloat16).reshape(5, 8)
    yield "odd views", {
        "crossed": box.permute(3, 1, 0, 2), "every.second": box[:, ::2, :, 1::3], "expanded.front": torch.arange(3.0).expand(4, 3),
        "expanded.back": torch.arange(3.0).reshape(3, 1).expand(3, 5), "windows": torch.arange(10, dtype=torch.int64).unfold(0, 4, 1),
        "diagonal": torch.arange(16, dtype=torch.float64).reshape(4, 4).diagonal(), "half": half.t(), "half.part": half[1:4, 2:7].t(),
        "bytes": torch.arange(35, dtype=torch.uint8).reshape(5, 7).t(), "f8": torch.arange(12).to(torch.float8_e4m3fn).reshape(3, 4).t(),
        "complex": torch.arange(6).to(torch.complex64).reshape(2, 3).t(), "truth": (torch.arange(12) % 3 == 0).reshape(3, 4)[:, 1:3],
        "empty.turned": torch.zeros(3, 0, 2).permute(2, 1, 0), "scalar.of.view": box[1, 2, 3, 4],
    }
    yield "many", {f"layer.{i}.weight": torch.full((1,), i) for i in range(40)}


def unsafe():
    yield "module", network()
    yield "namespace", {"args": argparse.Namespace(lr=1)}
    yield "sparse", {"s": torch.eye(2).to_sparse()}
    yield "function", {"f": print}


def save(value, protocol=2, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, pickle_protocol=protocol, **options)
    return buffer.getvalue()


def reversed_storages(value):
    """The file as a machine with the high byte first would write it: torch itself writes its own order only."""
    kinds = list(dict.fromkeys((tensor.untyped_storage().data_ptr(), tensor.dtype) for tensor in value.values()))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(save(value))) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = bytearray(old.read(member))
            if member.filename.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in member.filename:
                kind = kinds[int(member.filename.rsplit("/", 1)[1])][1]
                size = kind.itemsize // (2 if kind.is_complex else 1)
                data = b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
            new.writestr(zipfile.ZipInfo(member.filename), bytes(data))
    return out.getvalue()


def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from flat(inner, f"{name}.{index}" if name else str(index))


def described(name, tensor):
    storage = bytes(tensor.untyped_storage())
    size = tensor.element_size()
    span = 0 if tensor.numel() == 0 else 1 + sum((dim - 1) * stride for dim, stride in zip(tensor.shape, tensor.stride()))
    start = tensor.storage_offset() * size
    canonical = bytes(tensor.clone(memory_format=torch.contiguous_format).untyped_storage())
    return {"name": name, "dtype": TOKENS[tensor.dtype], "shape": list(tensor.shape), "strides": list(tensor.stride()),
            "contiguous": tensor.is_contiguous(), "bytes": storage[start : start + span * size].hex(), "canonical": canonical.hex()}


CONTAINERS = {"zip": {}, "zip, protocol 4": {"protocol": 4}, "zip, protocol 5": {"protocol": 5}, "legacy": {"_use_new_zipfile_serialization": False}}


def main():
    cases = []
    for title, value in valid():
        for container, options in CONTAINERS.items():
            if "protocol" in container and title not in ("training", "views", "parameters"):
                continue
            if title in ("all types", "odd views") and container == "legacy":
                # torch writes, and then cannot load, types without a storage class in the old layout.
                value = {token: tensor for token, tensor in value.items() if not token.startswith(("F8", "f8", "U16", "U32", "U64"))}
            data = save(value, **options)
            read = torch.load(io.BytesIO(data), weights_only=False)  # written above
            tensors = [described(name, tensor) for name, tensor in flat(read)]
            cases.append({"title": f"{title}, {container}", "legacy": container == "legacy", "file": data.hex(), "tensors": tensors})
    # torch does not turn storages whose type only the tensor knows (U16, U32, U64).
    numbers = {token: torch.arange(6).to(dtype).reshape(2, 3) for token, dtype in TYPES.items() if not token.startswith(("F8", "U16", "U32", "U64"))}
    numbers |= {"turned": numbers["F32"].t(), "part": numbers["C64"][:, 1:]}
    data = reversed_storages(numbers)
    read = torch.load(io.BytesIO(data))
    # Places and bytes in the file are those before torch reversed them.
    tensors = [described(name, tensor) | {"bytes": None} for name, tensor in read.items()]
    cases.append({"title": "big-endian, zip", "legacy": False, "file": data.hex(), "tensors": tensors})
    refused = []
    for title, value in unsafe():
        for container in ("zip", "legacy"):
            refused.append({"title": f"{title}, {container}", "file": save(value, **CONTAINERS[container]).hex()})
    about = f"Files written and read by torch {torch.__version__.split('+')[0]}, by vectors/pytorch/generate.py; `file` and `bytes` are hex, `bytes` from the first to the last element."
    (HERE / "valid.json").write_text(json.dumps({"about": about, "cases": cases, "codeBearing": refused}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
