"""Makes bundles.json; see README.md."""

import copy
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "vectors/oms"))

from cryptography.hazmat.primitives.asymmetric import utils  # noqa: E402
from sealing import bundle, hint, resources, sha256, signature, statement  # noqa: E402

MODEL = {"weights.bin": "weights", "code/run.py": "print()"}
GOOD = statement(resources(MODEL))
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def entry(name, content="", **more):
    return {"name": name, "algorithm": "sha256", "digest": sha256(content)} | more


def listing(*entries, **more):
    return statement([*resources(MODEL), *entries], **more)


def changed(value, *path, to=None, drop=False):
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return value


def statements():
    yield "good", None, GOOD
    yield "type of statement", "statement-type", changed(GOOD, "_type", to="https://in-toto.io/Statement/v0.1")
    yield "predicate type", "predicate-type", changed(GOOD, "predicateType", to="https://slsa.dev/provenance/v1")
    yield "predicate type of version 0.2", "predicate-type", changed(GOOD, "predicateType", to="https://model_signing/Digests/v0.1")
    yield "predicate type absent", "field", changed(GOOD, "predicateType", drop=True)
    yield "no subject", "subject", changed(GOOD, "subject", to=[])
    yield "two subjects", "subject", changed(GOOD, "subject", to=GOOD["subject"] * 2)
    yield "subject without digest", "field", changed(GOOD, "subject", 0, "digest", to={"sha512": "00"})
    yield "root digest", "root-digest", changed(GOOD, "subject", 0, "digest", "sha256", to=sha256("other"))
    yield "root digest cut", "digest", changed(GOOD, "subject", 0, "digest", "sha256", to="00" * 31)
    yield "no predicate", "field", changed(GOOD, "predicate", drop=True)
    yield "no serialization", "field", changed(GOOD, "predicate", "serialization", drop=True)
    yield "no resources", "empty", statement([])
    yield "no list of resources", "field", changed(GOOD, "predicate", "resources", drop=True)
    yield "nothing and everything ignored", "ignore-path", statement([], ignore_paths=["."])
    for path in [".", "./", "", "/", "..", "../other", "a/../..", "/etc", "a//b", "a/./b"]:
        yield f"ignored {path!r}", "ignore-path", listing(ignore_paths=[path])
    yield "ignored number", "field", listing(ignore_paths=[1])
    yield "ignored text", "field", listing(ignore_paths=".git")
    yield "method unknown", "serialization", listing(method="tree")
    yield "hash unknown", "hash-type", listing(hash_type="md5")
    yield "hash in capitals", "hash-type", listing(hash_type="SHA256")
    yield "links a text", "field", listing(allow_symlinks="false")
    yield "name twice, the good one last", "name-twice", statement([entry("weights.bin", "other"), *resources(MODEL)])
    yield "name twice, equal", "name-twice", listing(entry("weights.bin", "weights"))
    for name in ["../outside", "code/../../outside", "/etc/hostname", "code//run.py", "./weights.bin", "code/", "", "a\u0000b", "a\nb"]:
        yield f"name {name!r}", "name", listing(entry(name))
    yield "name a number", "field", listing(entry(1))
    yield "digest of another kind", "digest", listing(entry("x", algorithm="blake3"))
    yield "digest in capitals of kind", "digest", listing(entry("x", algorithm="SHA256"))
    yield "digest cut", "digest", changed(GOOD, "predicate", "resources", 0, "digest", to="00")
    yield "digest with prefix", "digest", changed(GOOD, "predicate", "resources", 0, "digest", to="0x" + "00" * 31)
    yield "dot among others", "name", listing(entry("."))
    shards = lambda *names, size=4: statement([entry(name) for name in names], method="shards", shard_size=size)
    yield "shards without a size", "field", changed(shards("a:0:4"), "predicate", "serialization", "shard_size", drop=True)
    for size in [0, -1, 1.5, "4", 1e300]:
        yield f"shards of {size!r}", "serialization", shards("a:0:4", size=size)
    for names in [["a"], ["a:0"], ["a:4:0"], ["a:0:0"], ["a:00:4"], ["a:+0:4"], ["a:0:99999999999999999999"], ["a:4:8"], ["a:0:4", "a:8:12"], ["a:0:8"],
                  ["a:0:3", "a:3:6"], ["a:0:4", "a:0:3"]]:
        yield f"shards {' '.join(names)}", "shards", shards(*names)
    yield "shards that leave the model", "name", shards("../a:0:4")
    yield "payload a list", "field", []


def payloads():
    good = json.dumps(GOOD)
    yield "payload not JSON", "json", b"\x00\xff"
    yield "payload empty", "json", b""
    yield "payload with a byte order mark", "json", b"\xef\xbb\xbf" + good.encode()
    yield "payload with a key twice", "json", good.replace('"predicate":', '"predicate": {}, "predicate":').encode()
    yield "payload with an escaped key twice", "json", good.replace('"subject":', '"\\u0073ubject": [], "subject":').encode()
    yield "payload with a tail", "json", good.encode() + b"{}"
    yield "payload nested", "json", good.replace('"_type"', '"x": ' + "[" * 200 + "]" * 200 + ', "_type"').encode()
    yield "payload with NaN", "json", good.replace('"_type"', '"x": NaN, "_type"').encode()


def bundles():
    good = bundle(GOOD)
    sealed = ("dsseEnvelope", "signatures")
    yield "text", "json", "not JSON"
    yield "nothing", "json", ""
    yield "byte order mark", "json", "\ufeff" + json.dumps(good)
    yield "cut", "json", json.dumps(good)[:-20]
    yield "key twice", "json", json.dumps(good).replace('"mediaType"', '"mediaType": "x", "mediaType"')
    yield "nested", "json", "[" * 100000
    yield "a list", "field", "[]"
    for version in ["+json;version=0.1", "+json;version=0.2", "+json;version=0.3", ".v0.1+json", ".v0.2+json", ".v0.4+json"]:
        yield f"media type {version}", "media-type", changed(good, "mediaType", to=f"application/vnd.dev.sigstore.bundle{version}")
    yield "no media type", "field", changed(good, "mediaType", drop=True)
    yield "no envelope", "field", changed(good, "dsseEnvelope", drop=True)
    yield "no material", "field", changed(good, "verificationMaterial", drop=True)
    yield "empty material", "field", changed(good, "verificationMaterial", to={"tlogEntries": []})
    both = {"publicKey": {"hint": hint()}, "x509CertificateChain": {"certificates": [{"rawBytes": "AA=="}]}}
    yield "two materials", "field", changed(good, "verificationMaterial", to=both)
    yield "unknown field", "field", changed(good, "messageSignature", to={})
    yield "unknown field of the envelope", "field", changed(good, "dsseEnvelope", "x", to=1)
    yield "unknown field of the material", "field", changed(good, "verificationMaterial", "x", to=1)
    yield "chain empty", "too-large", changed(good, "verificationMaterial", to={"x509CertificateChain": {"certificates": []}})
    chain = {"certificates": [{"rawBytes": "AA=="}] * 17}
    yield "chain long", "too-large", changed(good, "verificationMaterial", to={"x509CertificateChain": chain})
    yield "certificates", "signing-method", changed(good, "verificationMaterial", to={"x509CertificateChain": {"certificates": [{"rawBytes": "AA=="}]}})
    yield "keyless", "signing-method", changed(good, "verificationMaterial", to={"certificate": {"rawBytes": "AA=="}, "tlogEntries": []})
    yield "hint of another key", "key-hint", changed(good, "verificationMaterial", "publicKey", "hint", to=hint("other"))
    yield "hint in capitals", "key-hint", changed(good, "verificationMaterial", "publicKey", "hint", to=hint().upper())
    yield "payload type", "payload-type", changed(good, "dsseEnvelope", "payloadType", to="application/json")
    yield "no signature", "signature-missing", changed(good, *sealed, to=[])
    yield "nine signatures", "too-large", changed(good, *sealed, to=good["dsseEnvelope"]["signatures"] * 9)
    urlsafe = good["dsseEnvelope"]["payload"].rstrip("=")[:-3] + "_-_-"
    yield "base64 for URLs", "base64", changed(good, "dsseEnvelope", "payload", to=urlsafe)
    yield "base64 with a line end", "base64", changed(good, "dsseEnvelope", "payload", to=good["dsseEnvelope"]["payload"] + "\n")
    yield "base64 without padding", "base64", changed(good, *sealed, 0, "sig", to="AAA")
    yield "base64 with bits left over", "base64", changed(good, *sealed, 0, "sig", to="AB==")
    yield "key id a number", "field", changed(good, *sealed, 0, "keyid", to=1)
    payload = json.dumps(GOOD).encode()
    right = signature(payload)
    r, s = utils.decode_dss_signature(right)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    refused = {
        "of another payload": [signature(b"{}")],
        "of another key": [signature(payload, "other")],
        "of another curve": [signature(payload, "p384")],
        "of another payload type": [signature(payload, payload_type="application/json")],
        "without DER": [raw],
        "empty": [b""],
        "with a tail": [right + b"\0"],
        "of zeros": [utils.encode_dss_signature(0, 0)],
        "beyond the order": [utils.encode_dss_signature(r, s + P256_ORDER)],
        "second wrong": [right, signature(b"{}")],
        "first wrong": [signature(b"{}"), right],
        "second of another key": [right, signature(payload, "other")],
    }
    for name, signatures in refused.items():
        yield f"signature {name}", "signature", bundle(payload, signatures=signatures)
    other = P256_ORDER - s
    yield "high s", None, bundle(payload, signatures=[utils.encode_dss_signature(r, max(s, other))])
    yield "low s", None, bundle(payload, signatures=[utils.encode_dss_signature(r, min(s, other))])
    yield "two right signatures", None, bundle(payload, signatures=[right, signature(payload)])
    yield "key id null", None, changed(good, *sealed, 0, "keyid", to=None)
    yield "key id absent", None, changed(good, *sealed, 0, "keyid", drop=True)
    yield "no log entries", None, changed(good, "verificationMaterial", "tlogEntries", drop=True)
    yield "hint absent", None, changed(good, "verificationMaterial", "publicKey", to={"rawBytes": "AA==", "keyDetails": "PKIX_ECDSA_P256_SHA_256"})
    yield "pretty", None, json.dumps(good, indent=4)
    yield "not absent: nothing ignored", None, bundle(changed(GOOD, "predicate", "serialization", "ignore_paths", drop=True))


def main():
    cases = [*((name, code, bundle(payload)) for name, code, payload in statements()), *((name, code, bundle(p)) for name, code, p in payloads()), *bundles()]
    listed = [{"name": name, "code": code, "bundle": value if isinstance(value, str) else json.dumps(value)} for name, code, value in cases]
    for case in listed:
        # Short stands for long, so that the file stays small.
        if case["bundle"] == "[" * 100000:
            case["bundle"] = "["
            case["times"] = 100000
    (HERE / "bundles.json").write_text(json.dumps(listed, indent=1) + "\n")


main()
