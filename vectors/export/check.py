"""Has other people's packages read our exports, and writes down what they understood.

    pip install -r requirements.txt && python3 check.py            # writes understood.json
    python3 check.py --check                                       # fails when it is not what the packages understand, as `cargo xtask test` does

written/ is made by a test of modelmark-record (MODELMARK_BLESS=1). A document that a package refuses ends this script. understood.json holds the SHA-256
of each document that was read, so that a test can tell when an export changed since. Nothing here asks a network.
"""

import hashlib
import io
import json
import pathlib
import sys
import warnings

import huggingface_hub
import mlcroissant
import prov.model
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from markdown_it import MarkdownIt
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from spdx_python_model import v3_0_1 as spdx_3_0_1

HERE = pathlib.Path(__file__).parent
WRITTEN = HERE / "written"


def slsa(text):
    document = json.loads(text)
    message = json_format.Parse(text, statement_pb2.Statement())
    Statement.copy_from_pb(message).validate()
    # The predicate by itself, strictly: a field that SLSA does not know is an error.
    predicate = json_format.ParseDict(document["predicate"], provenance_pb2.Provenance())
    return {
        "subjects": {subject.name: dict(subject.digest) for subject in message.subject},
        "buildType": predicate.build_definition.build_type,
        "builder": predicate.run_details.builder.id,
        "dependencies": [dependency.name for dependency in predicate.build_definition.resolved_dependencies],
    }


def vsa(text):
    message = json_format.Parse(text, statement_pb2.Statement())
    Statement.copy_from_pb(message).validate()
    document = json.loads(text)["predicate"]
    # A list in SLSA's specification and its examples, one text in the package's type.
    levels = document.pop("verifiedLevels")
    if not levels or not all(isinstance(level, str) for level in levels):
        raise ValueError("verifiedLevels")
    predicate = json_format.ParseDict(document, vsa_pb2.VerificationSummary())
    return {
        "subjects": {subject.name: dict(subject.digest) for subject in message.subject},
        "verifier": predicate.verifier.id,
        "time": predicate.time_verified.ToJsonString(),
        "resource": predicate.resource_uri,
        "policy": dict(predicate.policy.digest),
        "inputs": [dict(attestation.digest) for attestation in predicate.input_attestations],
        "result": predicate.verification_result,
        "levels": levels,
    }


def signed_vsa(text):
    """Verifies the envelope as DSSE has it, and reads what it holds."""
    envelope = Envelope.from_dict(json.loads(text))
    pem = (HERE.parent / "oms/keys/p384.pub.pem").read_bytes()
    keyid = hashlib.sha256(pem).hexdigest()
    key = SSlibKey.from_crypto(load_pem_public_key(pem), keyid=keyid)
    if list(envelope.verify([key], 1)) != [keyid] or envelope.payload_type != "application/vnd.in-toto+json":
        raise ValueError("the envelope is not what it should be")
    return vsa(envelope.payload.decode())


def w3c_prov(text):
    # What the package would only drop is an error here.
    warnings.simplefilter("error")
    document = prov.model.ProvDocument.deserialize(content=text, format="json")
    counts = {}
    for record in document.get_records():
        name = record.get_type().localpart
        counts[name] = counts.get(name, 0) + 1
    return counts


def card(text):
    """Reads the text as CommonMark with what GitHub and the hub add, addresses without brackets included."""
    body = text.split("\n---\n", 1)[1]
    tokens = MarkdownIt("gfm-like").parse(body)
    flat = [token for block in tokens for token in [block, *(block.children or [])]]
    # The hub's own reader of the front matter. Results that it cannot make sense of are an error.
    data = huggingface_hub.ModelCard(text).data
    results = data.eval_results or []
    title = tokens[next(at for at, token in enumerate(tokens) if token.type == "heading_open") + 1]
    return {
        "html": [line for token in flat if token.type.startswith("html") for line in token.content.strip().splitlines() if line.startswith("<!--")],
        "otherHtml": [token.content for token in flat if token.type.startswith("html") and "modelmark:provenance" not in token.content],
        "links": [token.attrs["href"] for token in flat if token.type == "link_open"],
        "pictures": [token.attrs["src"] for token in flat if token.type == "image"],
        "license": data.license,
        "results": [[result.task_type, result.dataset_name, result.metric_type, result.metric_value] for result in results],
        "title": "".join(child.content for child in title.children),
    }


def spdx(text):
    """Reads the document with the bindings that SPDX generates from its own SHACL shapes, which check every type, value and number of values."""
    objects = spdx_3_0_1.SHACLObjectSet()
    spdx_3_0_1.JSONLDDeserializer().read(io.BytesIO(text.encode()), objects)
    missing = objects.link()
    if missing:
        raise ValueError(f"names that nothing has: {missing}")
    models = list(objects.foreach_type(spdx_3_0_1.ai_AIPackage))
    # Written out again, each object is checked as a whole.
    spdx_3_0_1.JSONLDSerializer().write(objects, io.BytesIO())
    relations = {}
    for relation in objects.foreach_type(spdx_3_0_1.Relationship):
        name = relation.relationshipType.rsplit("/", 1)[1]
        relations[name] = relations.get(name, 0) + len(relation.to)
    return {"models": sorted(model.name for model in models), "relations": relations}


def croissant(text):
    dataset = mlcroissant.Dataset(jsonld=json.loads(text))
    metadata = dataset.metadata
    if metadata.ctx.issues.errors:
        raise ValueError(metadata.ctx.issues.report())
    return {"name": metadata.name, "license": metadata.license, "sha256": [file.sha256 for file in metadata.distribution]}


READERS = {"card.md": card, "croissant.json": croissant, "spdx.json": spdx, "slsa.json": slsa, "vsa.json": vsa, "vsa.dsse.json": signed_vsa, "prov.json": w3c_prov}


# A reader that takes everything proves nothing: each has to refuse its document with one piece of it made wrong.
WRONG = {
    "card.md": ("license: ", "license: [unclosed"),
    "spdx.json": ('"ai_AIPackage"', '"ai_Package"'),
    "slsa.json": ('"buildType"', '"buildKind"'),
    "vsa.json": ('"resourceUri"', '"resource"'),
    "vsa.dsse.json": ('"payload":"e', '"payload":"f'),
    "croissant.json": ('"cr:FileObject"', '"cr:Nothing"'),
    "prov.json": ('"prov:entity": "r:model"', '"prov:entity": "unknown:model"'),
}


def refuses(reader, text):
    try:
        reader(text)
    except Exception:
        return True
    return False


def main():
    understood = {}
    for name, reader in READERS.items():
        content = (WRITTEN / name).read_bytes()
        right, wrong = WRONG.get(name, ("", ""))
        if wrong and (right not in content.decode() or not refuses(reader, content.decode().replace(right, wrong))):
            raise SystemExit(f"{name}: a wrong document is read as well")
        understood[name] = {"sha256": hashlib.sha256(content).hexdigest(), "read": reader(content.decode())}
    text = json.dumps(understood, indent=2, sort_keys=True) + "\n"
    kept = HERE / "understood.json"
    if sys.argv[1:] == ["--check"]:
        if kept.read_text() != text:
            raise SystemExit("understood.json is not what these packages understand: run check.py, and look at what changed")
    else:
        kept.write_text(text)
    print("\n".join(f"{name}: read" for name in understood), file=sys.stderr)


if __name__ == "__main__":
    main()
