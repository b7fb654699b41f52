"""Makes files.json and rows.json with the slow twin reference/dataset_root.py, and the tables in tables/ with pyarrow.

    pip install -r requirements.txt && python3 generate.py

What is refused is refused by the twin, too, here.
"""

import datetime
import json
import pathlib
import sys

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "reference"))
import dataset_root as twin  # noqa: E402

KEY = bytes(range(32))


def file_cases():
    def of(*pairs):
        return [(path, len(data), twin.sha256(data)) for path, data in pairs]

    yield "no file", []
    yield "one file", of(("train.jsonl", b"{}\n"))
    yield "an empty file", of(("empty", b""))
    yield "several", of(("b/c.txt", b"2"), ("a.txt", b"1"), ("b.txt", b"3"), ("b/a", b"4"), ("Z", b"5"))
    yield "equal contents", of(("one", b"same"), ("two", b"same"), ("other", b"else"))
    yield "paths in Normalization Form D", of(("cafe\u0301.txt", b"x"), ("a/\u1100\u1161", b"y"))
    yield "the order is that of UTF-8 bytes", of(*((name, name.encode()) for name in ["\uff5e", "\U0001f600", "\ue000", "z", "é"]))
    yield "many", of(*((f"{number % 7}/{number}.txt", str(number * number % 50).encode()) for number in range(100)))
    yield "sizes up to 2^53 - 1", [("large", 2**53 - 2, twin.sha256(b"a")), ("small", 1, twin.sha256(b"b"))]


def files():
    for title, entries in file_cases():
        listed = [{"path": path, "size": size, "sha256": digest.hex()} for path, size, digest in entries]
        yield {"title": title, "files": listed, "open": twin.commitment(entries), "salted": twin.commitment(entries, KEY)}


JSON_LINES = [
    ("nothing", ""),
    ("one row", "{}\n"),
    ("no newline at the end", "{}\n[1]"),
    ("blank lines do not count", "\n \t\r\n1\n\r\n2\n\n"),
    ("keys are sorted by UTF-16, which is not UTF-8", '{"\uff5e":1,"\U0001f600":2,"a":3,"":4}\n'),
    ("white space and escapes do not matter", ' { "a" : [ 1 , 2 ] , "b" : "\\u0041\\/\\u00e9" } \r\n{"b":"A/é","a":[1,2]}\n'),
    ("shortest escapes", '"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\\\/\u007f\u2028"\n'),
    ("doubles", "\n".join("0 -0 0.0 -0.0 1.0 1e0 100e-2 1e21 1e20 123456789012345680000 1e-6 1e-7 5e-324 1.7976931348623157e308 0.1 0.30000000000000004 -1.5e-9 4.35 333333333.33333329 1E23".split())),
    ("integers keep 64 bits", "\n".join("9007199254740993 -9007199254740993 9223372036854775807 -9223372036854775808 18446744073709551615 18446744073709551616 -9223372036854775809 9007199254740993.0".split())),
    ("scalars", 'null\ntrue\nfalse\n"x"\n'),
    ("nested", '{"z":[{"b":{"d":1,"c":[]},"a":{}}],"a":{"z":null,"y":[[],[[]]]}}\n'),
    ("many", "".join(f'{{"id":{number},"text":"{"x" * (number % 97)}"}}\n' for number in range(1100))),
]
JSON_REFUSED = [
    ("NaN", "NaN\n"),
    ("Infinity", "[Infinity]\n"),
    ("too large a number", "1e400\n"),
    ("a key twice", '{"a":1,"a":2}\n'),
    ("a key twice, once as an escape", '{"a":1,"\\u0061":2}\n'),
    ("a key twice, deep inside", '[[{"b":{"a":1,"a":1}}]]\n'),
    ("a lone surrogate", '"\\ud800"\n'),
    ("half a row", '{"a":\n1}\n'),
    ("two values in a row", "1 2\n"),
    ("a leading zero", "01\n"),
    ("not JSON", "{a:1}\n"),
]
CSV = [
    ("a header only", "a,b\n"),
    ("plain", "a,b\n1,2\n3,4\n"),
    ("line ends do not matter", "a,b\r\n1,2\r\n3,4"),
    ("quotes that need not be", '"a","b"\n"1","2"\n3,4\n'),
    ("quotes that must be", 'a,b\n"1,1","say ""hi"""\n"two\nlines",é\n'),
    ("byte order mark", "\ufeffa,b\n1,2\n3,4\n"),
    ("empty lines do not count", "a,b\n\n1,2\n\n"),
    ("empty fields", "a,b\n,\n"),
    ("values are texts", "a\n1.0\n1\n true\n"),
]


def rows():
    for title, data in JSON_LINES:
        yield {"title": title, "kind": "json", "data": data, "root": twin.file_rows_root("x.jsonl", data.encode())}
    for title, data in CSV:
        yield {"title": title, "kind": "csv", "data": data, "root": twin.file_rows_root("x.csv", data.encode())}


def refused():
    for title, data in JSON_REFUSED:
        try:
            twin.file_rows_root("x.jsonl", data.encode())
        except (ValueError, AssertionError):
            yield {"title": title, "kind": "json", "data": data}
        else:
            raise AssertionError(f"the twin accepts: {title}")


def twin_type(kind):
    t = pyarrow.types
    if t.is_null(kind):
        return (twin.NULL,)
    if t.is_boolean(kind):
        return (twin.BOOL,)
    if t.is_integer(kind):
        return (twin.INT,)
    if t.is_floating(kind):
        return (twin.FLOAT,)
    if t.is_string(kind) or t.is_large_string(kind):
        return (twin.STRING,)
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind):
        return (twin.BINARY,)
    if t.is_date(kind):
        return (twin.DATE,)
    if t.is_time(kind):
        return (twin.TIME,)
    if t.is_timestamp(kind):
        return (twin.INSTANT if kind.tz else twin.TIMESTAMP,)
    if t.is_decimal(kind):
        return (twin.DECIMAL, kind.scale)
    if t.is_map(kind):
        return (twin.MAP, twin_type(kind.key_type), twin_type(kind.item_type))
    if t.is_list(kind) or t.is_large_list(kind):
        return (twin.LIST, twin_type(kind.value_type))
    if t.is_dictionary(kind):
        return twin_type(kind.value_type)
    assert t.is_struct(kind), kind
    return (twin.STRUCT, [(field.name, twin_type(field.type)) for field in kind])


NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def twin_value(scalar):
    """A pyarrow scalar as the plain value that the twin encodes."""
    kind, t = scalar.type, pyarrow.types
    if not scalar.is_valid:
        return None
    if t.is_date(kind):
        return (scalar.as_py() - datetime.date(1970, 1, 1)).days
    if t.is_time(kind) or t.is_timestamp(kind):
        return scalar.value * NANOSECONDS[kind.unit]
    if t.is_decimal(kind):
        return int(scalar.as_py().scaleb(kind.scale))
    if t.is_map(kind):
        return [(twin_value(pair["key"]), twin_value(pair["value"])) for pair in scalar.values]
    if t.is_list(kind) or t.is_large_list(kind):
        return [twin_value(item) for item in scalar.values]
    if t.is_struct(kind):
        return {name: twin_value(scalar[name]) for name in (field.name for field in kind)}
    return scalar.as_py()


def table_rows(table):
    fields = [(field.name, twin_type(field.type)) for field in table.schema]
    columns = [table.column(index) for index in range(table.num_columns)]
    rows = [{name: twin_value(column[row]) for (name, _), column in zip(fields, columns)} for row in range(table.num_rows)]
    return twin.table_rows(fields, rows)


def row_proofs():
    texts = [("x.jsonl", "json lines", '{"b":"\\"\\u0001","a":1e2}\n\n[]\n' + "".join(f'{{"id": {number}}}\n' for number in range(9)))]
    texts += [("x.csv", "csv", 'a,"b ""c"""\n' + "".join(f"{number},\"x,{number}\"\n" for number in range(5)))]
    for name, title, data in texts:
        kind, columns, rows = twin.file_rows(name, data.encode())
        for index in {0, 1, len(rows) // 2, len(rows) - 1}:
            yield {"title": title, "data": data, "root": twin.rows_root(kind, columns, rows), "proof": twin.row_proof(kind, columns, rows, index)}
    for name, picked in [("everything", [0, 1]), ("many_in_small_groups", [0, 512, 999])]:
        kind, columns, rows = table_rows(pyarrow.parquet.read_table(HERE / "tables" / f"{name}.parquet"))
        for index in picked:
            yield {"title": name, "file": f"tables/{name}.parquet", "root": twin.rows_root(kind, columns, rows), "proof": twin.row_proof(kind, columns, rows, index)}


def everything():
    import decimal

    at = datetime.datetime(2026, 11, 23, 4, 5, 6, 789000)
    utc = at.replace(tzinfo=datetime.timezone.utc)
    a = pyarrow.array
    return pyarrow.table(
        {
            "null": a([None, None, None]),
            "bool": a([True, None, False]),
            "i8": a([-128, 127, None], pyarrow.int8()),
            "u8": a([0, 255, None], pyarrow.uint8()),
            "i16": a([-1, 0, 1], pyarrow.int16()),
            "u16": a([0, 65535, 1], pyarrow.uint16()),
            "i32": a([-(2**31), 2**31 - 1, 0], pyarrow.int32()),
            "u32": a([0, 2**32 - 1, 0], pyarrow.uint32()),
            "i64": a([-(2**63), 2**63 - 1, None], pyarrow.int64()),
            "u64": a([0, 2**64 - 1, None], pyarrow.uint64()),
            "f16": a([0.5, -65504.0, None], pyarrow.float16()),
            "f32": a([0.1, float("nan"), -0.0], pyarrow.float32()),
            "f64": a([0.1, float("-inf"), None], pyarrow.float64()),
            "string": a(["", "é\n", None]),
            "large": a(["x", None, "y"], pyarrow.large_string()),
            "category": a(["a", "b", "a"]).dictionary_encode(),
            "binary": a([b"", b"\0\xff", None]),
            "fixed": a([b"abcd", None, b"efgh"], pyarrow.binary(4)),
            "date": a([datetime.date(1969, 12, 31), datetime.date(2026, 11, 23), None]),
            "time_ms": a([1, None, 86399999], pyarrow.time32("ms")),
            "time_us": a([1, None, 2], pyarrow.time64("us")),
            "time_ns": a([1, None, 2], pyarrow.time64("ns")),
            "at_ms": a([at, None, at], pyarrow.timestamp("ms")),
            "at_us": a([at, None, datetime.datetime(1600, 1, 1)], pyarrow.timestamp("us")),
            "at_ns": a([at, None, at], pyarrow.timestamp("ns")),
            "utc": a([utc, None, utc], pyarrow.timestamp("us", tz="UTC")),
            "decimal": a([decimal.Decimal("1.50"), decimal.Decimal("-0.01"), None], pyarrow.decimal128(9, 2)),
            "wide": a([decimal.Decimal(10**30), None, decimal.Decimal(-1)], pyarrow.decimal128(38, 0)),
            "widest": a([decimal.Decimal(10**60), None, decimal.Decimal(-1)], pyarrow.decimal256(70, 0)),
            "list": a([[1, None, 3], [], None], pyarrow.list_(pyarrow.int32())),
            "lists": a([[["a"], None], [], [[]]], pyarrow.list_(pyarrow.list_(pyarrow.string()))),
            "struct": a([{"x": 1, "y": "a"}, {"x": None, "y": None}, None], pyarrow.struct([("x", pyarrow.int64()), ("y", pyarrow.string())])),
            "structs": a([[{"x": 1}], [None], None], pyarrow.list_(pyarrow.struct([("x", pyarrow.int64())]))),
            "map": a([[("k", 1), ("j", None)], [], None], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
        }
    )


def tables():
    folder = HERE / "tables"
    folder.mkdir(exist_ok=True)
    many = pyarrow.table({"id": list(range(1000)), "text": [f"row {number % 37}" for number in range(1000)]})
    narrow = pyarrow.table({"id": pyarrow.array(range(1000), pyarrow.int16()), "text": many["text"].dictionary_encode()})
    everything_ = everything()
    written = [
        ("everything", everything_, {}),
        ("everything_again", everything_, {"compression": "zstd", "row_group_size": 1, "use_dictionary": False, "store_schema": False}),
        ("many", many, {}),
        ("many_in_small_groups", many, {"row_group_size": 7, "compression": "gzip", "data_page_version": "2.0"}),
        ("many_in_narrow_types", narrow, {"compression": "lz4", "version": "1.0", "data_page_size": 100}),
        ("many_uncompressed", many, {"compression": "none", "use_dictionary": False, "column_encoding": {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY"}}),
        ("none", many.slice(0, 0), {}),
    ]
    for name, table, options in written:
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet", **options)
        yield {"file": f"tables/{name}.parquet", "rows": table.num_rows, "root": twin.rows_root(*table_rows(table))}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n")


write("files.json", {"key": KEY.hex(), "cases": list(files())})
write("rows.json", {"cases": list(rows()), "refused": list(refused()), "tables": list(tables())})
write("row-proofs.json", {"cases": list(row_proofs())})
