"""Makes bundles.json with the reference client; see README.md."""

import json
import pathlib
import tempfile
import unicodedata

import model_signing.hashing as hashing
import model_signing.signing as signing

import identities
import sealing

HERE = pathlib.Path(__file__).parent
MODELS = {
    "tiny": {"config.json": "{}", "empty.bin": "", "model.safetensors": "weights", "sub/b.txt": "B", "sub-a.txt": "A", "модель.txt": "u"},
    "orders": {name: name for name in ["a b", "a!b", "a-b", "a.b", "a/b", "a0b", "a", "Z", "z", "a/b.c", "x/y", "x/y z", "x/y/z"][:6]}
    | {"x/y.c": "1", "x/y/z": "2", "x/y z": "3", "x-y": "4", "x.y": "5", "x!": "6", "X": "7", "~": "8", "_": "9"},
    "unicode": {
        unicodedata.normalize("NFC", "é"): "one",
        unicodedata.normalize("NFD", "é"): "two",
        "模型.bin": "three",
        "\U0001f600": "beyond the basic plane",
        "\uffff": "the last of the basic plane",
        "back\\slash": "four",
        "quote\"": "five",
    },
    "nested": {"a/very/deep/tree/weights.bin": "deep", ".cache/huggingface/x": "cached", ".hidden": "h", "sub/.git/x": "not at the top", "sub/.gitignore": ""},
    "with-ignored": {"kept": "kept", "logs/train.txt": "left out", ".gitattributes": "lfs"},
    "shards": {"a": "0123456789", "b:1": "01234567", "sub/c": "x"},
    "single": {"weights.bin": "weights"},
}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def sign(model, config, hash=None, ignore=(), file=None):
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / model
        folder.mkdir()
        write(folder, MODELS[model])
        out = pathlib.Path(work) / "out.sig"
        hash = (hash or hashing.Config()).set_ignored_paths(paths=list(ignore), ignore_git_paths=True)
        config.set_hashing_config(hash).sign(folder / file if file else folder, out)
        return out.read_text(encoding="utf-8")


def by_key(curve):
    return signing.Config().use_elliptic_key_signer(private_key=HERE / f"keys/{curve}.pem")


def by_certificate(leaf, key, chain):
    path = lambda name: HERE / f"certificates/{name}.pem"
    return signing.Config().use_certificate_signer(
        private_key=HERE / f"keys/{key}.pem", signing_certificate=path(leaf), certificate_chain=[path(name) for name in chain]
    )


def keyed():
    for model in ["tiny", "orders", "unicode", "nested"]:
        for curve in ["p256", "p384", "p521"]:
            yield {"name": f"{model} {curve}", "model": model, "key": curve, "bundle": sign(model, by_key(curve))}
    yield {"name": "ignored", "model": "with-ignored", "key": "p256", "ignored": ["logs"], "bundle": sign("with-ignored", by_key("p256"), ignore=["logs"])}
    blake3 = hashing.Config().use_file_serialization(hashing_algorithm="blake3")
    yield {"name": "blake3", "model": "tiny", "key": "p256", "bundle": sign("tiny", by_key("p256"), blake3)}
    for model in ["tiny", "nested"]:
        blake2b = hashing.Config().use_file_serialization(hashing_algorithm="blake2")
        yield {"name": f"blake2b {model}", "model": model, "key": "p256", "bundle": sign(model, by_key("p256"), blake2b)}
    for size in [4, 5, 8, 1000]:
        shards = hashing.Config().use_shard_serialization(hashing_algorithm="sha256", shard_size=size)
        yield {"name": f"shards of {size}", "model": "shards", "key": "p256", "bundle": sign("shards", by_key("p256"), shards)}
    yield {"name": "single file", "model": "single", "file": "weights.bin", "key": "p256", "bundle": sign("single", by_key("p256"), file="weights.bin")}


def by_hand():
    files = MODELS["shards"]
    pieces = [(f"{name}:{at}:{min(at + 4, len(text))}", text[at : at + 4]) for name, text in files.items() for at in range(0, len(text), 4)]
    listed = sorted(({"name": name, "algorithm": "sha256", "digest": sealing.sha256(text)} for name, text in pieces), key=lambda entry: entry["name"])
    yield {"name": "shards, specification", "model": "shards", "payload": sealing.statement(listed, method="shards", shard_size=4)}
    yield {"name": "shards, any order", "model": "shards", "payload": sealing.statement(listed[::-1], method="shards", shard_size=4.0)}
    single = sealing.resources(MODELS["single"])
    yield {"name": "single file, specification", "model": "single", "file": "weights.bin", "payload": sealing.statement(single)}
    tiny = sealing.resources(MODELS["tiny"])
    yield {"name": "reversed", "model": "tiny", "payload": sealing.statement(tiny[::-1])}
    upper = [entry | {"digest": entry["digest"].upper()} for entry in tiny]
    yield {"name": "upper case", "model": "tiny", "payload": sealing.statement(upper)}
    more = sealing.statement([entry | {"mediaType": "x"} for entry in tiny])
    more["subject"][0]["digest"]["dirHash1"] = "another"
    more["predicate"]["more"] = more["more"] = 1
    yield {"name": "more fields", "model": "tiny", "payload": more}


def sealed(case):
    return {key: value for key, value in case.items() if key != "payload"} | {"by": "hand", "key": "p256", "bundle": json.dumps(sealing.bundle(case["payload"]))}


def certified():
    case = lambda name, leaf, key, chain, roots, refused=None: {
        "name": name, "model": "tiny", "roots": roots, "bundle": sign("tiny", by_certificate(leaf, key, chain))
    } | ({"refused": refused} if refused else {})
    through = ["intermediate"]
    for curve in ["p256", "p384", "p521"]:
        yield case(f"chain {curve}", f"leaf-{curve}", curve, through, ["root"])
    yield case("root in the chain", "leaf-p256", "p256", ["intermediate", "root"], ["root"])
    yield case("other certificates in the chain", "leaf-p256", "p256", ["root-rsa", "intermediate", "leaf-p384"], ["root-other", "root"])
    yield case("root on P-521", "leaf-by-p521", "p256", ["root-p521"], ["root-p521"])
    yield case("root of RSA", "leaf-by-rsa", "p256", ["root-rsa"], ["root-rsa"])
    yield case("self-signed", "self-signed", "p256", ["self-signed"], ["self-signed"])
    yield case("the leaf itself is trusted", "leaf-p256", "p256", through, ["leaf-p256"])
    also = "leaf-authority"
    yield case("an authority too", also, "p256", through, ["root"])
    yield case("an authority too, root in the chain", also, "p256", ["intermediate", "root"], ["root"])
    yield case("an authority too, the intermediate is trusted", also, "p256", ["root-other"], ["intermediate"])
    yield case("an authority too, by RSA", f"{also}-by-rsa", "p256", ["root-rsa"], ["root-rsa"])
    yield case("an authority too, by P-521", f"{also}-by-p521", "p256", ["root-rsa"], ["root-p521"])
    yield case("an authority too, expired", f"{also}-expired", "p256", through, ["root"], "certificate-time")
    yield case("an authority too, not for code", f"{also}-no-code-signing", "p256", through, ["root"], "certificate-usage")
    yield case("an authority too, expired intermediate", f"{also}-by-expired-intermediate", "p256", ["intermediate-expired"], ["root"], "certificate-time")
    yield case("an authority too, expired root", f"{also}-by-expired-root", "p256", ["root-expired"], ["root-expired"], "certificate-time")
    yield case("an authority too, more intermediates than allowed", f"{also}-by-too-many", "p256", ["intermediate-too-many", "intermediate"], ["root"], "certificate-untrusted")
    yield case("an authority too, signed by a leaf", f"{also}-by-leaf", "other", ["leaf-p256", "intermediate"], ["root"], "certificate-untrusted")
    yield case("an authority too, signed by a trusted leaf", f"{also}-by-leaf", "other", ["leaf-p256", "intermediate"], ["leaf-p256"], "certificate-untrusted")
    yield case("an authority too, forged", f"{also}-forged", "p256", through, ["root"], "certificate-untrusted")
    yield case("an authority too, another root", also, "p256", through, ["root-other"], "certificate-untrusted")
    yield case("an authority too, no intermediate", also, "p256", ["root"], ["root"], "certificate-untrusted")
    yield case("expired", "leaf-expired", "p256", through, ["root"], "certificate-time")
    yield case("expired and trusted itself", "leaf-expired", "p256", through, ["leaf-expired"], "certificate-time")
    yield case("not valid yet", "leaf-not-yet", "p256", through, ["root"], "certificate-time")
    yield case("expired intermediate", "leaf-by-expired-intermediate", "p256", ["intermediate-expired"], ["root"], "certificate-time")
    yield case("expired root", "leaf-by-expired-root", "p256", ["root-expired"], ["root-expired"], "certificate-time")
    yield case("not for code", "leaf-no-code-signing", "p256", through, ["root"], "certificate-usage")
    yield case("for servers", "leaf-for-servers", "p256", through, ["root"], "certificate-usage")
    yield case("not for signatures", "leaf-not-for-signatures", "p256", through, ["root"], "certificate-usage")
    yield case("another root", "leaf-p256", "p256", through, ["root-other"], "certificate-untrusted")
    yield case("no intermediate", "leaf-p256", "p256", ["root"], ["root"], "certificate-untrusted")
    yield case("signed by a leaf", "leaf-by-leaf", "other", ["leaf-p256", "intermediate"], ["root"], "certificate-untrusted")
    yield case("signed by a trusted leaf", "leaf-by-leaf", "other", ["leaf-p256", "intermediate"], ["leaf-p256"], "certificate-untrusted")
    yield case("self-signed and not trusted", "self-signed", "p256", ["self-signed"], ["root"], "certificate-untrusted")
    yield case("more intermediates than allowed", "leaf-by-too-many", "p256", ["intermediate-too-many", "intermediate"], ["root"], "certificate-untrusted")


def main():
    identities.certificates(identities.keys())
    bundles = [*keyed(), *map(sealed, by_hand()), *certified()]
    text = json.dumps({"models": MODELS, "bundles": bundles}, ensure_ascii=False, indent=1)
    (HERE / "bundles.json").write_text(text + "\n", encoding="utf-8")


main()
