"""Makes containers.json: one set of tensors in every container that PyTorch, NumPy and safetensors write, and casts of it.

    pip install -r requirements.txt && python3 generate.py

A CPU build of torch is enough. What is expected of the fingerprints is computed by reference/weight_fingerprint.py.
"""

import io
import json
import pathlib
import sys

import numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "reference"))

import weight_fingerprint  # noqa: E402

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def model():
    torch.manual_seed(7)
    weight = torch.randn(5, 4).half().float()
    return {
        "embed.weight": torch.randn(6, 4), "layer.0.weight": weight, "layer.1.weight": torch.randn(5, 4), "norm.bias": torch.tensor(0.5),
        "layer.0.turned": torch.randn(3, 4).t(), "position_ids": torch.arange(6), "empty": torch.zeros(0, 3),
    }


def contiguous(tensors):
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def saved(tensors, **options):
    out = io.BytesIO()
    torch.save(tensors, out, **options)
    return out.getvalue()


def arrays(save, tensors):
    out = io.BytesIO()
    save(out, **{name: tensor.numpy() for name, tensor in tensors.items()})
    return out.getvalue()


def roots(tensors):
    raw = lambda tensor: bytes(tensor.clone(memory_format=torch.contiguous_format).untyped_storage())
    return weight_fingerprint.roots([(name, DTYPES[tensor.dtype], list(tensor.shape), raw(tensor)) for name, tensor in tensors.items()])


def case(title, tensors, **files):
    return {"title": title, "files": {name.replace("__", "-").replace("_DOT_", "."): data.hex() for name, data in files.items()}, "roots": roots(tensors)}


def main():
    whole = model()
    flat = contiguous(whole)
    names = list(flat)
    backwards = {name: whole[name] for name in reversed(names)}
    halves = [{name: flat[name] for name in part} for part in (names[:3], names[3:])]
    shards = {f"model__0000{index}__of__00002_DOT_safetensors": safetensors.torch.save(part) for index, part in enumerate(halves, 1)}
    half = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in flat.items()}
    wide = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in half.items()}
    containers = [
        case("safetensors", whole, model_DOT_safetensors=safetensors.torch.save(flat)),
        case("safetensors with metadata", whole, model_DOT_safetensors=safetensors.torch.save(flat, {"format": "pt"})),
        case("two shards", whole, **shards),
        case("torch, zip", whole, pytorch_model_DOT_bin=saved(whole)),
        case("torch, legacy, backwards", whole, model_DOT_pt=saved(backwards, _use_new_zipfile_serialization=False)),
        case("npz", whole, model_DOT_npz=arrays(numpy.savez, whole)),
        case("npz, compressed", whole, model_DOT_npz=arrays(numpy.savez_compressed, whole)),
    ]
    renamed = {f"model.{name}": tensor for name, tensor in flat.items()}
    swapped = {**flat, "layer.0.weight": flat["layer.1.weight"], "layer.1.weight": flat["layer.0.weight"]}
    others = [
        case("renamed", renamed, model_DOT_safetensors=safetensors.torch.save(renamed)),
        case("swapped", swapped, model_DOT_safetensors=safetensors.torch.save(swapped)),
        case("cast to F16", half, model_DOT_safetensors=safetensors.torch.save(half)),
        case("cast to F16 and back", wide, model_DOT_safetensors=safetensors.torch.save(wide)),
    ]
    about = f"Files by torch {torch.__version__.split('+')[0]}, numpy {numpy.__version__} and safetensors, by vectors/weights/generate.py; roots by reference/weight_fingerprint.py; files are hex."
    (HERE / "containers.json").write_text(json.dumps({"about": about, "containers": containers, "others": others}, indent=1) + "\n")


if __name__ == "__main__":
    main()
