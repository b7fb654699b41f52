"""Verifies a token with PyJWT, or with sd-jwt where it has disclosures: exit code 0 and its claims when it verifies, else 1 and why.

    python verify.py FILE JWK-of-the-issuer [AUDIENCE NONCE]
"""

import json
import sys

import jwt
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier


def plain(token, key):
    algorithm = "EdDSA" if key["kty"] == "OKP" else "ES256"
    claims = jwt.decode(token, jwt.PyJWK(key, algorithm=algorithm), algorithms=[algorithm])
    if "VerifiableCredential" not in claims["type"]:
        raise ValueError("no credential")
    return claims


def main() -> int:
    file, jwk, *asked = sys.argv[1:]
    with open(file, encoding="ascii") as opened:
        token = opened.read().strip()
    with open(jwk, encoding="utf-8") as opened:
        key = json.load(opened)
    try:
        if "~" in token:
            claims = SDJWTVerifier(token, lambda issuer, header: JWK(**key), *asked).get_verified_payload()
        else:
            claims = plain(token, key)
    except (jwt.PyJWTError, JWException, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(claims))
    return 0


if __name__ == "__main__":
    sys.exit(main())
