#!/usr/bin/env python3
"""Holds the webhook against a real API server: registers it with the rules of `webhook.yaml`, and asks for everything that attacks/kubernetes has.

    ./build.sh ~/.cache/modelmark-api-server
    python3 -m venv venv && venv/bin/pip install -r ../../../attacks/kubernetes/requirements.txt
    venv/bin/python check.py ~/.cache/modelmark-api-server path/to/modelmark [--record DIRECTORY]

Each object is created, updated or connected to as its recorded review says. The API server has to refuse it with the codes of `expected.json`, or to admit
it. What this version of Kubernetes refuses by itself, or does not know, is named and counted. `--record` keeps what the API server asked.
"""

import argparse
import base64
import contextlib
import copy
import http.server
import json
import os
import pathlib
import re
import secrets
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ATTACKS = HERE.parents[2] / "attacks/kubernetes"
IMAGE = "registry.example.org/modelmark@sha256:" + "5" * 64
RECORDED_TOKEN = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/7"
RECORDED_OTHER = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/8"
CREATOR = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
PINNED = ["--policy", "/etc/modelmark/policy.toml", "--chain", "eip155:31337"]
# Recorded as they arrived, so that the tests have what a real API server asks.
KEPT = {
    "passes-fetched", "passes-claim", "passes-deployment", "passes-generated-name", "passes-dry-run", "init-mutable-tag", "mount-writable", "deployment",
    "stateful-set", "job", "image-swapped-by-update", "exec-in-the-init", "attach-to-the-init",
}  # fmt: skip
# What the Kubernetes that build.sh builds has no field, kind or subresource for.
NEWER = {
    "passes-image", "volume-image-tag", "passes-cron-job", "cron-job", "declared-on-the-job-of-a-cron-job", "init-sidecar", "init-not-first",
    "init-field-of-the-future", "rights-unmasked", "rights-windows-node", "passes-debugger", "debugger-writes", "debugger-in-the-init",
    "debugger-writes-after-the-declaration-was-lost",
}  # fmt: skip
# What only an API server that is broken would ask, and what needs a pod that runs.
NOT_ASKED = {"shape-no-object", "update-of-nothing", "operation-unknown", "kind-subresource", "passes-exec-server"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Api:
    """The API server, asked as its administrator."""

    def __init__(self, stack, programs, home):
        self.token = secrets.token_hex(16)
        (home / "tokens.csv").write_text(f"{self.token},admin,admin,system:masters\n")
        os.chmod(home / "tokens.csv", 0o600)
        key = home / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, stderr=subprocess.DEVNULL)
        client, peer, self.port = free_port(), free_port(), free_port()
        store = f"http://127.0.0.1:{client}"
        start(stack, home / "etcd.log", [programs / "etcd", "--data-dir", home / "etcd", "--listen-client-urls", store, "--advertise-client-urls", store,
              "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--unsafe-no-fsync"])  # fmt: skip
        start(stack, home / "api-server.log", [programs / "kube-apiserver", "--etcd-servers", store, "--secure-port", str(self.port), "--bind-address",
              "127.0.0.1", "--cert-dir", home / "certificates", "--token-auth-file", home / "tokens.csv", "--authorization-mode", "RBAC",
              "--service-cluster-ip-range", "10.0.0.0/24", "--service-account-issuer", "https://kubernetes.default.svc",
              "--service-account-key-file", key, "--service-account-signing-key-file", key, "--allow-privileged",
              "--feature-gates", "EphemeralContainers=true",
              # There are no controllers here that would make service accounts.
              "--disable-admission-plugins", "ServiceAccount"])  # fmt: skip
        self.context = None
        self.certificate = home / "certificates/apiserver.crt"

    def ask(self, method, path, body=None, kind="application/json"):
        """Returns status and answer."""
        if self.context is None:
            # The server made this certificate by itself, when it started.
            self.context = ssl.create_default_context(cafile=self.certificate)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, {"message": text.decode(errors="replace")}

    def must(self, *asked):
        status, answer = self.ask(*asked)
        assert status < 300, (asked[:2], status, answer)
        return answer

    def wait(self):
        until(lambda: self.certificate.exists() and reachable(self.port), "the API server")
        until(lambda: self.ask("GET", "/api/v1/namespaces/default")[0] == 200, "the namespace `default`")


def reachable(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True


def until(there, what, patience=300):
    end = time.monotonic() + patience
    while not there():
        assert time.monotonic() < end, f"{what} is not there after {patience} s"
        time.sleep(0.2)


def start(stack, log, command, **more):
    out = stack.enter_context(open(log, "w"))
    process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT, **more)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


class Modelmark:
    """A published model, and the webhook."""

    def __init__(self, stack, binary, home):
        self.binary, self.home = str(binary), home
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "MODELMARK_DATA_DIR": str(home / "data")}
        # Several programs work with the chain, and one of them for long.
        start(stack, home / "chain.log", [self.binary, "devnet", "--port", "0"], env=self.environment)
        until((home / "data/devnet/endpoint").exists, "the chain")
        tokens = []
        for name, weight in ("first", 1.0), ("second", 2.0):
            folder = home / name
            folder.mkdir()
            header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
            (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<f", weight))
            told = subprocess.run([self.binary, "publish", folder, "--license", "mit", "--json"], env=self.environment, check=True, capture_output=True)
            tokens.append(json.loads(told.stdout)["token"])
        self.token, self.other = tokens

    def serve(self, stack):
        """Starts the webhook, and returns its URL and its authority."""
        command = [self.binary, "admission", "serve", "--json", "--listen", "127.0.0.1:0", "--self-signed", self.home / "tls", "--image", IMAGE,
                   "--creator", CREATOR, "--", *PINNED]  # fmt: skip
        log = stack.enter_context(open(self.home / "webhook.log", "w"))
        self.process = subprocess.Popen([str(part) for part in command], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        stack.callback(self.process.wait)
        stack.callback(self.process.terminate)
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, (self.home / "webhook.log").read_text()
            text += line
        told = json.loads(text)
        trusting = ssl.create_default_context(cadata=base64.b64decode(told["caBundle"]).decode())
        ready = told["url"].replace("/admit", "/readyz")

        def answers():
            with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(ready, context=trusting, timeout=10) as answer:
                return answer.status == 200

        until(answers, "the webhook")
        return told["url"], told["caBundle"]

    def placed(self, value):
        """Puts the tokens that there are in place of the recorded ones."""
        return json.loads(json.dumps(value).replace(RECORDED_TOKEN, self.token).replace(RECORDED_OTHER, self.other))


class Recorder(http.server.BaseHTTPRequestHandler):
    """A second webhook, which admits everything and keeps what it was asked."""

    kept = []

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.kept.append(review)
        answer = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": review["request"]["uid"], "allowed": True}})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass

    @classmethod
    def serve(cls, stack, tls):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), cls)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        return f"https://127.0.0.1:{server.server_address[1]}/"


def configuration(url, authority, recorder):
    """The webhook with its own rules, at an address instead of a service, and a copy of it for the recorder."""
    configuration = yaml.safe_load((HERE.parent / "webhook.yaml").read_text())
    (webhook,) = configuration["webhooks"]
    webhook["clientConfig"] = {"url": url, "caBundle": authority}
    copied = {**copy.deepcopy(webhook), "name": "recorder.modelmark.dev", "clientConfig": {"url": recorder, "caBundle": authority}}
    return {**configuration, "webhooks": [webhook, copied]}


def hold(api, held):
    """Puts the label on the namespace or takes it off, and waits until the API server heard of it."""
    patch = {"metadata": {"labels": {"modelmark.dev/admission": "enforce" if held else None}}}
    api.must("PATCH", "/api/v1/namespaces/serving", patch, "application/merge-patch+json")
    misspelt = {"metadata": {"name": "probe", "annotations": {"modelmark.dev/probe": ""}}, "spec": {"containers": [{"name": "c", "image": "c"}]}}
    until(lambda: api.ask("POST", "/api/v1/namespaces/serving/pods?dryRun=All", misspelt)[0] == (403 if held else 201), "the label of the namespace")


class Case:
    """A recorded review, asked for again."""

    def __init__(self, api, name, request):
        self.api, self.name, self.request = api, name, request
        resource = request["resource"]
        root = f"/apis/{resource['group']}/{resource['version']}" if resource["group"] else f"/api/{resource['version']}"
        self.all = f"{root}/namespaces/serving/{resource['resource']}"
        self.sub = request.get("subResource", "")

    @staticmethod
    def bare(value):
        """An object without what only an API server can have written."""
        value = copy.deepcopy(value)
        for key in ("uid", "deletionTimestamp", "resourceVersion"):
            value.get("metadata", {}).pop(key, None)
        return value

    def ask(self):
        request = self.request
        dry = "?dryRun=All" if request["dryRun"] else ""
        if request["operation"] == "CONNECT":
            options = request["object"]
            query = urllib.parse.urlencode({"container": options["container"], "command": "sh", "stdin": "true"})
            return self.api.ask("POST", f"{self.all}/{request['name']}/{self.sub}?{query}")
        if request["operation"] == "CREATE":
            return self.api.ask("POST", self.all + dry, self.bare(request["object"]))
        # The old object may be one that the webhook would not let in: it was there before.
        hold(self.api, False)
        made = self.api.must("POST", self.all, self.bare(request["oldObject"]))
        hold(self.api, True)
        changed = self.bare(request["object"])
        changed["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"]
        return self.api.ask("PUT", f"{self.all}/{made['metadata']['name']}", changed)

    def clear(self):
        self.api.ask("DELETE", f"{self.all}?gracePeriodSeconds=0", {"gracePeriodSeconds": 0, "propagationPolicy": "Background"})
        until(lambda: not self.api.must("GET", self.all)["items"], f"the end of {self.all}")


def outcome(status, answer, codes):
    """Says how an answer stands to what was expected: None when it is that."""
    message = answer.get("message", "")
    refused = 'admission webhook "admission.modelmark.dev" denied the request' in message
    if refused:
        missing = [code for code in codes if code not in message]
        return None if codes and not missing else f"refused otherwise: {message}"
    if status in (400, 404, 405, 415, 422) or "cannot unmarshal" in message:
        return "by itself" if codes else f"the API server refuses it: {message}"
    if status < 300:
        return f"admitted instead of {codes}" if codes else None
    return f"{status}: {message}"


def run(api, modelmark, record):
    expected = json.loads((ATTACKS / "expected.json").read_text())
    counts, itself, wrong, kept = {"admitted": 0, "refused": 0}, [], [], {}
    pods = Case(api, "", {"resource": {"group": "", "version": "v1", "resource": "pods"}})
    for name, codes in expected.items():
        if name in NEWER | NOT_ASKED:
            continue
        request = modelmark.placed(json.loads((ATTACKS / f"{name}.json").read_text()))["request"]
        case = Case(api, name, request)
        if request["operation"] == "CONNECT":
            api.must("POST", pods.all, object_of(modelmark))
        Recorder.kept.clear()
        found = outcome(*case.ask(), codes)
        if found is None:
            counts["refused" if codes else "admitted"] += 1
            if name in KEPT:
                kept[name] = Recorder.kept[-1]
        elif found == "by itself":
            itself.append(name)
        else:
            wrong.append(f"{name}: {found}")
        pods.clear()
        if case.all != pods.all and found != "by itself":
            case.clear()
    print(f"{counts['admitted']} admitted, {counts['refused']} refused by the webhook")
    print(f"{len(itself)} refused by the API server itself: {', '.join(itself)}")
    print(f"{len(NEWER)} that this Kubernetes does not know: {', '.join(sorted(NEWER))}")
    for line in wrong:
        print(f"WRONG {line}", file=sys.stderr)
    if record:
        write(record, kept, expected)
    return not wrong


def object_of(modelmark, name="passes-fetched"):
    return modelmark.placed(Case.bare(json.loads((ATTACKS / f"{name}.json").read_text())["request"]["object"]))


def write(record, kept, expected):
    record.mkdir(parents=True, exist_ok=True)
    for name, review in kept.items():
        (record / f"{name}.json").write_text(json.dumps(review, indent=1, sort_keys=True) + "\n")
    (record / "expected.json").write_text(json.dumps({name: expected[name] for name in sorted(kept)}, indent=1) + "\n")


def closing(api, modelmark):
    """What the cluster does around the webhook: other namespaces, a token that is recalled, and a webhook that is away."""
    bad, good = object_of(modelmark, "init-none"), object_of(modelmark)
    elsewhere = {**bad, "metadata": {**bad["metadata"], "namespace": "default"}}
    assert api.ask("POST", "/api/v1/namespaces/default/pods", elsewhere)[0] == 201, "a namespace without the label is held"
    pods = "/api/v1/namespaces/serving/pods"
    subprocess.run([modelmark.binary, "status", "set", modelmark.token, "recalled"], env=modelmark.environment, check=True, capture_output=True)
    status, answer = api.ask("POST", pods, good)
    assert status == 403 and "model.refused" in answer["message"], (status, answer)
    modelmark.process.terminate()
    modelmark.process.wait()
    for body in good, bad:
        status, answer = api.ask("POST", pods, body)
        assert status == 500 and "failed calling webhook" in answer["message"], (status, answer)
    print("recalled: refused; without the webhook: refused; other namespaces: untouched")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("modelmark", type=pathlib.Path)
    parser.add_argument("--record", type=pathlib.Path)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modelmark-api-server-")))
        api = Api(stack, given.programs.resolve(), home)
        modelmark = Modelmark(stack, given.modelmark.resolve(), home)
        url, authority = modelmark.serve(stack)
        recorder = Recorder.serve(stack, home / "tls")
        api.wait()
        print("Kubernetes", api.must("GET", "/version")["gitVersion"])
        api.must("POST", "/api/v1/namespaces", {"metadata": {"name": "serving"}})
        api.must("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", configuration(url, authority, recorder))
        hold(api, True)
        right = run(api, modelmark, given.record)
        closing(api, modelmark)
    sys.exit(0 if right else 1)


main()
