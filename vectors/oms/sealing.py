"""Statements and bundles by hand, for forms that the reference client does not write."""

import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEYS = pathlib.Path(__file__).parent / "keys"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
IGNORED = [".git", ".gitattributes", ".github", ".gitignore"]


def b64(data):
    return base64.b64encode(data).decode()


def key(name):
    return serialization.load_pem_private_key((KEYS / f"{name}.pem").read_bytes(), None)


def signature(payload, by="p256", payload_type=PAYLOAD_TYPE):
    signer = key(by)
    hash = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[signer.curve.key_size]
    pae = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)
    return signer.sign(pae, ec.ECDSA(hash))


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def resources(files):
    return [{"name": name, "algorithm": "sha256", "digest": sha256(content)} for name, content in sorted(files.items())]


def statement(listed, name="model", **more):
    root = hashlib.sha256(b"".join(bytes.fromhex(entry["digest"]) for entry in listed)).hexdigest()
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": IGNORED} | more
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"serialization": serialization, "resources": listed},
    }


def hint(by="p256"):
    return sha256((KEYS / f"{by}.pub.pem").read_bytes())


def bundle(payload, by="p256", signatures=None):
    payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signatures = signatures if signatures is not None else [signature(payload, by)]
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": hint(by)}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": b64(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": b64(der), "keyid": ""} for der in signatures],
        },
    }
