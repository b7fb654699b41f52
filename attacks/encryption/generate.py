"""Writes age headers that are made to hurt whoever opens them. Run it in this folder; nothing but Python's own library is needed."""

import base64
import pathlib

HERE = pathlib.Path(__file__).parent
VERSION = b"age-encryption.org/v1\n"
END = b"--- " + base64.b64encode(bytes(32)).rstrip(b"=") + b"\n" + bytes(16 + 16)


def b64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def x25519(share: bytes, body: bytes = bytes(32)) -> bytes:
    return b"-> X25519 " + b64(share) + b"\n" + b64(body) + b"\n"


BASE_POINT = bytes([9]) + bytes(31)
FILES = {
    # Work factors that would take gigabytes and minutes, and for ever. Identities are no passphrases, so that nothing is computed.
    "scrypt-30.age": VERSION + b"-> scrypt " + b64(bytes(16)) + b" 30\n" + b64(bytes(32)) + b"\n" + END,
    "scrypt-64.age": VERSION + b"-> scrypt " + b64(bytes(16)) + b" 64\n" + b64(bytes(32)) + b"\n" + END,
    # A passphrase beside a key: the format forbids it.
    "scrypt-and-key.age": VERSION + x25519(BASE_POINT) + b"-> scrypt " + b64(bytes(16)) + b" 10\n" + b64(bytes(32)) + b"\n" + END,
    # Points of small order: the shared secret would be zero, whatever the identity.
    "share-zero.age": VERSION + x25519(bytes(32)) + END,
    "share-one.age": VERSION + x25519(bytes([1]) + bytes(31)) + END,
    "share-short.age": VERSION + x25519(bytes(31)) + END,
    "share-missing.age": VERSION + b"-> X25519\n" + b64(bytes(32)) + b"\n" + END,
    "body-long.age": VERSION + x25519(BASE_POINT, bytes(33)) + END,
    "not-for-us.age": VERSION + x25519(BASE_POINT) + END,
    "no-stanza.age": VERSION + END,
    "unknown-stanzas.age": VERSION + b"-> grease\n\n" * 100 + END,
    "version-2.age": b"age-encryption.org/v2\n" + x25519(BASE_POINT) + END,
    "armored.age": b"-----BEGIN AGE ENCRYPTED FILE-----\n" + base64.b64encode(VERSION) + b"\n-----END AGE ENCRYPTED FILE-----\n",
    "carriage-returns.age": (VERSION + x25519(BASE_POINT)).replace(b"\n", b"\r\n") + END,
    "no-mac.age": VERSION + x25519(BASE_POINT) + b"--- \n" + bytes(32),
    "no-nonce.age": (VERSION + x25519(BASE_POINT) + END)[:-31],
    "empty.age": b"",
}

for name, content in FILES.items():
    (HERE / name).write_bytes(content)
