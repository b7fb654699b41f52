"""Verifies bundles with the reference client.

Reads lines of JSON on stdin, `{"model": PATH, "signature": PATH, "key": PATH}` or with `"roots": [PATH]`, and answers each with `ok` or the error.
"""

import json
import pathlib
import sys

import model_signing.verifying as verifying

for line in sys.stdin:
    case = json.loads(line)
    config = verifying.Config()
    if "key" in case:
        config = config.use_elliptic_key_verifier(public_key=pathlib.Path(case["key"]))
    else:
        config = config.use_certificate_verifier(certificate_chain=[pathlib.Path(root) for root in case["roots"]])
    try:
        config.verify(pathlib.Path(case["model"]), pathlib.Path(case["signature"]))
        print("ok")
    except Exception as error:  # noqa: BLE001
        print(f"{type(error).__name__}: {error}".replace("\n", " "))
