"""Makes keyless/: bundles of a private instance of Sigstore, an authority and two logs that live in this file; see README.md."""

import base64
import copy
import datetime
import hashlib
import json
import pathlib
import struct
import tempfile

import model_signing.verifying as verifying
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

import identities
import sealing
from sealing import b64

HERE = pathlib.Path(__file__).parent
IDENTITY, ISSUER = "signer@example.com", "https://login.example.com"
SIGNED = int(datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.timezone.utc).timestamp())
FILES = {"weights.bin": "weights", "code/run.py": "print()"}
ISSUER_OID = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
OLD_ISSUER_OID = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
SCT_OID = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
DER = serialization.Encoding.DER


def own(name, curve="p256"):
    return identities.private(name, lambda: ec.generate_private_key(identities.CURVES[curve]))


AUTHORITY = x509.load_pem_x509_certificate((HERE / "certificates/intermediate.pem").read_bytes())
CHAIN = [(HERE / f"certificates/{name}.pem").read_bytes() for name in ["intermediate", "root"]]
KEYS = {name: own(name) for name in ["certificate-log", "signature-log", "keyless"]}
KEYS |= {"other": own("other"), "authority": own("intermediate", "p384"), "keyless-p384": own("p384", "p384"), "keyless-p521": own("p521", "p521")}


def spki(key):
    return key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def log_id(key):
    return hashlib.sha256(spki(key)).digest()


def sign(key, data):
    return key.sign(data, ec.ECDSA(hashes.SHA384() if key.curve.key_size == 384 else hashes.SHA256()))


def at(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def certificate(key, san, issuer=ISSUER, *, start=SIGNED - 60, end=SIGNED + 540, by=KEYS["authority"], log=KEYS["certificate-log"], stamped="", purpose=ExtendedKeyUsageOID.CODE_SIGNING):
    """Makes a certificate as Fulcio does: of ten minutes, without a subject, with a certificate timestamp over all but the timestamp."""
    usage = dict.fromkeys(["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
    made = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(AUTHORITY.subject).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(at(start)).not_valid_after(at(end))
    made = made.add_extension(x509.KeyUsage(digital_signature=True, **usage), True).add_extension(x509.ExtendedKeyUsage([purpose]), False)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
    made = made.add_extension(x509.SubjectAlternativeName([san]), True)
    text = issuer.encode()
    made = made.add_extension(x509.UnrecognizedExtension(OLD_ISSUER_OID, text), False)
    made = made.add_extension(x509.UnrecognizedExtension(ISSUER_OID, bytes([12, len(text)]) + text), False)
    if log:
        body = made.sign(by, hashes.SHA384()).tbs_certificate_bytes + stamped.encode()
        stamp = start * 1000
        entry = log_id(by) + len(body).to_bytes(3, "big") + body
        signature = sign(log, struct.pack("!BBQH", 0, 0, stamp, 1) + entry + b"\0\0")
        sct = b"\0" + log_id(log) + struct.pack("!QHBBH", stamp, 0, 4, 3, len(signature)) + signature
        listed = struct.pack("!HH", len(sct) + 2, len(sct)) + sct
        made = made.add_extension(x509.UnrecognizedExtension(SCT_OID, bytes([4, len(listed)]) + listed), False)
    return made.sign(by, hashes.SHA384())


def hash_node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def entry(body, time=SIGNED, by=KEYS["signature-log"], named=None, promise=True):
    """Puts a body second into a log of three."""
    leaf = hashlib.sha256(b"\0" + body).digest()
    before, after = (hashlib.sha256(name).digest() for name in [b"before", b"after"])
    root = hash_node(hash_node(before, leaf), after)
    name = log_id(named or by)
    note = f"log.example.com - 1\n3\n{b64(root)}\n"
    seen = {"body": b64(body), "integratedTime": time, "logID": name.hex(), "logIndex": 41}
    canonical = json.dumps(seen, separators=(",", ":"), sort_keys=True).encode()
    return {
        "logIndex": "41",
        "logId": {"keyId": b64(name)},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(time),
        **({"inclusionPromise": {"signedEntryTimestamp": b64(sign(by, canonical))}} if promise else {}),
        "inclusionProof": {
            "logIndex": "1", "rootHash": b64(root), "treeSize": "3", "hashes": [b64(before), b64(after)],
            "checkpoint": {"envelope": f"{note}\n\u2014 log.example.com {b64(name[:4] + sign(by, note.encode()))}\n"},
        },
        "canonicalizedBody": b64(body),
    }


def body(payload, signature, leaf):
    verifier = leaf.public_bytes(serialization.Encoding.PEM)
    return json.dumps({
        "apiVersion": "0.0.1", "kind": "dsse", "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": sealing.sha256(payload)},
            "payloadHash": {"algorithm": "sha256", "value": sealing.sha256(payload)},
            "signatures": [{"signature": b64(signature), "verifier": b64(verifier)}],
        },
    }, separators=(",", ":"), sort_keys=True).encode()


PAYLOAD = json.dumps(sealing.statement(sealing.resources(FILES))).encode()
OTHER = json.dumps(sealing.statement(sealing.resources(FILES | {"more.py": ""}))).encode()
EMAIL = x509.RFC822Name(IDENTITY)


def bundle(key="keyless", payload=PAYLOAD, leaf=None, carried=None, **log):
    leaf = leaf or certificate(KEYS[key], EMAIL)
    carried = carried or payload
    message = b"DSSEv1 %d %s %d %s" % (len(sealing.PAYLOAD_TYPE), sealing.PAYLOAD_TYPE.encode(), len(payload), payload)
    signature = KEYS[key].sign(message, ec.ECDSA({256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[KEYS[key].curve.key_size]))
    made = sealing.bundle(carried, signatures=[signature])
    made["verificationMaterial"] = {"certificate": {"rawBytes": b64(leaf.public_bytes(DER))}, "tlogEntries": [entry(body(payload, signature, leaf), **log)]}
    return made


def changed(value, *path, to=None, drop=False):
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return value


def good():
    yield "an address", IDENTITY, bundle()
    workflow = "https://example.com/model/.github/workflows/sign.yml@refs/heads/main"
    uri = x509.UniformResourceIdentifier(workflow)
    yield "a workflow", workflow, bundle(leaf=certificate(KEYS["keyless"], uri))
    # The reference client takes SHA-256 whatever the curve, so that it does not believe this one.
    yield "P-384", workflow, bundle("keyless-p384", leaf=certificate(KEYS["keyless-p384"], uri))


def bad():
    fine = bundle()
    first = ("verificationMaterial", "tlogEntries", 0)
    leaf = lambda **more: certificate(KEYS["keyless"], EMAIL, **more)
    for name, identity in [("another", "other@example.com"), ("a part of it", "signer@example.co"), ("in capitals", IDENTITY.upper()), ("a pattern", "*"), ("the domain", "example.com")]:
        yield f"identity: {name}", "identity", fine, {"identity": identity}
    for name, issuer in [("another", "https://login.example.org"), ("with a slash", ISSUER + "/"), ("without a scheme", "login.example.com")]:
        yield f"issuer: {name}", "issuer", fine, {"issuer": issuer}
    yield "no identity in the certificate", "identity", bundle(leaf=certificate(KEYS["keyless"], x509.DNSName("example.com"))), {}
    yield "no entry", "log-entry", changed(fine, *first[:2], to=[]), {}
    yield "entries absent", "log-entry", changed(fine, *first[:2], drop=True), {}
    yield "two entries", "log-entry", changed(fine, *first[:2], to=fine["verificationMaterial"]["tlogEntries"] * 2), {}
    yield "nine entries", "too-large", changed(fine, *first[:2], to=fine["verificationMaterial"]["tlogEntries"] * 9), {}
    yield "an entry that is a number", "log-entry", changed(fine, *first, to=1), {}
    yield "entries that are no list", "field", changed(fine, *first[:2], to={}), {}
    yield "no inclusion proof", "log-proof", changed(fine, *first, "inclusionProof", drop=True), {}
    yield "no inclusion promise", "signing-time", bundle(promise=False), {}
    yield "another log", "log-untrusted", bundle(by=KEYS["other"]), {}
    yield "another log under a trusted name", "log-proof", bundle(by=KEYS["other"], named=KEYS["signature-log"]), {}
    yield "checkpoint of another log", "log-proof", changed(fine, *first, "inclusionProof", "checkpoint", to=bundle(by=KEYS["other"])["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]), {}
    yield "promise of another log", "log-proof", changed(fine, *first, "inclusionPromise", to=bundle(by=KEYS["other"])["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]), {}
    yield "time altered", "log-proof", changed(fine, *first, "integratedTime", to=str(SIGNED + 1)), {}
    yield "index altered", "log-proof", changed(fine, *first, "logIndex", to="42"), {}
    for name, path, value in [("hashes", ["hashes"], [b64(b"\0" * 32)] * 2), ("no hashes", ["hashes"], []), ("index", ["logIndex"], "0"), ("size", ["treeSize"], "4"), ("size of zero", ["treeSize"], "0"), ("root", ["rootHash"], b64(b"\0" * 32)), ("checkpoint", ["checkpoint", "envelope"], "")]:
        yield f"proof with another {name}", "log-proof", changed(fine, *first, "inclusionProof", *path, to=value), {}
    yield "entry of another signature", "log-entry", changed(fine, *first, to=bundle(payload=OTHER)["verificationMaterial"]["tlogEntries"][0]), {}
    yield "entry of another kind", "log-entry", changed(fine, *first, "kindVersion", "kind", to="hashedrekord"), {}
    yield "expired when it signed", "certificate-time", bundle(time=SIGNED + 541), {}
    yield "not valid yet when it signed", "certificate-time", bundle(time=SIGNED - 61), {}
    later = SIGNED + 3_000_000_000
    yield "signed in the future", "signing-time", bundle(leaf=leaf(start=later - 60, end=later + 60), time=later), {}
    yield "statement altered", "signature", bundle(carried=OTHER), {}
    yield "signed by another key", "signature", changed(fine, "dsseEnvelope", to=bundle("other")["dsseEnvelope"]), {}
    yield "two signatures", "signature", changed(fine, "dsseEnvelope", "signatures", to=fine["dsseEnvelope"]["signatures"] * 2), {}
    yield "another authority", "certificate-untrusted", bundle(leaf=leaf(by=KEYS["other"])), {}
    yield "no certificate timestamp", "certificate-log", bundle(leaf=leaf(log=None)), {}
    yield "certificate timestamp of another log", "certificate-log", bundle(leaf=leaf(log=KEYS["other"])), {}
    yield "certificate timestamp of another certificate", "certificate-log", bundle(leaf=leaf(stamped="x")), {}
    yield "not for code", "certificate-usage", bundle(leaf=leaf(purpose=ExtendedKeyUsageOID.SERVER_AUTH)), {}
    yield "P-521", "key-curve", bundle("keyless-p521", leaf=certificate(KEYS["keyless-p521"], EMAIL)), {}
    yield "certificate cut", "certificate", changed(fine, "verificationMaterial", "certificate", "rawBytes", to=b64(leaf().public_bytes(DER)[:-7])), {}
    yield "as a chain", "signing-method", changed(fine, "verificationMaterial", to={"x509CertificateChain": {"certificates": [fine["verificationMaterial"]["certificate"]]}}), {}
    yield "by key", "signing-method", sealing.bundle(PAYLOAD), {}
    yield "timestamp of nobody", "signing-time", changed(fine, "verificationMaterial", "timestampVerificationData", to={"rfc3161Timestamps": [{"signedTimestamp": "MAA="}]}), {}


def root():
    period = {"start": "2020-01-01T00:00:00Z"}
    public = lambda key: {"rawBytes": b64(spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": period}
    log = lambda key: {"baseUrl": "https://log.example.com", "hashAlgorithm": "SHA2_256", "publicKey": public(key), "logId": {"keyId": b64(log_id(key))}}
    ders = [x509.load_pem_x509_certificate(pem).public_bytes(DER) for pem in CHAIN]
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [log(KEYS["signature-log"])],
        "certificateAuthorities": [{
            "subject": {"organization": "example", "commonName": "authority"}, "uri": "https://authority.example.com",
            "certChain": {"certificates": [{"rawBytes": b64(der)} for der in ders]}, "validFor": period,
        }],
        "ctlogs": [log(KEYS["certificate-log"])],
        "timestampAuthorities": [],
    }


def configuration():
    service = [{"url": "https://example.com", "majorApiVersion": 1, "validFor": {"start": "2020-01-01T00:00:00Z"}, "operator": "example"}]
    signing = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "caUrls": service, "oidcUrls": service, "rekorTlogUrls": service, "tsaUrls": service, "rekorTlogConfig": {"selector": "ANY"}, "tsaConfig": {"selector": "ANY"}}
    return {"mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", "trustedRoot": root(), "signingConfig": signing}


def reference(case, work):
    """What the Python client says: nothing when it believes the bundle."""
    model, signature, trust = work / "model", work / "model.sig", work / "trust.json"
    for name, content in FILES.items():
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(content)
    signature.write_text(case["bundle"])
    trust.write_text(json.dumps(configuration()))
    try:
        config = verifying.Config().use_sigstore_verifier(identity=case["identity"], oidc_issuer=case["issuer"], trust_config=trust)
        config.verify(model, signature)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:120]
    return None


def main():
    cases = [{"name": name, "code": None, "identity": identity, "issuer": ISSUER, "bundle": json.dumps(made)} for name, identity, made in good()]
    cases += [{"name": name, "code": code, "identity": IDENTITY, "issuer": ISSUER, **asked, "bundle": json.dumps(made)} for name, code, made, asked in bad()]
    with tempfile.TemporaryDirectory() as work:
        for case in cases:
            answer = reference(case, pathlib.Path(work))
            assert case["code"] or answer is None or case["name"] == "P-384", (case["name"], answer)
            case["reference"] = "passes" if answer is None else "fails"
            print(case["reference"], case["name"], answer or "", sep="\t")
    folder = HERE / "keyless"
    (folder / "trusted_root.json").write_text(json.dumps(root(), indent=1) + "\n")
    (folder / "client_trust_config.json").write_text(json.dumps(configuration(), indent=1) + "\n")
    (folder / "bundles.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
