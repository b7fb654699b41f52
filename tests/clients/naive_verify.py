#!/usr/bin/env python3
"""Checks a weights file against a token the way a tutorial would, knowing nothing of modelmark.

tokenURI -> metadata bytes -> do they hash to the CID in the URI? -> provenance.weightsHash -> SHA-256 of the file.
Uses web3.py and the standard library only, so that it disagrees with us when we stray from what others expect.

Exit codes: 0 the file is the one in the metadata, 1 it is not, 2 it was not possible to look.
"""

import argparse
import base64
import hashlib
import json
import sys
import urllib.request
from pathlib import Path

from web3 import Web3

ABI = [
    {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [{"name": "tokenId", "type": "uint256"}],
        "outputs": [{"name": "", "type": output}],
    }
    for name, output in [("tokenURI", "string"), ("ownerOf", "address")]
]
MAX_METADATA = 1 << 20


class Mismatch(Exception):
    """Something was read and is not what it should be."""


def raw_cid(data):
    """Returns the CIDv1 of one raw block: version 1, codec raw, multihash sha2-256 of 32 bytes, in lower-case base32."""
    cid = bytes([0x01, 0x55, 0x12, 0x20]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def read_metadata(source, cid):
    """Returns the bytes of a CID from a file, a directory of files named by CID, or an HTTP gateway."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(f"{source.rstrip('/')}/ipfs/{cid}", timeout=30) as response:
            data = response.read(MAX_METADATA + 1)
    else:
        path = Path(source)
        with (path / cid if path.is_dir() else path).open("rb") as file:
            data = file.read(MAX_METADATA + 1)
    if len(data) > MAX_METADATA:
        raise Mismatch(f"the metadata is larger than {MAX_METADATA} bytes")
    return data


def metadata_of(uri, source):
    """Returns the metadata that an `ipfs://` token URI names, after checking that it hashes to that name."""
    if not uri.startswith("ipfs://"):
        raise Mismatch(f"the token URI is not an ipfs:// URI: {uri}")
    cid = uri.removeprefix("ipfs://")
    data = read_metadata(source, cid)
    if raw_cid(data) != cid:
        raise Mismatch(f"the metadata hashes to {raw_cid(data)}, not to {cid}")
    print(f"metadata    {len(data)} bytes, and they hash to that CID")
    return json.loads(data)


def sha256_of(path):
    """Returns the SHA-256 of a file as 0x-hex."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return "0x" + digest.hexdigest()


def verify(arguments):
    """Follows the token to the hash of the weights and compares; raises `Mismatch` when it differs."""
    chain = Web3(Web3.HTTPProvider(arguments.rpc))
    token = chain.eth.contract(address=Web3.to_checksum_address(arguments.contract), abi=ABI)
    print(f"chain       {chain.eth.chain_id}")
    print(f"owner       {token.functions.ownerOf(arguments.token_id).call()}")
    uri = token.functions.tokenURI(arguments.token_id).call()
    print(f"tokenURI    {uri}")
    metadata = metadata_of(uri, arguments.metadata)
    print(f"name        {metadata['name']}")
    expected, actual = metadata["provenance"]["weightsHash"], sha256_of(arguments.weights)
    print(f"weightsHash {expected}")
    print(f"SHA-256     {actual}")
    if actual != expected:
        raise Mismatch(f"{arguments.weights} is not the file that the token names")


def parse():
    """Returns the command line."""
    parser = argparse.ArgumentParser(description="Check a weights file against a token with web3.py.")
    parser.add_argument("--rpc", required=True, metavar="URL", help="JSON-RPC endpoint of the chain")
    parser.add_argument("--contract", required=True, metavar="ADDRESS")
    parser.add_argument("--token-id", required=True, type=int, metavar="N", help="in decimal")
    parser.add_argument("--weights", required=True, metavar="FILE")
    parser.add_argument("--metadata", required=True, metavar="WHERE", help="a file, a directory of files named by CID, or the URL of an IPFS gateway")
    return parser.parse_args()


def main():
    """Prints what it did and the verdict; returns the exit code."""
    arguments = parse()
    try:
        verify(arguments)
    except Mismatch as mismatch:
        print(f"MISMATCH: {mismatch}", file=sys.stderr)
        return 1
    except Exception as error:  # Whatever a library raises, it means the same here: no answer.
        print(f"could not look: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print("MATCH")
    return 0


if __name__ == "__main__":
    sys.exit(main())
