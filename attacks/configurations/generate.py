"""Makes the hostile files of this folder, faults.json and findings.json: indexes of shards, configurations of adapters and of models. Python 3, no packages.

    python3 generate.py
"""

import json
import shutil
from pathlib import Path

HERE = Path(__file__).parent
ESCAPE = "\\u001b[2J"


def index(places, metadata="", more=""):
    return '{%s"weight_map":{%s}%s}' % (metadata, places, more)


def sized(size):
    return index('"a":"a.safetensors"', '"metadata":{"total_size":%s},' % size)


def shard(path):
    return index('"a":%s' % json.dumps(path))


def base(name):
    return '{"base_model_name_or_path":%s}' % json.dumps(name)


# Each either with the fault that it is refused for, or with the codes of its findings. `a.safetensors` is there and holds one F32, `a`; nothing is known of
# other shards.
INDEX = {
    "empty": ("", "EOF"),
    "list": ("[]", "expected an object"),
    "no-map": ('{"metadata":{}}', "missing field `weight_map`"),
    "map-null": ('{"weight_map":null}', "expected an object"),
    "map-list": ('{"weight_map":["a.safetensors"]}', "expected an object"),
    "map-nested-1000": ('{"weight_map":' * 1_000, "expected a string"),
    "shard-number": (index('"a":1'), "expected a string"),
    "shard-null": (index('"a":null'), "expected a string"),
    "shard-list": (index('"a":["a.safetensors"]'), "expected a string"),
    "shard-nested-10000": (index('"a":' + "[" * 10_000), "expected a string"),
    "metadata-list": (index('"a":"a.safetensors"', '"metadata":[4],'), "expected an object"),
    "metadata-text": (index('"a":"a.safetensors"', '"metadata":"4",'), "expected an object"),
    "not-utf8": (index('"a":"\udcff"'), "invalid unicode"),
    "surrogate": (index('"a":"\\ud800"'), "hex escape"),
    "control-character": (index('"a":"a\0.safetensors"'), "control character"),
    "cut": (index('"a":"a.safetensors"')[:-1], "EOF"),
    "second-object": (index('"a":"a.safetensors"') + "{}", "trailing characters"),
    "byte-order-mark": ("\ufeff" + index('"a":"a.safetensors"'), "expected value"),
    "size-out-of-range": (sized("1e400"), "number out of range"),
    "size-not-a-number": (sized("NaN"), "expected value"),
    "size-negative": (sized("-4"), ["index.size"]),
    "size-max": (sized(str(2**64 - 1)), ["index.size"]),
    "size-beyond-64-bits": (sized(str(2**64)), ["index.size"]),
    "size-fraction": (sized("4.5"), ["index.size"]),
    "size-thousand-digits": (sized("1" * 300), ["index.size"]),
    "size-list": (sized("[8]"), []),
    "size-nested-10000": (sized("[" * 10_000 + "]" * 10_000), "recursion limit"),
    "unknown-nested-10000": (index('"a":"a.safetensors"', more=',"x":' + "[" * 10_000 + "]" * 10_000), []),
    "size-twice": (sized("4,\"total_size\":8"), ["index.twice", "index.size"]),
    "tensor-twice": (index('"a":"a.safetensors","a":"b.safetensors"'), ["index.twice", "index.elsewhere"]),
    "tensor-twice-escaped": (index('"a":"a.safetensors","\\u0061":"a.safetensors"'), ["index.twice"]),
    "map-twice": (index('"a":"a.safetensors"', more=',"weight_map":{}'), ["index.twice"]),
    "metadata-twice": (index('"a":"a.safetensors"', '"metadata":{},"metadata":null,'), ["index.twice"]),
    "tensor-escape-sequence": (index('"a":"a.safetensors","%s":"a.safetensors"' % ESCAPE), ["index.absent"]),
    "shards-2000": (index(",".join(f'"{n}":"{n}.bin"' for n in range(2000))), []),
    "tensors-2000": (index(",".join(f'"{n}":"a.safetensors"' for n in range(2000))), ["index.absent", "index.unlisted"]),
    "path-parent": (shard("../../etc/passwd"), ["index.path"]),
    "path-parent-inside": (shard("b/../../a.safetensors"), ["index.path"]),
    "path-absolute": (shard("/etc/passwd"), ["index.path"]),
    "path-backslash": (shard("..\\a.safetensors"), ["index.path"]),
    "path-drive": (shard("C:a.safetensors"), ["index.path"]),
    "path-empty": (shard(""), ["index.path"]),
    "path-folder": (shard("b/"), ["index.path"]),
    "path-nul": (shard("a.safetensors\0.bin"), ["index.path"]),
    "path-escape-sequence": (shard("\x1b[2J.bin"), ["index.path"]),
    "path-too-long": (shard("b" * 5000), ["index.path"]),
}

ADAPTER = {
    "empty": ("", "EOF"),
    "list": ("[]", "expected an object"),
    "null": ("null", "expected an object"),
    "cut": ('{"r":8', "EOF"),
    "second-object": ("{}{}", "trailing characters"),
    "byte-order-mark": ("\ufeff{}", "expected value"),
    "not-utf8": ('{"revision":"\udcff"}', "invalid unicode"),
    "base-twice": ('{"base_model_name_or_path":"org/a","base_model_name_or_path":"org/b"}', "duplicate field `base_model_name_or_path`"),
    "base-twice-then-null": ('{"base_model_name_or_path":"org/a","base_model_name_or_path":null}', "duplicate field"),
    "revision-null-then-twice": ('{"revision":null,"revision":"%s"}' % ("a" * 40), "duplicate field `revision`"),
    "rank-twice-escaped": ('{"r":8,"\\u0072":16}', "duplicate field `r`"),
    "modules-twice": ('{"target_modules":["a"],"target_modules":["b"]}', "duplicate field"),
    "base-nul": (base("org/a\0b"), "control character"),
    "base-escape-sequence": (base("\x1b[2J"), "control character"),
    "module-newline": ('{"target_modules":["a\\nb"]}', "control character"),
    "rank-out-of-range": ('{"r":1e400}', "number out of range"),
    "alpha-infinite": ('{"lora_alpha":Infinity}', "expected value"),
    "modules-nested-10000": ('{"target_modules":' + "[" * 10_000 + "]" * 10_000 + "}", "recursion limit"),
    "base-nested-1000": ('{"base_model_name_or_path":' * 1_000 + "1" + "}" * 1_000, []),
    "base-nested-open": ('{"base_model_name_or_path":' * 1_000, "EOF"),
    "unknown-nested-10000": ('{"loftq_config":' + "[" * 10_000 + "]" * 10_000 + "}", []),
    "rank-max": ('{"r":%d}' % (2**64 - 1), []),
    "rank-beyond-64-bits": ('{"r":%d}' % 2**64, []),
    "rank-negative": ('{"r":-8,"lora_alpha":-1e308}', []),
    "types-wrong": ('{"base_model_name_or_path":["org/a"],"r":"8","lora_alpha":{},"target_modules":{"a":1},"peft_type":1}', []),
    "modules-2000": ('{"target_modules":[%s]}' % ",".join(f'"{n}"' for n in range(2000)), []),
    "base-too-long": (base("a" * 5000), ["parent.unpinned"]),
    "base-absolute": (base("/home/ann/base"), ["privacy.path"]),
    "base-parent": (base("../base"), ["privacy.path"]),
    "base-parent-inside": (base("org/../../base"), ["privacy.path"]),
    "base-share": (base("\\\\server\\share"), ["privacy.path"]),
    "base-drive": (base("C:\\base"), ["privacy.path"]),
    "base-file": (base("file:///base"), ["privacy.path"]),
    "revision-39-digits": ('{"base_model_name_or_path":"org/a","revision":"%s"}' % ("a" * 39), ["parent.unpinned"]),
    "revision-no-digits": ('{"base_model_name_or_path":"org/a","revision":"%s"}' % ("g" * 40), ["parent.unpinned"]),
}

CONFIG = {
    "empty": ("", "EOF"),
    "list": ("[]", "expected an object"),
    "cut": ('{"model_type":"a"', "EOF"),
    "second-object": ("{}{}", "trailing characters"),
    "byte-order-mark": ("\ufeff{}", "expected value"),
    "not-utf8": ('{"model_type":"\udcff"}', "invalid unicode"),
    "family-twice": ('{"model_type":"a","model_type":"b"}', "duplicate field `model_type`"),
    "family-twice-null": ('{"model_type":null,"model_type":"b"}', "duplicate field `model_type`"),
    "text-config-twice": ('{"text_config":{"dim":1},"text_config":{}}', "duplicate field `text_config`"),
    "twice-inside": ('{"vision_config":{"dim":1,"dim":2}}', "duplicate field `dim`"),
    "family-nul": ('{"model_type":"a\\u0000"}', "control character"),
    "name-escape-sequence": ('{"architectures":["%s"]}' % ESCAPE, "control character"),
    "layers-out-of-range": ('{"num_hidden_layers":1e400}', "number out of range"),
    "text-configs-nested-1000": ('{"text_config":' * 1_000, "recursion limit"),
    "lists-nested-10000": ('{"architectures":' + "[" * 10_000 + "]" * 10_000 + "}", "recursion limit"),
    "unknown-nested-10000": ('{"auto_map":' + "[" * 10_000 + "]" * 10_000 + "}", None),
    "layers-max": ('{"num_hidden_layers":%d}' % (2**64 - 1), {"layers": 2**64 - 1}),
    "layers-beyond-64-bits": ('{"num_hidden_layers":%d}' % 2**64, None),
    "layers-negative": ('{"num_hidden_layers":-1,"hidden_size":1.5}', None),
    "types-wrong": ('{"model_type":{},"architectures":{"a":"b"},"text_config":"a","quantization_config":[{}],"vocab_size":true}', None),
    "name-too-long": ('{"architectures":["%s"]}' % ("a" * 5000), {"name": "a" * 253 + "…"}),
    "names-2000": ('{"architectures":[%s]}' % ",".join(f'"{n}"' for n in range(2000)), {"name": "0"}),
}

if __name__ == "__main__":
    faults, findings = {}, {}
    for kind, attacks in {"index": INDEX, "adapter": ADAPTER, "config": CONFIG}.items():
        shutil.rmtree(HERE / kind, ignore_errors=True)
        (HERE / kind).mkdir()
        for name, (text, outcome) in attacks.items():
            (HERE / kind / f"{name}.json").write_bytes(text.encode("utf-8", "surrogateescape"))
            (faults if isinstance(outcome, str) else findings)[f"{kind}/{name}"] = outcome
    for name, outcomes in {"faults": faults, "findings": findings}.items():
        (HERE / f"{name}.json").write_text(json.dumps(outcomes, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
