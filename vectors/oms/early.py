"""Makes early.json with version 0.2.0 of the reference client, which has no command line; see README.md."""

import json
import pathlib
import tempfile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import model
from model_signing.hashing import file, memory
from model_signing.serialization import serialize_by_file
from model_signing.signature import key, pki
from model_signing.signing import in_toto, in_toto_signature

import sealing

PREDICATE = "https://model_signing/Digests/v0.1"
HERE = pathlib.Path(__file__).parent
MODELS = {
    "tiny": {"config.json": "{}", "empty.bin": "", "model.safetensors": "weights", "sub/b.txt": "B", "sub-a.txt": "A", "модель.txt": "u"},
    "quotes": {"it's": "one", 'a "quote"': "two", "back\\slash": "three", "tab\\t": "four", "'\"": "five"},
}


def sign(files, signer):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        hasher = lambda path: file.SimpleFileHasher(path, memory.SHA256())
        serializer = serialize_by_file.ManifestSerializer(hasher)
        payload = in_toto.DigestsIntotoPayload.from_manifest
        signature = model.sign(folder, in_toto_signature.IntotoSigner(signer), payload, serializer)
        signature.write(folder / "out.sig")
        return (folder / "out.sig").read_text(encoding="utf-8")


def cases():
    for name, files in MODELS.items():
        for curve in ["p256", "p384", "p521"]:
            signer = key.ECKeySigner.from_path(str(HERE / f"keys/{curve}.pem"))
            yield {"name": f"{name} {curve}", "model": name, "key": curve, "bundle": sign(files, signer)}
    path = lambda name: str(HERE / f"certificates/{name}.pem")
    for curve in ["p256", "p384", "p521"]:
        signer = pki.PKISigner.from_path(str(HERE / f"keys/{curve}.pem"), path(f"leaf-{curve}"), [path("intermediate"), path("root")])
        yield {"name": f"certificate {curve}", "model": "tiny", "roots": ["root"], "bundle": sign(MODELS["tiny"], signer)}


def by_hand(refused, change=lambda statement: None, pae=None):
    """A statement of the version with something wrong, signed as the version signs, or as `pae` has it."""
    files = sorted(MODELS["tiny"].items())
    subjects = [{"name": name, "digest": {"sha256": sealing.sha256(text)}, "annotations": {"actual_hash_algorithm": "file-sha256"}} for name, text in files]
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": subjects, "predicateType": PREDICATE, "predicate": {"unused": ""}}
    change(statement)
    payload = json.dumps(statement).encode()
    signed = (pae or early)(payload)
    signature = sealing.key("p256").sign(signed, ec.ECDSA(hashes.SHA256()))
    envelope = {"payload": sealing.b64(payload), "payloadType": sealing.PAYLOAD_TYPE, "signatures": [{"sig": sealing.b64(signature), "keyid": None}]}
    bundle = {"mediaType": sealing.MEDIA_TYPE, "verificationMaterial": {"publicKey": {}}, "dsseEnvelope": envelope}
    return {"refused": refused, "bundle": json.dumps(bundle)}


def early(payload):
    return f"DSSEV1 28 {sealing.PAYLOAD_TYPE} {len(payload)} {payload}".encode()


def wrong():
    first = lambda change: lambda statement: change(statement["subject"][0])
    hashed = lambda word: lambda subject: subject.update(annotations={"actual_hash_algorithm": word})
    yield "good", by_hand(None)
    yield "no annotations", by_hand(None, lambda statement: [subject.pop("annotations") for subject in statement["subject"]])
    yield "signed as DSSE has it", by_hand(None, pae=lambda payload: b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload))
    yield "no file", by_hand("empty", lambda statement: statement.update(subject=[]))
    yield "a name twice", by_hand("name-twice", lambda statement: statement["subject"].append(statement["subject"][0]))
    yield "a name outside", by_hand("name", first(lambda subject: subject.update(name="../x")))
    yield "no name", by_hand("field", first(lambda subject: subject.pop("name")))
    yield "two hashes", by_hand("digest", first(lambda subject: subject["annotations"].update(actual_hash_algorithm="file-blake3")))
    yield "unknown hash", by_hand("hash-type", lambda statement: [hashed("file-md5")(subject) for subject in statement["subject"]])
    yield "no digits", by_hand("digest", first(lambda subject: subject.update(digest={"sha256": "x" * 64})))
    yield "another file", by_hand("file-mismatch", first(lambda subject: subject.update(digest={"sha256": "0" * 64})))
    yield "of a later kind", by_hand("signature", lambda statement: statement.update(predicateType="https://model_signing/signature/v1.0"))
    yield "of the type only in capitals", by_hand("signature", pae=lambda payload: b"DSSEV1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload))


hand = [{"name": name, **case} for name, case in wrong()]
(HERE / "early.json").write_text(json.dumps({"models": MODELS, "bundles": list(cases()), "hand": hand}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
