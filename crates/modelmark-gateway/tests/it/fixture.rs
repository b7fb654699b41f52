//! A gateway over the content that the conformance suite's fixtures hold, made anew, and clients that take its answers apart.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use modelmark_digest::unixfs::{self, Dag, FileTree, Folder};
use modelmark_digest::{CidProfile, Codec, ContentId};
use modelmark_gateway::{Settings, router};
use modelmark_storage::{Block, MemoryStore, Store};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

pub(crate) const ASCII: &[u8] = b"hello application/vnd.ipld.raw\n";

pub(crate) struct Gateway {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) router: Router,
    pub(crate) runtime: Runtime,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// None when it was broken off.
    pub(crate) whole: Option<Vec<u8>>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.whole.as_deref().unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.body()).unwrap()
    }

    /// The blocks of the CAR in the body, each held against its CID.
    pub(crate) fn blocks(&self) -> Vec<ContentId> {
        let mut rest = self.body();
        let header = section(&mut rest);
        assert!(header.ends_with(b"\x67version\x01"), "{header:?}");
        let mut blocks = Vec::new();
        while !rest.is_empty() {
            let (id, bytes) = section(&mut rest).split_at(36);
            let id = ContentId::try_from(id).unwrap();
            assert!(id.verify(bytes));
            blocks.push(id);
        }
        blocks
    }
}

fn section<'b>(rest: &mut &'b [u8]) -> &'b [u8] {
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = rest[0];
        *rest = &rest[1..];
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let (section, after) = rest.split_at(length);
    *rest = after;
    section
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::new());
        Self { router: router(store.clone(), settings), store, runtime: Runtime::new().unwrap() }
    }

    pub(crate) fn ask(&self, method: Method, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let (head, body) = response.into_parts();
            let whole = to_bytes(body, 64 << 20).await.ok().map(Into::into);
            Answer { status: head.status.as_u16(), headers: head.headers, whole }
        })
    }

    pub(crate) fn get(&self, uri: impl AsRef<str>, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, uri.as_ref(), headers)
    }

    pub(crate) fn raw(&self, bytes: &[u8]) -> Dag {
        let cid = self.store.put(Codec::Raw, bytes).unwrap();
        Dag { cid, size: bytes.len() as u64, tsize: bytes.len() as u64 }
    }

    /// A file of leaves of `leaf` bytes, of which those numbered in `missing` are not kept.
    pub(crate) fn file(&self, bytes: &[u8], leaf: usize, missing: &[usize]) -> Dag {
        let mut tree = FileTree::default();
        let mut sink = |_: &ContentId, block: &[u8]| self.keep(block);
        for (n, leaf) in bytes.chunks(leaf).enumerate() {
            if !missing.contains(&n) {
                self.store.put(Codec::Raw, leaf).unwrap();
            }
            tree.push(ContentId::raw(leaf), leaf.len() as u64, &mut sink);
        }
        tree.finish(&mut sink)
    }

    pub(crate) fn folder(&self, files: &[(&str, Dag)]) -> ContentId {
        let mut folder = Folder::new(CidProfile::default());
        for (path, file) in files {
            folder.add_file(&(*path).try_into().unwrap(), file);
        }
        folder.finish(&mut |_: &ContentId, block: &[u8]| self.keep(block)).unwrap().cid
    }

    fn keep(&self, block: &[u8]) {
        self.store.put_all(&[Block::new(Codec::DagPb, block.to_vec()).unwrap()]).unwrap();
    }

    pub(crate) fn block(&self, id: &ContentId) -> Vec<u8> {
        self.store.get(id, 2 << 20).unwrap().unwrap()
    }

    /// The ids that a node links to.
    pub(crate) fn children(&self, id: &ContentId) -> Vec<ContentId> {
        unixfs::decode(&self.block(id)).unwrap().children().collect()
    }

    /// `subdir/{ascii.txt, hello.txt, multiblock.txt}`, the last in four leaves of 256 bytes and one of two.
    pub(crate) fn mixed(&self) -> Mixed {
        let (ascii, hello) = (self.raw(ASCII), self.raw(b"hello world\n"));
        let multiblock = self.file(&multiblock(), 256, &[]);
        let root = self.folder(&[("subdir/ascii.txt", ascii), ("subdir/hello.txt", hello), ("subdir/multiblock.txt", multiblock)]);
        let subdir = self.children(&root)[0];
        Mixed { root, subdir, ascii: ascii.cid, hello: hello.cid, multiblock: multiblock.cid, leaves: self.children(&multiblock.cid) }
    }

    /// A sharded directory of files of two blocks and a node each, `0.txt` and so on, with names long enough.
    pub(crate) fn sharded(&self) -> (ContentId, Vec<ContentId>) {
        let files: Vec<(String, Dag)> = (0..4_500).map(|n| (sharded_name(n), self.file(format!("{n:>8}").as_bytes(), 4, &[]))).collect();
        let named: Vec<(&str, Dag)> = files.iter().map(|(name, file)| (name.as_str(), *file)).collect();
        (self.folder(&named), files.iter().map(|(_, file)| file.cid).collect())
    }
}

pub(crate) fn sharded_name(n: usize) -> String {
    format!("{n}-of-many-in-one-directory.txt")
}

pub(crate) fn multiblock() -> Vec<u8> {
    (0..1026_u32).map(|n| b'a' + (n * n / 7 % 26) as u8).collect()
}

pub(crate) struct Mixed {
    pub(crate) root: ContentId,
    pub(crate) subdir: ContentId,
    pub(crate) ascii: ContentId,
    pub(crate) hello: ContentId,
    pub(crate) multiblock: ContentId,
    pub(crate) leaves: Vec<ContentId>,
}
