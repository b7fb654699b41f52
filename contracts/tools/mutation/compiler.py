"""The project's compiler, asked for syntax trees and for errors."""

import json
import subprocess
from pathlib import Path


def trees(home, files):
    """Returns the syntax tree of each file."""
    answer = _compile(home, files, {"*": {"": ["ast"]}})
    bad = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if bad:
        raise SystemExit("\n".join(bad))
    return {file: answer["sources"][file]["ast"] for file in files}


def errors(home, files, contracts):
    """Returns where the code does not compile, as file and byte; `contracts` are those whose code is made as well."""
    wanted = {"*": {"": ["ast"]}} | {file: {"*": ["evm.bytecode.object"], "": ["ast"]} for file in contracts}
    answer = _compile(home, files, wanted)
    found = []
    for error in answer.get("errors", []):
        if error["severity"] != "error":
            continue
        place = error.get("sourceLocation") or {}
        found.append((place.get("file", ""), place.get("start", -1), error["formattedMessage"]))
    return found


def _compile(home, files, outputs):
    settings = {
        "remappings": ["@openzeppelin/=node_modules/@openzeppelin/"],
        "evmVersion": "cancun",
        "optimizer": {"enabled": True, "runs": 200},
        "outputSelection": outputs,
    }
    sources = {file: {"content": (Path(home) / file).read_text()} for file in files}
    request = json.dumps({"language": "Solidity", "sources": sources, "settings": settings})
    done = subprocess.run(["node", "tools/solc", "--standard-json"], cwd=home, input=request, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
