//! Blocks: `TestTrustlessRaw`, `TestGatewayBlock` and `TestGatewayBlockMultiRangeRequest` of <https://github.com/ipfs/gateway-conformance>, each case
//! under its own name, over content made here.

use crate::fixture::{ASCII, Answer, Gateway};

const RAW: (&str, &str) = ("Accept", "application/vnd.ipld.raw");

/// What the suite asks of the caching headers of an immutable answer.
pub(crate) fn assert_cached_forever(case: &str, answer: &Answer) {
    let directives: Vec<&str> = answer.header("cache-control").split(',').map(str::trim).collect();
    assert!(directives.contains(&"public") && directives.contains(&"immutable"), "{case}: {directives:?}");
    let age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
    assert!(age.unwrap().parse::<u64>().unwrap() >= 29_030_400, "{case}");
    assert!(!answer.header("etag").is_empty(), "{case}");
}

#[test]
fn test_trustless_raw() {
    let gateway = Gateway::new();
    let mixed = gateway.mixed();
    let (dir, ascii) = (format!("/ipfs/{}", mixed.subdir), format!("/ipfs/{}", mixed.ascii));

    let case = "GET with format=raw param returns a raw block";
    let answer = gateway.get(format!("{dir}?format=raw"), &[]);
    assert_eq!((answer.status, answer.body()), (200, gateway.block(&mixed.subdir).as_slice()), "{case}");

    let case = "GET with application/vnd.ipld.raw header returns a raw block";
    let answer = gateway.get(&dir, &[RAW]);
    assert_eq!((answer.status, answer.body()), (200, gateway.block(&mixed.subdir).as_slice()), "{case}");
    assert_eq!(answer.header("content-location"), format!("{dir}?format=raw"));

    let case = "GET with application/vnd.ipld.raw header returns expected response headers";
    let answer = gateway.get(&ascii, &[RAW]);
    assert_eq!((answer.status, answer.body()), (200, ASCII), "{case}");
    assert_eq!(answer.header("content-type"), "application/vnd.ipld.raw", "{case}");
    assert_eq!(answer.header("content-length"), ASCII.len().to_string(), "{case}");
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{}.bin\"", mixed.ascii), "{case}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{case}");

    let case =
        "GET with application/vnd.ipld.raw header and filename param returns expected Content-Disposition header with custom filename";
    let answer = gateway.get(format!("{ascii}?filename=foobar.bin"), &[RAW]);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"foobar.bin\"", "{case}");

    let case = "GET with application/vnd.ipld.raw header returns expected caching headers";
    let answer = gateway.get(&ascii, &[RAW]);
    assert_cached_forever(case, &answer);
    assert_eq!(answer.header("x-ipfs-path"), ascii, "{case}");
    assert_eq!(answer.header("x-ipfs-roots"), mixed.ascii.to_string(), "{case}");
}

#[test]
fn test_gateway_block() {
    let gateway = Gateway::new();
    let mixed = gateway.mixed();
    let root = format!("/ipfs/{}", mixed.root);
    let block = gateway.block(&mixed.subdir);

    let case = "GET with format=raw param returns a raw block";
    assert_eq!(gateway.get(format!("{root}/subdir?format=raw"), &[]).body(), block, "{case}");

    let case = "GET with application/vnd.ipld.raw with single range request includes correct bytes";
    let answer = gateway.get(format!("{root}/subdir"), &[RAW, ("Range", "bytes=6-16")]);
    assert_eq!((answer.status, answer.body()), (206, &block[6..17]), "{case}");
    assert_eq!(answer.header("content-type"), "application/vnd.ipld.raw", "{case}");
    assert_eq!(answer.header("content-range"), format!("bytes 6-16/{}", block.len()), "{case}");

    let case = "GET with application/vnd.ipld.raw header returns expected caching headers";
    let answer = gateway.get(format!("{root}/subdir/ascii.txt"), &[RAW]);
    assert_cached_forever(case, &answer);
    assert_eq!(answer.header("x-ipfs-path"), format!("{root}/subdir/ascii.txt"), "{case}");
    assert_eq!(answer.header("x-ipfs-roots"), format!("{},{},{}", mixed.root, mixed.subdir, mixed.ascii), "{case}");
    assert_eq!(answer.body(), ASCII);
}

#[test]
fn test_gateway_block_multi_range_request() {
    let gateway = Gateway::new();
    let root = gateway.mixed().root;
    let case = "GET with application/vnd.ipld.raw with multiple range request includes correct bytes";
    let answer = gateway.get(format!("/ipfs/{root}/subdir/ascii.txt"), &[RAW, ("Range", "bytes=6-16,0-4")]);
    // Of several ranges the first: what the suite calls a server that supports single ranges only.
    assert_eq!((answer.status, answer.body()), (206, &ASCII[6..17]), "{case}");
    assert_eq!(answer.header("content-type"), "application/vnd.ipld.raw", "{case}");
    assert_eq!(answer.header("content-range"), "bytes 6-16/31", "{case}");
}
