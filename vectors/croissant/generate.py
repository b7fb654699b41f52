"""Makes read.json with mlcroissant, MLCommons' implementation of Croissant, and holds written.json, our own description, against it.

    pip install -r requirements.txt && python3 generate.py

read.json are descriptions as mlcroissant writes them. understood.json is what mlcroissant reads in written.json, which a test of modelmark-dataset writes
(MODELMARK_BLESS=1) and compares with both.
"""

import json
import pathlib

import mlcroissant

HERE = pathlib.Path(__file__).parent
SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def described(version):
    distribution = [
        mlcroissant.FileObject(id="table", name="train.csv", content_url="train.csv", content_size="3 B", encoding_formats=["text/csv"], sha256=SHA256),
        mlcroissant.FileObject(id="pack", name="pack.zip", content_url="https://example.org/pack.zip?v=1", encoding_formats=["application/zip"], md5="900150983cd24fb0d6963f7d28e17f72"),
        mlcroissant.FileSet(id="pictures", name="pictures", contained_in=["pack"], encoding_formats=["image/jpeg"], includes=["**/*.jpg"]),
    ]
    field = mlcroissant.Field(
        id="rows/text", name="text", data_types=mlcroissant.DataType.TEXT, source=mlcroissant.Source(file_object="table", extract=mlcroissant.Extract(column="text"))
    )
    metadata = mlcroissant.Metadata(
        ctx=mlcroissant.Context(conforms_to=f"http://mlcommons.org/croissant/{version}"),
        name="small",
        description="A small dataset",
        license=["https://spdx.org/licenses/CC-BY-4.0"],
        cite_as="@misc{small}",
        url="https://example.org/small",
        version="1.2.0",
        distribution=distribution,
        record_sets=[mlcroissant.RecordSet(id="rows", name="rows", fields=[field])],
    )
    return metadata.to_json()


def understood():
    metadata = mlcroissant.Dataset(jsonld=HERE / "written.json").metadata
    assert not metadata.ctx.issues.errors, metadata.ctx.issues.errors
    files = [{"id": file.id, "name": file.name, "contentUrl": file.content_url, "contentSize": file.content_size, "sha256": file.sha256} for file in metadata.distribution]
    return {"name": metadata.name, "conformsTo": metadata.ctx.conforms_to.value, "files": files}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1, default=str) + "\n")


write("read.json", {"cases": [described(version) for version in ("1.0", "1.1")]})
if (HERE / "written.json").exists():
    write("understood.json", understood())
