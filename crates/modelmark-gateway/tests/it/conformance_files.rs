//! Files, caching, addresses and other origins: `TestGatewayCache`, `TestGatewayUnixFSFileRanges`, `TestPathGatewayMiscellaneous`, `TestGatewayIpfsUri…`
//! and `TestCors` of <https://github.com/ipfs/gateway-conformance>, each case under its own name, over content made here.
//!
//! Left out are the cases on what this gateway does not serve: listings of directories, IPNS, symbolic links, conversions to JSON.

use axum::http::Method;

use crate::conformance_raw::assert_cached_forever;
use crate::fixture::{ASCII, Gateway};

#[test]
fn test_gateway_cache() {
    let gateway = Gateway::new();
    let page = gateway.raw(b"<!doctype html>hello");
    let root = gateway.folder(&[("root2/root3/root4/index.html", page)]);
    let down = |id| gateway.children(&id)[0];
    let (two, three) = (down(root), down(down(root)));
    let four = down(three);
    let file = format!("/ipfs/{root}/root2/root3/root4/index.html");

    let case = "GET for /ipfs/ unixfs dir with index.html succeeds";
    let answer = gateway.get(format!("/ipfs/{root}/root2/root3/root4/"), &[]);
    assert_eq!((answer.status, answer.text()), (200, "<!doctype html>hello"), "{case}");
    assert_eq!(answer.header("cache-control"), "public, max-age=29030400, immutable", "{case}");
    assert_eq!(answer.header("x-ipfs-path"), format!("/ipfs/{root}/root2/root3/root4/"), "{case}");
    assert_eq!(answer.header("x-ipfs-roots"), format!("{root},{two},{three},{four}"), "{case}");
    assert_eq!(answer.header("etag"), format!("\"{four}\""), "{case}");

    let case = "GET for /ipfs/ unixfs file succeeds";
    let answer = gateway.get(&file, &[]);
    assert_cached_forever(case, &answer);
    assert_eq!(answer.header("x-ipfs-path"), file, "{case}");
    assert_eq!(answer.header("x-ipfs-roots"), format!("{root},{two},{three},{four},{}", page.cid), "{case}");
    assert_eq!(answer.header("etag"), format!("\"{}\"", page.cid), "{case}");

    let elsewhere = "/ipfs/QmYzfKSE55XCjD1MW128RfciAf2DViABhEiXfgVFMabSjN";
    for method in [Method::HEAD, Method::GET] {
        let case = "HEAD and GET for /ipfs/ with only-if-cached succeeds when in local datastore";
        assert_eq!(gateway.ask(method.clone(), &file, &[("Cache-Control", "only-if-cached")]).status, 200, "{case}");
        let case = "HEAD and GET for /ipfs/ with only-if-cached fails when not in local datastore";
        assert_eq!(gateway.ask(method, elsewhere, &[("Cache-Control", "only-if-cached")]).status, 412, "{case}");
    }

    let dir = format!("/ipfs/{root}/root2/root3/root4/");
    for (case, path, tag) in [
        ("GET for /ipfs/ file with matching Etag in If-None-Match returns 304 Not Modified", &file, format!("\"{}\"", page.cid)),
        (
            "GET for /ipfs/ dir with index.html file with matching Etag in If-None-Match returns 304 Not Modified",
            &dir,
            format!("\"{four}\""),
        ),
        (
            "GET for /ipfs/ file with matching third Etag in If-None-Match returns 304 Not Modified",
            &file,
            format!("\"fakeEtag1\", \"fakeEtag2\", \"{}\"", page.cid),
        ),
        ("GET for /ipfs/ file with matching weak Etag in If-None-Match returns 304 Not Modified", &file, format!("W/\"{}\"", page.cid)),
        ("GET for /ipfs/ file with wildcard Etag in If-None-Match returns 304 Not Modified", &file, "*".to_owned()),
    ] {
        let answer = gateway.get(path, &[("If-None-Match", &tag)]);
        assert_eq!((answer.status, answer.body().len()), (304, 0), "{case}");
        assert_cached_forever(case, &answer);
    }
    let other_form = gateway.get(format!("{file}?format=raw"), &[("If-None-Match", &format!("\"{}\"", page.cid))]);
    assert_eq!(other_form.status, 200, "the tag of a file is not the tag of its block");
}

#[test]
fn test_gateway_unixfs_file_ranges() {
    let gateway = Gateway::new();
    let root = gateway.folder(&[("ascii.txt", gateway.raw(ASCII))]);
    let ascii = format!("/ipfs/{root}/ascii.txt");
    for (case, range, told, bytes) in [
        ("GET for /ipfs/ file with single range request includes correct bytes", "bytes=6-16", "bytes 6-16/31", &ASCII[6..17]),
        (
            "GET for /ipfs/ file with suffix range request includes correct bytes from the end of file",
            "bytes=-3",
            "bytes 28-30/31",
            &ASCII[28..],
        ),
        (
            "GET for /ipfs/ file with multiple range request returns correct bytes for the first range",
            "bytes=6-16,0-4",
            "bytes 6-16/31",
            &ASCII[6..17],
        ),
    ] {
        let answer = gateway.get(&ascii, &[("Range", range)]);
        assert_eq!((answer.status, answer.body()), (206, bytes), "{case}");
        assert!(answer.header("content-type").contains("text/plain"), "{case}");
        assert_eq!(answer.header("content-range"), told, "{case}");
        assert_eq!(answer.header("content-length"), bytes.len().to_string(), "{case}");
    }

    let bytes: Vec<u8> = (0..3072_u32).map(|n| (n / 1024) as u8 + b'a').collect();
    let lacking = gateway.file(&bytes, 1024, &[1]).cid;
    let case = "GET Range of file succeeds even if the gateway is missing a block AFTER the requested range";
    let answer = gateway.get(format!("/ipfs/{lacking}"), &[("Range", "bytes=997-1000")]);
    assert_eq!((answer.status, answer.text(), answer.header("content-range")), (206, "aaaa", "bytes 997-1000/3072"), "{case}");
    assert!(answer.header("content-type").contains("text/plain"), "{case}");

    let case = "GET Range of file succeeds even if the gateway is missing a block BEFORE the requested range";
    let answer = gateway.get(format!("/ipfs/{lacking}"), &[("Range", "bytes=2200-2201")]);
    assert_eq!((answer.status, answer.text(), answer.header("content-range")), (206, "cc", "bytes 2200-2201/3072"), "{case}");
    assert!(answer.header("content-type").contains("text/plain"), "{case}");

    // The suite has these as wishes.
    assert_eq!(gateway.get(format!("/ipfs/{lacking}"), &[("Range", "bytes=1024-1030")]).status, 404, "the range itself is missing");
    let broken = gateway.get(format!("/ipfs/{lacking}"), &[]);
    assert!(broken.status == 200 && broken.whole.is_none(), "an answer that cannot be completed is broken off");
    let lacking_first = gateway.file(&bytes, 1024, &[0]).cid;
    assert_eq!(gateway.get(format!("/ipfs/{lacking_first}"), &[("Range", "bytes=2200-2201")]).text(), "cc");
}

#[test]
fn test_path_gateway_miscellaneous() {
    let gateway = Gateway::new();
    let root = gateway.folder(&[("Portugal%2C+España=Peninsula Ibérica.txt", gateway.raw(b"hello"))]);
    let case = "GET for /ipfs/ file whose filename contains percentage-encoded characters works";
    let answer = gateway.get(format!("/ipfs/{root}/Portugal%252C+Espa%C3%B1a=Peninsula%20Ib%C3%A9rica.txt"), &[]);
    assert_eq!(answer.text(), "hello", "{case}");
}

#[test]
fn test_gateway_ipfs_uri() {
    let gateway = Gateway::new();
    let file = |text: &str| gateway.raw(text.as_bytes());
    let root = gateway.folder(&[
        ("plain.txt", file("plain")),
        ("a#b?c.txt", file("delimiters")),
        ("emoji🚀.txt", file("emoji")),
        ("sub dir/file!'()*~.txt", file("sub-delims")),
        ("sub dir/index.html", file("index")),
        ("a/b.txt", file("nested")),
    ]);
    let plain = file("plain").cid;
    let version_0 = cid_version_0(&root.to_string());
    for (case, path, uri) in [
        ("GET for bare /ipfs/cid returns Ipfs-Uri without any path", plain.to_string(), plain.to_string()),
        (
            "GET for nested /ipfs/ directory with trailing slash returns Ipfs-Uri with encoded segment and trailing slash",
            format!("{root}/sub%20dir/"),
            format!("{root}/sub%20dir/"),
        ),
        (
            "GET for /ipfs/ file with sub-delims in the name returns Ipfs-Uri with every byte outside unreserved encoded",
            format!("{root}/sub%20dir/file!'()*~.txt"),
            format!("{root}/sub%20dir/file%21%27%28%29%2A~.txt"),
        ),
        (
            "GET for /ipfs/ file with encoded slash and dot segments in request path returns Ipfs-Uri with the resolved path",
            format!("{root}/a%2F..%2Fplain%2Etxt"),
            format!("{root}/plain.txt"),
        ),
        (
            "GET for /ipfs/ nested file via %2F returns the nested file, never the link with / in its name",
            format!("{root}/a%2Fb.txt"),
            format!("{root}/a/b.txt"),
        ),
        (
            "GET for /ipfs/ file with URI delimiters in the name returns encoded Ipfs-Uri and sane X-Ipfs-Path",
            format!("{root}/a%23b%3Fc.txt"),
            format!("{root}/a%23b%3Fc.txt"),
        ),
        (
            "GET for /ipfs/ file with non-ASCII name returns percent-encoded Ipfs-Uri and no X-Ipfs-Path",
            format!("{root}/emoji%F0%9F%9A%80.txt"),
            format!("{root}/emoji%F0%9F%9A%80.txt"),
        ),
        (
            "GET for /ipfs/ with CIDv0 returns Ipfs-Uri with CID normalized to base32 CIDv1",
            format!("{version_0}/plain.txt"),
            format!("{root}/plain.txt"),
        ),
    ] {
        let answer = gateway.get(format!("/ipfs/{path}?filename=download.txt"), &[]);
        assert_eq!((answer.status, answer.header("ipfs-uri")), (200, format!("ipfs://{uri}").as_str()), "{case}");
        let legacy = answer.header("x-ipfs-path");
        assert_eq!(legacy.is_empty(), path.contains("emoji"), "{case}");
        assert!(!path.contains("%23") || legacy == format!("/ipfs/{root}/a#b?c.txt"), "{case}: {legacy}");
    }

    let case = "GET for /ipfs/ directory without trailing slash returns redirect with Ipfs-Uri";
    let answer = gateway.get(format!("/ipfs/{root}"), &[]);
    assert_eq!((answer.status, answer.header("location")), (301, format!("/ipfs/{root}/").as_str()), "{case}");
    assert_eq!(answer.header("ipfs-uri"), format!("ipfs://{root}"), "{case}");
}

/// The version 0 spelling of a dag-pb CID: base58 of its multihash, by long division.
fn cid_version_0(cid: &str) -> String {
    let cid = cid::Cid::try_from(cid).unwrap();
    cid::Cid::new_v0(*cid.hash()).unwrap().to_string()
}

#[test]
fn test_cors() {
    let gateway = Gateway::new();
    // hello, in the CID itself.
    for (method, case) in [
        (
            Method::GET,
            "GET Responses from Gateway should include CORS headers allowing JS from other origins to read the data cross-origin.",
        ),
        (Method::OPTIONS, "OPTIONS to Gateway succeeds"),
    ] {
        let answer = gateway.ask(method, "/ipfs/bafkqabtimvwgy3yk/", &[]);
        assert!(answer.status < 300, "{case}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{case}");
        for (header, wanted) in [
            ("access-control-allow-methods", &["GET", "HEAD", "OPTIONS"][..]),
            ("access-control-allow-headers", &["Content-Type", "Range", "User-Agent", "X-Requested-With"]),
            (
                "access-control-expose-headers",
                &["Content-Range", "Content-Length", "X-Ipfs-Roots", "X-Chunked-Output", "X-Stream-Output", "Ipfs-Uri"],
            ),
        ] {
            let given: Vec<&str> = answer.header(header).split(", ").collect();
            assert!(wanted.iter().all(|name| given.contains(name)), "{case}: {given:?}");
        }
    }
    assert_eq!(gateway.get("/ipfs/bafkqabtimvwgy3yk/", &[]).text(), "hello\n");
}
