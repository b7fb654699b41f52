"""Writes sd-jwt.json: tokens with disclosures that the package sd-jwt makes, for our verifier; see README.md. Salts and signatures differ from run to run."""

import json
import pathlib

import sd_jwt.holder
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

HERE = pathlib.Path(__file__).parent
# The keys of RFC 9901, appendix A.5.
ISSUER = JWK(
    kty="EC",
    crv="P-256",
    d="Ur2bNKuBPOrAaxsRnbSH6hIhmNTxSGXshDSUD1a1y7g",
    x="b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
    y="Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
)
HOLDER = JWK(
    kty="EC",
    crv="P-256",
    d="5K5SCos8zf9zRemGGUl6yfok-_NiiryNZsvANWMhF-I",
    x="TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
    y="ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
)
AT = "2026-11-23T12:00:00Z"
AUDIENCE, NONCE = "https://verifier.example", "n-0S6_WzA2Mj"


def hidden(value):
    """Hides every member and element of a value, and everything inside."""
    if isinstance(value, dict):
        return {SDObj(name): hidden(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [SDObj(hidden(inner)) for inner in value]
    return value


def claims(**more):
    return {"iss": "https://issuer.example", "vct": "urn:example:evaluation", "nbf": 1767225600, "exp": 1798761600} | more


RESULTS = {"metric": "accuracy", "value": 0.5, "by": ["a", None, {"n": [1, [2, []]], "\u00fc \"\u20ac": "\U0001f600"}]}


def issued(label, body, frame=None, binding=False, decoys=False):
    issuer = SDJWTIssuer(
        body,
        ISSUER,
        HOLDER if binding else None,
        "ES256",
        decoys,
        extra_header_parameters={"typ": "dc+sd-jwt", "kid": "key-1"},
    )
    token = issuer.sd_jwt_issuance
    if frame is not None:
        holder = SDJWTHolder(token)
        holder.create_presentation(frame, *((NONCE, AUDIENCE, HOLDER, "ES256") if binding else ()))
        token = holder.sd_jwt_presentation
    checked = SDJWTVerifier(token, lambda issuer, header: ISSUER, *((AUDIENCE, NONCE) if binding else ()))
    return {"label": label, "token": token, "claims": checked.get_verified_payload()} | ({"bound": True} if binding else {})


TOKENS = [
    issued("nothing hidden", claims(results=RESULTS)),
    issued("all hidden, all disclosed", claims() | hidden({"results": RESULTS})),
    issued("all hidden, nothing disclosed", claims() | hidden({"results": RESULTS}), {}),
    issued("hidden among decoys, some disclosed", claims() | hidden({"results": RESULTS, "more": [1, 2]}), {"results": {"by": [False, True, {"n": True}]}}, decoys=True),
    issued("list in the open, elements hidden", claims(results=[SDObj("a"), "b", SDObj({"c": 1})]), {"results": [False, False, True]}),
]
# The package signs a key binding at the time of the clock.
sd_jwt.holder.time = lambda: 1795435200
BOUND = [issued("some disclosed, with key binding", claims() | hidden({"results": RESULTS}), {"results": {"metric": True}}, binding=True)]

(HERE / "sd-jwt.json").write_text(
    json.dumps(
        {
            "note": "Written by generate.py; see README.md",
            "at": AT,
            "audience": AUDIENCE,
            "nonce": NONCE,
            "issuerKey": ISSUER.export_public(as_dict=True),
            "tokens": TOKENS + BOUND,
        },
        indent=1,
    )
    + "\n",
    encoding="utf-8",
)
