"""Has other people's packages read our exports, and writes down what they understood.

    pip install -r requirements.txt && python3 check.py

written/ is made by a test of modelmark-record (MODELMARK_BLESS=1). A document that a package refuses ends this script. understood.json holds the SHA-256
of each document that was read, so that a test can tell when an export changed since.
"""

import hashlib
import json
import pathlib
import sys

import prov.model
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from markdown_it import MarkdownIt

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


def w3c_prov(text):
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
    title = tokens[next(at for at, token in enumerate(tokens) if token.type == "heading_open") + 1]
    return {
        "html": [line for token in flat if token.type.startswith("html") for line in token.content.strip().splitlines() if line.startswith("<!--")],
        "otherHtml": [token.content for token in flat if token.type.startswith("html") and "modelmark:provenance" not in token.content],
        "links": [token.attrs["href"] for token in flat if token.type == "link_open"],
        "pictures": [token.attrs["src"] for token in flat if token.type == "image"],
        "title": "".join(child.content for child in title.children),
    }


READERS = {"card.md": card, "slsa.json": slsa, "prov.json": w3c_prov}


def main():
    understood = {}
    for name, reader in READERS.items():
        content = (WRITTEN / name).read_bytes()
        understood[name] = {"sha256": hashlib.sha256(content).hexdigest(), "read": reader(content.decode())}
    (HERE / "understood.json").write_text(json.dumps(understood, indent=2, sort_keys=True) + "\n")
    print("\n".join(f"{name}: read" for name in understood), file=sys.stderr)


if __name__ == "__main__":
    main()
