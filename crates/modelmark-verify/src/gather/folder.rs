//! A CID that is a model's folder: which files hang below it, so that a token can be looked for by the weights among them.

use modelmark_digest::unixfs::{self, Dag, Node};
use modelmark_digest::{CidProfile, Codec, ContentId, ModelPath, weights_of_listed};
use modelmark_remote::Reader;
use modelmark_storage::{MAX_BLOCK_BYTES, Store};

use super::with_causes;

/// How many blocks are looked at to tell the files of a folder: one for each folder, and the first of each file of more than one block.
const MAX_BLOCKS: usize = 4_096;
/// How many names the folders may have together.
const MAX_LINKS: usize = 200_000;
/// How many folders may lie below each other.
const MAX_DEPTH: usize = 32;
/// How many shards of one folder may lie below each other.
const MAX_SHARDS: usize = 8;

/// What a CID is, as far as its block is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rooted {
    /// A folder with weights that have one of these CIDs: of which, its profile decides.
    Folder(Vec<ContentId>),
    /// A folder whose weights cannot be told; the text says why.
    Unclear(String),
    /// A file.
    File,
}

/// Looks what a CID is, in the store and at the places. Every block is held against its CID.
///
/// # Errors
/// The block is not at hand, or one that it takes to tell; the text says which.
pub async fn rooted(store: &dyn Store, remote: Option<&Reader>, root: ContentId) -> Result<Rooted, String> {
    if root.codec() == Codec::Raw {
        return Ok(Rooted::File);
    }
    let mut blocks = Blocks { store, remote, root, blocks: MAX_BLOCKS, links: MAX_LINKS };
    let (mut ahead, mut files) = (Vec::new(), Vec::new());
    match blocks.node(root).await? {
        Node::File(_) => return Ok(Rooted::File),
        folder => ahead.push((String::new(), folder, 0, 0)),
    }
    while let Some((path, folder, depth, shards)) = ahead.pop() {
        let (links, prefix) = match folder {
            Node::File(_) => continue,
            Node::Directory(links) => (links, 0),
            Node::Shard(links) => (links, 2),
        };
        for link in links {
            let Some(name) = link.name.get(prefix..) else { return Ok(Rooted::Unclear("a shard of a folder is malformed".to_owned())) };
            if prefix > 0 && name.is_empty() {
                if shards >= MAX_SHARDS {
                    return Ok(Rooted::Unclear(format!("more than {MAX_SHARDS} shards of a folder lie below each other")));
                }
                ahead.push((path.clone(), blocks.node(link.cid).await?, depth, shards + 1));
                continue;
            }
            let below = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            let Ok(file) = ModelPath::try_from(below.as_str()) else {
                return Ok(Rooted::Unclear(format!("{below:?} is no path of a model")));
            };
            let node = if link.cid.codec() == Codec::Raw { None } else { Some(blocks.node(link.cid).await?) };
            match node {
                None | Some(Node::File(_)) => files.push((file, Dag { cid: link.cid, size: 0, tsize: link.tsize })),
                Some(_) if depth >= MAX_DEPTH => return Ok(Rooted::Unclear(format!("more than {MAX_DEPTH} folders lie below each other"))),
                Some(folder) => ahead.push((below, folder, depth + 1, 0)),
            }
        }
    }
    Ok(weights(root, &files))
}

fn weights(root: ContentId, files: &[(ModelPath, Dag)]) -> Rooted {
    let mut found = Vec::new();
    for profile in CidProfile::ALL {
        match weights_of_listed(profile, root, files) {
            Ok(Some(cid)) if !found.contains(&cid) => found.push(cid),
            Ok(Some(_)) => {}
            Ok(None) => return Rooted::Unclear("which of its files are the weights stands in the files, not in their names".to_owned()),
            Err(error) => return Rooted::Unclear(error.to_string()),
        }
    }
    Rooted::Folder(found)
}

/// Where blocks come from, and how many more.
struct Blocks<'b> {
    store: &'b dyn Store,
    remote: Option<&'b Reader>,
    root: ContentId,
    blocks: usize,
    links: usize,
}

impl Blocks<'_> {
    async fn node(&mut self, id: ContentId) -> Result<Node, String> {
        self.blocks =
            self.blocks.checked_sub(1).ok_or_else(|| format!("it has more than {MAX_BLOCKS} folders and files of several blocks"))?;
        let here = self.store.get(&id, MAX_BLOCK_BYTES).map_err(|error| with_causes(&error))?;
        let block = match (here, self.remote) {
            (Some(block), _) => block,
            (None, Some(remote)) => remote.block_below(&self.root, &id).await.map_err(|error| with_causes(&error))?.into_bytes(),
            (None, None) => return Err(format!("the block {id} is not in {}, and no place is named that may have it", self.store.name())),
        };
        let node = unixfs::decode(&block).map_err(|error| format!("{id} is no file or folder: {error}"))?;
        if let Node::Directory(links) | Node::Shard(links) = &node {
            self.links = self.links.checked_sub(links.len()).ok_or_else(|| format!("its folders have more than {MAX_LINKS} names"))?;
        }
        Ok(node)
    }
}
