"""Makes trees.json with pymerkle, a Python implementation of RFC 9162 trees.

    pip install -r requirements.txt && python3 generate.py

The first case are the eight leaves that the Certificate Transparency project has tested its implementations with since 2013; their roots are checked
against the published ones here, and the published proofs stand in published.json, copied by hand from transparency-dev/merkle, proof/verify_test.go
(Apache-2.0). Consistency proofs come from there alone: those of pymerkle are of its own form. In the tests of modelmark-digest the crate ct-merkle
stands in for more of them.
"""

import json
import pathlib

from pymerkle import InmemoryTree

HERE = pathlib.Path(__file__).parent
PUBLISHED = json.loads((HERE / "published.json").read_text())
SIZES = [*range(1, 18), 31, 32, 33, 63, 64, 65, 100, 1023, 1024, 1025, 2047, 2048, 2049, 3000]


def entries(count):
    """Entry i is i as decimal digits, so that lengths differ and nothing has to be stored."""
    return [str(number).encode() for number in range(count)]


def tree_of(entries):
    tree = InmemoryTree(algorithm="sha256")
    tree.append_entries(entries)
    return tree


def inclusion(tree, index):
    # It counts from one and puts the leaf itself first.
    path = tree.prove_inclusion(index + 1).path
    return {"index": index, "hashes": [digest.hex() for digest in path[1:]]}


def chosen(size):
    return sorted({index for index in (0, 1, size // 2, size - 2, size - 1, 1023, 1024) if 0 <= index < size})


def case(size):
    tree = tree_of(entries(size))
    return {"size": size, "root": tree.get_root().hex(), "inclusion": [inclusion(tree, index) for index in chosen(size)]}


def check_published():
    leaves = [bytes.fromhex(leaf) for leaf in PUBLISHED["leaves"]]
    for size, root in enumerate(PUBLISHED["roots"], 1):
        assert tree_of(leaves[:size]).get_root().hex() == root, size
    for proof in PUBLISHED["inclusion"]:
        assert inclusion(tree_of(leaves[: proof["size"]]), proof["index"])["hashes"] == proof["hashes"], proof


check_published()
cases = [{"size": 0, "root": tree_of([]).get_root().hex(), "inclusion": []}, *map(case, SIZES)]
(HERE / "trees.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
