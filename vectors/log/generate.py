"""Makes logs.json with Go's own packages for transparency logs and signed notes.

    pip install -r requirements.txt && python3 generate.py

The Go toolchain, which PyPI has, carries golang.org/x/mod among the sources of its commands: nothing else is fetched.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent


def main():
    root = pathlib.Path(importlib.util.find_spec("go").submodule_search_locations[0])
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        shutil.copytree(root / "src/cmd/vendor/golang.org/x/mod", scratch / "mod")
        (scratch / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.25.0\n")
        (scratch / "go.mod").write_text(
            "module vectors\n\ngo 1.25.0\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n"
        )
        shutil.copy(HERE / "generate.go", scratch)
        settings = {"GOROOT": str(root), "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": str(scratch / "cache")}
        run = [str(root / "bin/go"), "run", "."]
        made = subprocess.run(run, cwd=scratch, env=os.environ | settings, check=True, stdout=subprocess.PIPE).stdout
    (HERE / "logs.json").write_bytes(made)


if __name__ == "__main__":
    main()
