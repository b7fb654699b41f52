"""Judges reports by a policy in Rego and by an expression in CEL. Reads {"rego", "cel", "reports": {name: report}}, writes {name: {"rego", "cel"}}."""

import json
import sys

import cel
from regopy import Interpreter


def by_rego(policy, report):
    interpreter = Interpreter()
    interpreter.add_module("gate", policy)
    interpreter.set_input(report)
    # The package and not the rule: asked for a rule that is false, this engine answers that there is none.
    output = interpreter.query("data.modelmark")
    if not output.ok():
        raise ValueError(str(output))
    return json.loads(str(output))["expressions"][0]["allow"]


def by_cel(expression, report):
    try:
        return cel.evaluate(expression, {"report": report})
    except KeyError:
        # A field that is not there is an error in CEL, and no decision.
        return None


asked = json.load(sys.stdin)
answers = {name: {"rego": by_rego(asked["rego"], report), "cel": by_cel(asked["cel"], report)} for name, report in asked["reports"].items()}
json.dump(answers, sys.stdout)
