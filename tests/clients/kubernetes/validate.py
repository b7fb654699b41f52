"""Holds objects against the schemas of Kubernetes, strictly: a field that it does not know is an error. Reads {"name": object}, writes {"name": error}."""

import json
import sys

import kubernetes_validate

errors = {}
for name, obj in json.load(sys.stdin).items():
    try:
        kubernetes_validate.validate(obj, "1.37.0", strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        errors[name] = error.message
json.dump(errors, sys.stdout)
