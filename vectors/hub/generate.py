"""Lets the hub's own client fill caches from a server on loopback, and writes down what it left there: vectors/hub/caches.json.

    python3 -m venv venv && venv/bin/pip install -r vectors/hub/requirements.txt && venv/bin/python vectors/hub/generate.py
"""

import hashlib
import http.server
import json
import os
import pathlib
import tempfile
import threading

os.environ |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}

import huggingface_hub
from huggingface_hub.errors import EntryNotFoundError
from huggingface_hub.file_download import repo_folder_name
from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

OLD, NEW = "1" * 40, "0123456789abcdef0123456789abcdef01234567"


def safetensors(value: int) -> bytes:
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + bytes([value] * 8)


# path -> (bytes, in git or in LFS)
FILES = {
    "README.md": (b"---\nlicense: mit\n---\n\n# Tiny\n", "git"),
    "config.json": (b'{"model_type": "tiny"}', "git"),
    "model.safetensors": (safetensors(1), "lfs"),
    "onnx/deep/er/config.json": (b'{"model_type": "tiny"}', "git"),
}


def etag(data: bytes, kind: str) -> str:
    if kind == "lfs":
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as a download asks for."""

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body: bool):
        _, _, _, _, revision, path = self.path.split("/", 5)
        commit = OLD if revision in ("v1", OLD) else NEW
        found = FILES.get(path)
        self.send_response(200 if found else 404)
        self.send_header("X-Repo-Commit", commit)
        if not found:
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data, kind = found
        name = etag(data, kind)
        self.send_header("ETag", f'"{name}"')
        if kind == "lfs":
            self.send_header("X-Linked-Etag", f'"{name}"')
            self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_):
        pass


def listing(cache: pathlib.Path) -> list[dict]:
    entries = []
    for path in sorted(cache.rglob("*")):
        name = path.relative_to(cache).as_posix()
        if path.is_symlink():
            entries.append({"path": name, "link": os.readlink(path)})
        elif path.is_dir():
            entries.append({"path": name})
        else:
            entries.append({"path": name, "hex": path.read_bytes().hex()})
    return entries


def fill(endpoint: str, cache: pathlib.Path, repository: str) -> None:
    def fetch(path: str, revision: str) -> str:
        return huggingface_hub.hf_hub_download(repository, path, revision=revision, cache_dir=cache, endpoint=endpoint)

    for path in FILES:
        fetch(path, "main")
    fetch("config.json", "v1")
    fetch("config.json", "refs/pr/1")
    try:
        fetch("missing.json", "main")
    except EntryNotFoundError:
        pass


def share(cache: pathlib.Path, repository: str) -> None:
    """What the client does after a download over Xet; the name there is a hash that is no SHA-256 of the file."""
    data, kind = FILES["model.safetensors"]
    blob = cache / repo_folder_name(repo_id=repository, repo_type="model") / "blobs" / etag(data, kind)
    shared = publish_blob_to_shared_store(blob_path=str(blob), xet_hash="ab" * 32, cache_dir=cache, expected_size=len(data))
    assert shared


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    caches = {}
    for name, shared in [("plain", False), ("shared", True)]:
        with tempfile.TemporaryDirectory() as folder:
            cache = pathlib.Path(folder) / "hub"
            fill(endpoint, cache, "org/tiny-1.0")
            if shared:
                share(cache, "org/tiny-1.0")
            caches[name] = listing(cache)
    document = {
        "madeBy": f"huggingface_hub {huggingface_hub.__version__}",
        "repository": "org/tiny-1.0",
        "commit": NEW,
        "files": {path: data.hex() for path, (data, _) in FILES.items()},
        "caches": caches,
    }
    (pathlib.Path(__file__).parent / "caches.json").write_text(json.dumps(document, indent=1) + "\n")


main()
