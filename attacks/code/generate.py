"""Makes the files of this folder and findings.json. The code in them is harmless: at most it asks for the working directory.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python generate.py
"""

import bz2
import gzip
import io
import json
import os
import pathlib
import pickle
import tarfile
import zipfile

import cloudpickle
import dill
import joblib
import numpy

HERE = pathlib.Path(__file__).parent
FINDINGS = {}
DATE = (1980, 1, 1, 0, 0, 0)


class Asks:
    def __reduce__(self):
        return os.getcwd, ()


def write(name, data, *findings):
    (HERE / name).write_bytes(data)
    FINDINGS[name] = [list(finding) for finding in findings]


def into(dump, value, **options):
    buffer = io.BytesIO()
    dump(value, buffer, **options)
    return buffer.getvalue()


def save(array, buffer):
    numpy.save(buffer, array)


def zipped(members, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = method
            archive.writestr(info, data)
    return buffer.getvalue()


def tarred(members, **options):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


DATA = pickle.dumps({"epoch": 3, "names": ["a", "b"]}, protocol=4)
CALL = pickle.dumps(Asks(), protocol=4)
BEARING, OPAQUE, BESIDE = "code.bearing", "code.opaque", "code.beside"
CALLED = (BEARING, 'refers to "posix.getcwd"')

# Pickles, told by content.
write("data.pkl", DATA)
write("data.dat", DATA)
write("data-twice.pkl", DATA + DATA)
write("call.pkl", CALL, CALLED)
write("call.txt", CALL, CALLED)
write("call-no-extension", CALL, CALLED)
write("call-after-data.pkl", DATA + CALL, CALLED)
write("call-protocol-0.txt", pickle.dumps(Asks(), protocol=0), (BEARING, 'protocol 0: refers to "posix.getcwd"'))
write("call-protocol-1.pkl", pickle.dumps(Asks(), protocol=1), (BEARING, 'refers to "posix.getcwd"'))
write("data-protocol-0.pkl", pickle.dumps({"epoch": 3}, protocol=0), (OPAQUE, "not of data"))
write("cut.pkl", CALL[:20], (OPAQUE, "not of data"))
write("words.txt", b"cat\ndog\nparrot.\n")
write("words-in-order.txt", b"cat\ndog\n(bird)\n")
write("random.dat", bytes([0x80, 0x03]) + bytes(range(200, 255)))
write("random.bin", bytes([0x80, 0x02]) + bytes(range(200, 255)) * 8)
write("random.pkl", bytes([0x80, 0x03]) + bytes(range(200, 255)), (OPAQUE, "opcode not allowed"))
write("call-after-pop.bin", b"\x80\x02N0cposix\ngetcwd\n)R.", (OPAQUE, "POP at byte 3: opcode not allowed"))
write("call-protocol-0-stated.dat", b"\x80\0cposix\ngetcwd\n)R.", CALLED)
write("empty.pkl", b"", (OPAQUE, "not of data"))
# Functions carry the path of their source, which is to be the same wherever this runs.
ADD = eval(compile("lambda x: x + 1", "/home/user/modelmark/code/generate.py", "eval"))
write("lambda.dill", dill.dumps(ADD), (BEARING, "dill._dill"))
write("lambda.cloudpickle", cloudpickle.dumps(ADD), (BEARING, "cloudpickle"))
write("array.joblib", into(joblib.dump, numpy.arange(3)), (BEARING, "NumpyArrayWrapper"))
write("array-compressed.joblib", into(joblib.dump, numpy.arange(3), compress=("zlib", 3)), (OPAQUE, "compressed (zlib)"))
write("call.pkl.gz", gzip.compress(CALL, mtime=0))
write("gzip.pkl", gzip.compress(CALL, mtime=0), (OPAQUE, "compressed (gzip)"))
write("bzip2.joblib", bz2.compress(CALL), (OPAQUE, "compressed (bzip2)"))
write("objects.npy", into(save, numpy.array([{}], dtype=object)), (BEARING, "pickled Python objects"))
write("numbers.npy", into(save, numpy.arange(3)))

# Programs.
write("handler.py", b"print()\n", (BESIDE, "(.py)"))
write("script", b"#!/bin/sh\ntrue\n", (BESIDE, "a script"))
write("kernel.bin", b"\x7fELF\x02\x01\x01" + bytes(57), (BESIDE, "ELF"))
write("module.wasm", b"\0asm\x01\0\0\0", (BESIDE, "WebAssembly"))

# Archives.
write("handler.mar", zipped([("MAR-INF/MANIFEST.json", b"{}"), ("handler.py", b"print()\n")], zipfile.ZIP_DEFLATED), (BESIDE, 'member "handler.py"'))
write("call.zip", zipped([("a/b/x.dat", CALL)], zipfile.ZIP_DEFLATED), (BEARING, 'member "a/b/x.dat": code-bearing pickle'))
write("stored.zip", zipped([("readme.txt", b"hello"), ("x.pkl", CALL)]), (BEARING, 'member "x.pkl"'))
write("texts.zip", zipped([("readme.txt", b"hello")], zipfile.ZIP_DEFLATED))
write("two-ends.zip", zipped([("x.pkl", DATA)]) + zipped([("x.pkl", CALL)]), (OPAQUE, "not well-formed"))
write("model.nemo", tarred([("model_config.yaml", b"a: 1\n"), ("weights.ckpt", CALL)]), (BEARING, 'member "weights.ckpt"'))
write("plain.nemo", tarred([("model_config.yaml", b"a: 1\n")], format=tarfile.GNU_FORMAT))
write("call.tar", tarred([("x", zipped([("y", CALL)]))], format=tarfile.PAX_FORMAT), (BEARING, 'member "x": member "y"'))
write("deep.tar", tarred([("1", tarred([("2", tarred([("3", CALL)]))]))]), (OPAQUE, "an archive in an archive"))
write("cut.tar", tarred([("x", bytes(2000))])[:1500], (OPAQUE, "not well-formed at byte 0"))
write("model.nemo.gz", gzip.compress(b"x", mtime=0))
write("gzip.nemo", gzip.compress(tarred([("x", CALL)]), mtime=0), (OPAQUE, "compressed (gzip)"))
write("archive.tar.gz", gzip.compress(b"x", mtime=0), (OPAQUE, "compressed (gzip)"))
write("words.txt.gz", gzip.compress(b"x", mtime=0))
write("model.pth", b"7z\xbc\xaf\x27\x1c" + bytes(26), (OPAQUE, "a 7z archive"))
write("weights.pt", b"no pickle at all, and no archive", (OPAQUE, "not of data"))
write("rar.dat", b"Rar!\x1a\x07\x01\0", (OPAQUE, "a RAR archive"))

(HERE / "findings.json").write_text(json.dumps(FINDINGS, indent=1) + "\n")
