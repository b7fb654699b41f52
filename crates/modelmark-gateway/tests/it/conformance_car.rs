//! Streams of blocks: `TestTrustlessCar…` of <https://github.com/ipfs/gateway-conformance>, each case under its own name, over content made here.
//!
//! Left out are the cases on DAG-CBOR, whose blocks modelmark does not keep.

use modelmark_digest::ContentId;

use crate::fixture::{Answer, Gateway, Mixed, sharded_name};

/// Asks as the suite does, by the query and by `Accept`, holds the headers that every CAR has, and returns the blocks.
fn car(gateway: &Gateway, case: &str, path: &str, query: &str) -> Vec<ContentId> {
    let by_query = gateway.get(format!("{path}?format=car&{query}"), &[]);
    let by_header = gateway.get(format!("{path}?{query}"), &[("Accept", "application/vnd.ipld.car")]);
    for answer in [&by_query, &by_header] {
        assert_standard(case, answer);
    }
    assert_eq!(by_query.body(), by_header.body(), "{case}");
    assert!(by_header.header("content-location").contains("format=car"), "{case}");
    by_query.blocks()
}

fn assert_standard(case: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{case}: {}", String::from_utf8_lossy(answer.body()));
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{case}");
    assert_eq!(answer.header("accept-ranges"), "none", "{case}");
    assert_eq!(answer.header("content-type"), "application/vnd.ipld.car; version=1; order=dfs; dups=n", "{case}");
    let disposition = answer.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\"") && disposition.ends_with(".car\""), "{case}: {disposition}");
    assert_eq!(answer.header("content-length"), "", "{case}: its length is not known before it is written");
}

/// The blocks from the root of a sharded directory to one of its files, without the file.
fn way(gateway: &Gateway, root: ContentId, name: &str) -> Vec<ContentId> {
    modelmark_storage::resolve(&*gateway.store, &root, &[name]).unwrap().unwrap().way
}

#[test]
fn test_trustless_car_pathing() {
    let gateway = Gateway::new();
    let Mixed { root, subdir, ascii, .. } = gateway.mixed();
    let (hamt, files) = gateway.sharded();

    let case = "GET default CAR response with pathing through UnixFS Directory";
    assert_eq!(car(&gateway, case, &format!("/ipfs/{root}/subdir/ascii.txt"), ""), [root, subdir, ascii], "{case}");

    let case = "GET default CAR response of UnixFS file on a path with HAMT-sharded directory";
    let mut expected = way(&gateway, hamt, &sharded_name(685));
    assert!(expected.len() > 1, "through a shard below the first");
    expected.push(files[685]);
    expected.extend(gateway.children(&files[685]));
    assert_eq!(car(&gateway, case, &format!("/ipfs/{hamt}/{}", sharded_name(685)), ""), expected, "{case}");

    let case = "GET default CAR response for non-existing file";
    let answer = gateway.get(format!("/ipfs/{root}/subdir/i-do-not-exist?format=car"), &[]);
    assert_eq!(answer.status, 404, "{case}");
}

#[test]
fn test_trustless_car_dag_scope_block() {
    let gateway = Gateway::new();
    let Mixed { root, subdir, ascii, .. } = gateway.mixed();
    let (hamt, files) = gateway.sharded();
    let block = |case: &str, path: String| car(&gateway, case, &path, "dag-scope=block");

    let case = "GET CAR with dag-scope=block of UnixFS directory on a path";
    assert_eq!(block(case, format!("/ipfs/{root}/subdir")), [root, subdir], "{case}");

    let case = "GET CAR with dag-scope=block of UnixFS file on a path";
    assert_eq!(block(case, format!("/ipfs/{root}/subdir/ascii.txt")), [root, subdir, ascii], "{case}");

    let case = "GET CAR with dag-scope=block of UnixFS file on a path with sharded directory";
    let mut expected = way(&gateway, hamt, &sharded_name(1));
    expected.push(files[1]);
    assert_eq!(block(case, format!("/ipfs/{hamt}/{}", sharded_name(1))), expected, "{case}");
}

#[test]
fn test_trustless_car_dag_scope_entity() {
    let gateway = Gateway::new();
    let Mixed { root, subdir, ascii, multiblock, leaves, .. } = gateway.mixed();
    let (hamt, files) = gateway.sharded();
    let entity = |case: &str, path: String| car(&gateway, case, &path, "dag-scope=entity");

    let case = "GET CAR with dag-scope=entity of a UnixFS directory";
    assert_eq!(entity(case, format!("/ipfs/{root}")), [root], "{case}");

    let case = "GET CAR with dag-scope=entity of a UnixFS sharded directory";
    let shards = entity(case, format!("/ipfs/{hamt}"));
    assert_eq!(shards, all_shards(&gateway, hamt, &files), "{case}");

    let case = "GET CAR with dag-scope=entity of a UnixFS file";
    assert_eq!(entity(case, format!("/ipfs/{root}/subdir/ascii.txt")), [root, subdir, ascii], "{case}");

    let case = "GET CAR with dag-scope=entity of a chunked UnixFS file";
    let expected = [&[root, subdir, multiblock], leaves.as_slice()].concat();
    assert_eq!(entity(case, format!("/ipfs/{root}/subdir/multiblock.txt")), expected, "{case}");
}

/// The shards of a directory, depth first, told from its files by what the files are.
fn all_shards(gateway: &Gateway, root: ContentId, files: &[ContentId]) -> Vec<ContentId> {
    let mut shards = vec![root];
    for child in gateway.children(&root) {
        if !files.contains(&child) {
            shards.extend(all_shards(gateway, child, files));
        }
    }
    shards
}

#[test]
fn test_trustless_car_dag_scope_all() {
    let gateway = Gateway::new();
    let Mixed { root, subdir, ascii, hello, multiblock, leaves } = gateway.mixed();

    let case = "GET CAR with dag-scope=all of UnixFS directory with multiple files";
    let expected = [&[root, subdir, ascii, hello, multiblock], leaves.as_slice()].concat();
    assert_eq!(car(&gateway, case, &format!("/ipfs/{root}/subdir"), "dag-scope=all"), expected, "{case}");

    let case = "GET CAR with dag-scope=all of a chunked UnixFS file";
    let expected = [&[root, subdir, multiblock], leaves.as_slice()].concat();
    assert_eq!(car(&gateway, case, &format!("/ipfs/{root}/subdir/multiblock.txt"), "dag-scope=all"), expected, "{case}");
}

#[test]
fn test_trustless_car_entity_bytes() {
    let gateway = Gateway::new();
    let Mixed { root, subdir, multiblock, leaves, .. } = gateway.mixed();
    let (hamt, files) = gateway.sharded();
    let bytes: Vec<u8> = (0..3072_u32).map(|n| (n / 1024) as u8 + b'a').collect();
    let lacking = gateway.file(&bytes, 1024, &[1]).cid;
    let [first, _, last] = gateway.children(&lacking)[..] else { unreachable!() };
    let ranged = |case: &str, path: String, range: &str| car(&gateway, case, &path, &format!("dag-scope=entity&entity-bytes={range}"));
    let direct = |case: &str, range: &str| ranged(case, format!("/ipfs/{multiblock}"), range);
    let of_leaves = |leaves: &[ContentId]| [&[multiblock], leaves].concat();

    let case = "GET CAR with entity-bytes succeeds even if the gateway is missing a block after the requested range";
    assert_eq!(ranged(case, format!("/ipfs/{lacking}"), "0:1000"), [lacking, first], "{case}");

    let case = "GET CAR with entity-bytes succeeds even if the gateway is missing a block before the requested range";
    assert_eq!(ranged(case, format!("/ipfs/{lacking}"), "2200:*"), [lacking, last], "{case}");

    let case = "GET CAR with entity-bytes of a full UnixFS file";
    let expected = [&[root, subdir, multiblock], leaves.as_slice()].concat();
    assert_eq!(ranged(case, format!("/ipfs/{root}/subdir/multiblock.txt"), "0:*"), expected, "{case}");

    let case = "GET CAR with entity-bytes of a UnixFS directory";
    assert_eq!(ranged(case, format!("/ipfs/{hamt}"), "0:*"), all_shards(&gateway, hamt, &files), "{case}");

    let case = "GET CAR with entity-bytes equivalent to a HTTP Range Request from the middle of a file to the end";
    assert_eq!(direct(case, "512:*"), of_leaves(&leaves[2..]), "{case}");

    let case = "GET CAR with entity-bytes equivalent to a HTTP Range Request for the middle of a file";
    assert_eq!(direct(case, "512:1023"), of_leaves(&leaves[2..4]), "{case}");

    let case = "GET CAR with entity-bytes equivalent to a HTTP Range Request for the middle of a file (negative ending)";
    assert_eq!(direct(case, "512:-256"), of_leaves(&leaves[2..4]), "{case}");

    let case = "GET CAR with entity-bytes equivalent to HTTP Suffix Range Request for part of a file";
    assert_eq!(direct(case, "-5:*"), of_leaves(&leaves[3..]), "{case}");

    let case = "GET CAR with entity-bytes requesting a negative range bigger than the length of a file";
    assert_eq!(direct(case, "-9999:*"), of_leaves(&leaves), "{case}");

    let case = "GET CAR with entity-bytes requesting a range from the end of a file that is bigger than a file itself";
    assert_eq!(direct(case, "-9999:-3"), of_leaves(&leaves[..4]), "{case}");

    let case = "GET CAR with entity-bytes requesting only the blocks for the first byte of a file";
    assert_eq!(direct(case, "0:0"), of_leaves(&leaves[..1]), "{case}");
}

#[test]
fn test_trustless_car_order_and_duplicates() {
    let gateway = Gateway::new();
    let Mixed { ascii, hello, multiblock, leaves, .. } = gateway.mixed();
    let file = |cid| modelmark_digest::unixfs::Dag { cid, size: 1, tsize: 1 };
    let dir = gateway.folder(&[
        ("ascii-copy.txt", file(ascii)),
        ("ascii.txt", file(ascii)),
        ("hello.txt", file(hello)),
        ("multiblock.txt", file(multiblock)),
    ]);
    let ask = |query: &str, accept: &str| gateway.get(format!("/ipfs/{dir}{query}"), &[("Accept", accept)]);
    let each = [&[dir, ascii, ascii, hello, multiblock], leaves.as_slice()].concat();
    let once = [&[dir, ascii, hello, multiblock], leaves.as_slice()].concat();

    let case = "GET CAR with order=dfs and dups=y of UnixFS Directory With Duplicate Files";
    let answer = ask("", "application/vnd.ipld.car; version=1; order=dfs; dups=y");
    assert_eq!(answer.header("content-type"), "application/vnd.ipld.car; version=1; order=dfs; dups=y", "{case}");
    assert_eq!(answer.blocks(), each, "{case}");

    let case = "GET CAR with order=dfs and dups=n of UnixFS Directory With Duplicate Files";
    let answer = ask("", "application/vnd.ipld.car; version=1; order=dfs; dups=n");
    assert_standard(case, &answer);
    assert_eq!(answer.blocks(), once, "{case}");

    let case = "GET CAR smoke-test with order=unk of UnixFS Directory";
    let answer = ask("", "application/vnd.ipld.car; version=1; order=unk");
    assert_standard(case, &answer);
    assert_eq!(answer.blocks(), once, "{case}");

    let case = "GET CAR with order=dfs and dups=y of identity CID";
    let identity = "bafkqaf3imvwgy3zaneqgc3janfxgy2lomvscay3jmqfa";
    let answer = gateway.get(format!("/ipfs/{identity}"), &[("Accept", "application/vnd.ipld.car; dups=y")]);
    assert!(answer.header("content-type").contains("dups=y"), "{case}");
    assert_eq!((answer.status, answer.blocks()), (200, Vec::new()), "{case}");

    let case = "GET CAR with Accept and ?format, specific Accept header is prioritized";
    let answer = ask("?format=car", "application/vnd.ipld.car; version=1; order=dfs; dups=y");
    assert_eq!(answer.blocks(), each, "{case}");
}

/// Not a case of the suite, but of the specification's chapter on probes.
#[test]
fn the_probe_is_answered() {
    let gateway = Gateway::new();
    let raw = gateway.get("/ipfs/bafkqaaa?format=raw", &[]);
    assert_eq!((raw.status, raw.body()), (200, &b""[..]));
    let car = gateway.get("/ipfs/bafkqaaa?format=car", &[]);
    // One root, the CID 01 55 00 00 behind the zero of DAG-CBOR links, and no block.
    assert_eq!((car.status, car.body()), (200, &b"\x19\xa2\x65roots\x81\xd8\x2a\x45\0\x01\x55\0\0\x67version\x01"[..]));
    for query in ["raw", "car"] {
        let head = gateway.ask(axum::http::Method::HEAD, &format!("/ipfs/bafkqaaa?format={query}"), &[]);
        assert_eq!((head.status, head.body()), (200, &b""[..]));
    }
}
