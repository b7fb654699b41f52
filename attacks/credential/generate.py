"""Makes tokens.json; see README.md."""

import base64
import hashlib
import hmac
import json
import pathlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto.jwa import JWA
from jwcrypto.jwk import JWK

HERE = pathlib.Path(__file__).parent


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def spelled(value):
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def ed25519(byte):
    key = Ed25519PrivateKey.from_private_bytes(bytes([byte]) * 32)
    x = key.public_key().public_bytes_raw()
    return JWK(kty="OKP", crv="Ed25519", d=text(bytes([byte]) * 32), x=text(x)), x


def base58(data):
    alphabet, number, digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = alphabet[rest] + digits
    return digits


ISSUER, PUBLIC = ed25519(7)
MALLORY, _ = ed25519(8)
# The keys of RFC 9901, appendix A.5.
HOLDER = JWK(kty="EC", crv="P-256", d="5K5SCos8zf9zRemGGUl6yfok-_NiiryNZsvANWMhF-I", x="TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc", y="ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ")
MULTIKEY = "z" + base58(b"\xed\x01" + PUBLIC)
DID = f"did:key:{MULTIKEY}"
AT = 1795435200
AUDIENCE, NONCE = "https://verifier.example", "n-0S6_WzA2Mj"
JWT = {"alg": "EdDSA", "typ": "vc+jwt", "kid": f"{DID}#{MULTIKEY}"}
SD = JWT | {"typ": "dc+sd-jwt"}
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": DID,
    "credentialSubject": {"id": "ipfs://bafkreie2ckidrwnablwqz5vh5iczzjikqe2esbq2xb4erty2cpvp34z3fq"},
}
CLAIMS = {"iss": DID, "vct": "urn:example:evaluation"}


def signed(header, claims, key=ISSUER, algorithm="EdDSA"):
    """Signs whatever the header says."""
    message = f"{text(spelled(header))}.{text(spelled(claims))}"
    signature = JWA.signing_alg(algorithm).sign(key, message.encode())
    return f"{message}.{text(signature)}"


def digest(disclosure):
    return text(hashlib.sha256(disclosure.encode()).digest())


def member(name, value, salt="salt"):
    return text(spelled([salt, name, value]))


def element(value):
    return text(spelled(["salt", value]))


def token(claims, *disclosures, header=SD, binding=""):
    return "~".join([signed(header, CLAIMS | claims), *disclosures, binding])


def confused():
    """HMAC with the public key as the secret."""
    message = f"{text(spelled(JWT | {'alg': 'HS256'}))}.{text(spelled(CREDENTIAL))}"
    return f"{message}.{text(hmac.new(PUBLIC, message.encode(), hashlib.sha256).digest())}"


def jwts():
    good = signed(JWT, CREDENTIAL)
    message = good.rsplit(".", 1)[0]
    yield "good", None, good
    yield "none", "forbidden-algorithm", f"{text(spelled(JWT | {'alg': 'none'}))}.{text(spelled(CREDENTIAL))}."
    yield "none-mixed-case", "forbidden-algorithm", signed(JWT | {"alg": "NoNe"}, CREDENTIAL)
    yield "public-key-as-secret", "forbidden-algorithm", confused()
    yield "signature-missing", "bad-signature", f"{message}."
    yield "signature-of-another", "bad-signature", signed(JWT, CREDENTIAL, MALLORY)
    yield "algorithm-of-another-key", "wrong-algorithm", signed(JWT | {"alg": "ES256"}, CREDENTIAL, HOLDER, "ES256")
    for name, value in {"jwk": MALLORY.export_public(as_dict=True), "jku": "https://evil.example/keys", "x5u": "https://evil.example/chain", "x5c": ["AAAA"], "crit": ["exp"], "b64": False, "zip": "DEF"}.items():
        yield f"header-{name}", "forbidden-header", signed(JWT | {name: value}, CREDENTIAL, MALLORY)
    yield "key-of-another", "wrong-issuer", signed(JWT | {"kid": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"}, CREDENTIAL)
    yield "key-of-a-path", "bad-key", signed(JWT | {"kid": "../../../../dev/null"}, CREDENTIAL)
    yield "type-of-a-key-binding", "malformed", signed(JWT | {"typ": "kb+jwt"}, CREDENTIAL)
    yield "type-missing", "malformed", signed({"alg": "EdDSA"}, CREDENTIAL)
    yield "content-of-a-presentation", "malformed", signed(JWT | {"cty": "vp"}, CREDENTIAL)
    yield "header-key-twice", "duplicate-key", signed(b'{"alg":"none","typ":"vc+jwt","\\u0061lg":"EdDSA"}', CREDENTIAL)
    yield "claim-twice", "duplicate-key", signed(JWT, spelled(CREDENTIAL)[:-1] + b',"issuer":"did:key:z6Mk"}')
    yield "issuer-twice", "wrong-issuer", signed(JWT, CREDENTIAL | {"iss": "did:key:z6Mk"})
    yield "subject-twice", "malformed", signed(JWT, CREDENTIAL | {"sub": "ipfs://other"})
    yield "credential-inside", "malformed", signed(JWT, CREDENTIAL | {"vc": CREDENTIAL})
    yield "expired", "expired", signed(JWT, CREDENTIAL | {"exp": AT - 1})
    yield "not-yet", "not-yet-valid", signed(JWT, CREDENTIAL | {"nbf": AT + 1})
    yield "expiry-no-time", "malformed", signed(JWT, CREDENTIAL | {"exp": "never"})
    yield "expiry-huge", "not-json", signed(JWT, CREDENTIAL | {"exp": 10**30})
    yield "for-another", "wrong-audience", signed(JWT, CREDENTIAL | {"aud": "https://other.example"})
    yield "padded", "not-base64", good + "=="
    yield "spelled-twice", "not-base64", good[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[good[-1]]
    yield "four-parts", "malformed", good + ".AAAA"
    yield "nested", "too-deep", signed(JWT, b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}")


def selective():
    a, b, e = member("a", 1), member("b", 2), element("x")
    yield "good", None, token({"_sd": [digest(a), digest("decoy")], "list": [{"...": digest(e)}, {"...": digest("other")}]}, a, e)
    yield "digest-twice", "bad-disclosure", token({"_sd": [digest(a), digest(a)]}, a)
    yield "digest-in-two-places", "bad-disclosure", token({"_sd": [digest(a)], "more": {"_sd": [digest(a)]}}, a)
    yield "digest-inside-a-disclosure", "bad-disclosure", token({"_sd": [digest(a), digest(member("c", {"_sd": [digest(a)]}))]}, a, member("c", {"_sd": [digest(a)]}))
    yield "decoy-twice", "bad-disclosure", token({"_sd": [digest("decoy"), digest("decoy")]})
    yield "element-twice", "bad-disclosure", token({"list": [{"...": digest(e)}, {"...": digest(e)}]}, e)
    yield "not-referenced", "bad-disclosure", token({"_sd": [digest(a)]}, a, b)
    yield "disclosed-twice", "bad-disclosure", token({"_sd": [digest(a)]}, a, a)
    yield "salt-changed", "bad-disclosure", token({"_sd": [digest(a)]}, member("a", 1, "another"))
    yield "value-changed", "bad-disclosure", token({"_sd": [digest(a)]}, member("a", 2))
    yield "element-for-member", "bad-disclosure", token({"_sd": [digest(e)]}, e)
    yield "member-for-element", "bad-disclosure", token({"list": [{"...": digest(a)}]}, a)
    yield "name-in-the-open", "bad-disclosure", token({"_sd": [digest(a)], "a": 2}, a)
    yield "name-twice", "bad-disclosure", token({"_sd": [digest(a), digest(member("a", 2))]}, a, member("a", 2))
    for name in ["_sd", "...", "_sd_alg", "iss", "exp", "nbf", "cnf", "vct", "status", "aud"]:
        yield f"discloses-{name}", "bad-disclosure", token({"_sd": [digest(member(name, ["x"]))]}, member(name, ["x"]))
    yield "ellipsis-in-the-open", "bad-disclosure", token({"...": digest(a)})
    yield "ellipsis-with-more", "malformed", token({"list": [{"...": digest(e), "more": 1}]}, e)
    yield "digests-no-list", "malformed", token({"_sd": digest(a)}, a)
    yield "digests-no-texts", "malformed", token({"_sd": [1]})
    for name in ["md5", "sha-1", "sha-512", "SHA-256"]:
        yield f"hash-{name}", "unsupported-suite", token({"_sd": [digest(a)], "_sd_alg": name}, a)
    yield "hash-inside", "bad-disclosure", token({"more": {"_sd_alg": "md5"}})
    yield "disclosure-no-list", "malformed", token({}, text(b'{"a":1}'))
    yield "disclosure-of-four", "malformed", token({}, text(spelled(["salt", "a", 1, 2])))
    yield "disclosure-salt-number", "malformed", token({}, text(spelled([1, "a", 1])))
    yield "disclosure-key-twice", "duplicate-key", token({}, text(b'["salt","a",{"b":1,"b":2}]'))
    yield "disclosure-padded", "not-base64", token({"_sd": [digest(a + "=")]}, a + "=")
    yield "disclosure-empty", "not-json", token({}, "")
    yield "last-tilde-missing", "malformed", token({"_sd": [digest(a)]}, a)[:-1]
    nest = [member("a", 1)]
    while len(nest) < 100:
        nest.append(member("a", {"_sd": [digest(nest[-1])]}))
    yield "nested-disclosures", "too-deep", token({"_sd": [digest(nest[-1])]}, *nest)
    yield "plain-jwt-of-that-type", "malformed", signed(SD, CLAIMS)
    yield "type-of-a-credential", "malformed", token({}, header=JWT)
    yield "type-missing", "malformed", token({}, header={"alg": "EdDSA"})
    yield "status-elsewhere", "status-not-checked", token({"status": {"status_list": {"idx": 0, "uri": "https://status.example"}}})


def bound():
    """Each is held against the audience and the nonce."""
    confirmation = {"cnf": {"jwk": HOLDER.export_public(as_dict=True)}}
    a = member("a", 1)
    base = token(confirmation | {"_sd": [digest(a)]}, a)
    told = {"iat": AT, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest(base)}
    header = {"alg": "ES256", "typ": "kb+jwt"}

    def with_binding(claims=told, header=header, key=HOLDER, algorithm="ES256", of=base):
        return of + signed(header, claims, key, algorithm)

    yield "good", None, with_binding()
    yield "missing", "holder-missing", base
    yield "never-issued-to-a-key", "wrong-holder", with_binding(told | {"sd_hash": digest(token({}))}, of=token({}))
    yield "by-the-issuer", "wrong-algorithm", with_binding(header={"alg": "EdDSA", "typ": "kb+jwt"}, key=ISSUER, algorithm="EdDSA")
    yield "by-another-key", "wrong-holder", with_binding(key=JWK.generate(kty="EC", crv="P-256"))
    yield "of-fewer-disclosures", "wrong-holder", with_binding(of=token(confirmation | {"_sd": [digest(a)]}))
    yield "nonce-of-another-occasion", "wrong-nonce", with_binding(told | {"nonce": "n-older"})
    yield "for-another", "wrong-audience", with_binding(told | {"aud": "https://other.example"})
    yield "long-ago", "expired", with_binding(told | {"iat": AT - 301})
    yield "ahead", "not-yet-valid", with_binding(told | {"iat": AT + 301})
    yield "expired", "expired", with_binding(told | {"exp": AT - 1})
    yield "type-of-a-token", "malformed", with_binding(header={"alg": "ES256", "typ": "JWT"})
    yield "none", "forbidden-algorithm", f"{base}{text(spelled({'alg': 'none', 'typ': 'kb+jwt'}))}.{text(spelled(told))}."
    yield "key-embedded", "forbidden-header", with_binding(header=header | {"jwk": HOLDER.export_public(as_dict=True)})
    yield "nonce-missing", "malformed", with_binding({name: value for name, value in told.items() if name != "nonce"})
    yield "key-by-address", "bad-key", token({"cnf": {"jku": "https://evil.example/key"}})
    yield "key-of-two-kinds", "bad-key", token({"cnf": confirmation["cnf"] | {"kid": "x"}})


def listed(cases):
    return [{"label": label, "code": code, "token": token} for label, code, token in cases]


(HERE / "tokens.json").write_text(
    json.dumps({"note": "Written by generate.py; see README.md", "at": AT, "audience": AUDIENCE, "nonce": NONCE, "vc+jwt": listed(jwts()), "dc+sd-jwt": listed(selective()), "kb+jwt": listed(bound())}, indent=1) + "\n",
    encoding="utf-8",
)
