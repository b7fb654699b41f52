"""The keys and certificates of the vectors, made once and kept."""

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = pathlib.Path(__file__).parent
KEYS = HERE / "keys"
CERTIFICATES = HERE / "certificates"
PASSWORD = b"modelmark"
CURVES = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1(), "secp256k1": ec.SECP256K1()}


def day(year):
    return datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)


def private(name, make, form=serialization.PrivateFormat.PKCS8, encryption=serialization.NoEncryption()):
    path = KEYS / f"{name}.pem"
    if not path.exists():
        path.write_bytes(make().private_bytes(serialization.Encoding.PEM, form, encryption))
    password = PASSWORD if b"ENCRYPTED" in path.read_bytes() else None
    key = serialization.load_pem_private_key(path.read_bytes(), password)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (KEYS / f"{name}.pub.pem").write_bytes(public)
    return key


def keys():
    KEYS.mkdir(exist_ok=True)
    made = {name: private(name, lambda curve=curve: ec.generate_private_key(curve)) for name, curve in CURVES.items()}
    made["ed25519"] = private("ed25519", ed25519.Ed25519PrivateKey.generate)
    made["other"] = private("other", lambda: ec.generate_private_key(CURVES["p256"]))
    made["sec1"] = private("sec1", lambda: made["p384"], serialization.PrivateFormat.TraditionalOpenSSL)
    made["encrypted"] = private("encrypted", lambda: made["p256"], encryption=serialization.BestAvailableEncryption(PASSWORD))
    return made


def certificate(
    name, key, issuer=None, *, start=2020, end=2120, authority=False, length=None, signs=True, purpose=ExtendedKeyUsageOID.CODE_SIGNING, hash=None
):
    """Makes a certificate for `key`, signed by `issuer`, a name and a key, or by itself."""
    path = CERTIFICATES / f"{name}.pem"
    issuer_name, issuer_key = issuer or (name, key)
    common = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    if not path.exists():
        usage = dict.fromkeys(["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only", "decipher_only"], False)
        made = x509.CertificateBuilder().subject_name(common(name)).issuer_name(common(issuer_name)).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(day(start)).not_valid_after(day(end))
        made = made.add_extension(x509.BasicConstraints(authority, length), True)
        made = made.add_extension(x509.KeyUsage(digital_signature=signs, key_cert_sign=authority, **usage), True)
        if purpose and (signs or not authority):
            made = made.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        path.write_bytes(made.sign(issuer_key, hash or hashes.SHA384()).public_bytes(serialization.Encoding.PEM))
    return name, key


def certificates(made):
    CERTIFICATES.mkdir(exist_ok=True)
    authority = lambda name, curve: private(name, lambda: ec.generate_private_key(CURVES[curve]))
    root_key, middle_key, wide_key = authority("root", "p384"), authority("intermediate", "p384"), authority("root-p521", "p521")
    rsa_key = private("root-rsa", lambda: rsa.generate_private_key(65537, 2048))
    root = certificate("root", root_key, authority=True, signs=False)
    wide = certificate("root-p521", wide_key, authority=True, signs=False)
    by_rsa = certificate("root-rsa", rsa_key, authority=True, signs=False, hash=hashes.SHA256())
    certificate("root-other", made["other"], authority=True, signs=False)
    old_root = certificate("root-expired", middle_key, authority=True, signs=False, end=2021)
    middle = certificate("intermediate", middle_key, root, authority=True, length=0, signs=False)
    late = certificate("intermediate-expired", made["sec1"], root, authority=True, length=0, signs=False, end=2021)
    for curve in ["p256", "p384", "p521"]:
        certificate(f"leaf-{curve}", made[curve], middle)
    certificate("leaf-by-p521", made["p256"], wide)
    certificate("leaf-by-rsa", made["p256"], by_rsa, hash=hashes.SHA256())
    certificate("leaf-expired", made["p256"], middle, end=2021)
    certificate("leaf-not-yet", made["p256"], middle, start=2110)
    certificate("leaf-by-expired-intermediate", made["p256"], late)
    certificate("leaf-by-expired-root", made["p256"], old_root)
    certificate("leaf-no-code-signing", made["p256"], middle, purpose=None)
    certificate("leaf-for-servers", made["p256"], middle, purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    certificate("leaf-not-for-signatures", made["p256"], middle, signs=False)
    certificate("leaf-ed25519", made["ed25519"], middle)
    certificate("leaf-by-leaf", made["other"], ("leaf-p256", made["p256"]))
    certificate("self-signed", made["p256"], authority=True)
    too_long = certificate("intermediate-too-many", made["other"], middle, authority=True, signs=False)
    certificate("leaf-by-too-many", made["p256"], too_long)
    # Signers that are authorities too, as the conformance suite has them.
    also = lambda name, *issuer, key="p256", **more: certificate(f"leaf-authority{name}", made[key], *issuer, authority=True, **more)
    also("", middle)
    also("-by-rsa", by_rsa, hash=hashes.SHA256())
    also("-by-p521", wide)
    also("-expired", middle, end=2021)
    also("-no-code-signing", middle, purpose=None)
    also("-by-expired-intermediate", late)
    also("-by-expired-root", old_root)
    also("-by-too-many", too_long)
    also("-by-leaf", ("leaf-p256", made["p256"]), key="other")
    # As if by the intermediate, by its name.
    also("-forged", ("intermediate", made["other"]))
