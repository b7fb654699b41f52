//! The directories of a model that hold nothing: a record does not list them, and they are part of its CID.

use std::collections::HashSet;

use modelmark_digest::unixfs::{self, Folder, Node, file_dag};
use modelmark_digest::{CidProfile, Codec, ContentId, MAX_DEPTH, MAX_ENTRIES, ModelPath};

use super::{FetchError, WantedFile};
use crate::Reader;

/// Returns the empty directories of the model, whose `files` are all that its record lists.
///
/// Without any, nothing is asked: the CID follows from the files. Else the directory's nodes are, and have to name the same files.
///
/// # Errors
/// [`FetchError::Untrue`] when the model's CID is not that of its files, and when a place fails.
pub async fn empty_folders(
    reader: &Reader,
    profile: CidProfile,
    model: &ContentId,
    files: &[WantedFile],
) -> Result<Vec<ModelPath>, FetchError> {
    let untrue = |reason: String| FetchError::Untrue { path: model.to_string(), reason };
    let mut folder = Folder::new(profile);
    for file in files {
        folder.add_file(&file.path, &file_dag(profile, file.cid, file.size));
    }
    let listed = folder.finish(&mut |_, _| {}).map_err(|error| untrue(error.to_string()))?;
    if listed.cid == *model {
        return Ok(Vec::new());
    }
    let mut tree = Tree { files: Vec::new(), empty: Vec::new() };
    let known: HashSet<ContentId> = files.iter().map(|file| file.cid).collect();
    walk(reader, *model, &known, &mut tree).await?;
    tree.files.sort();
    let same =
        tree.files.len() == files.len() && tree.files.iter().zip(files).all(|((path, cid), file)| *path == file.path && *cid == file.cid);
    if same { Ok(tree.empty) } else { Err(untrue("the files below it are not those that the record lists".to_owned())) }
}

struct Tree {
    files: Vec<(ModelPath, ContentId)>,
    empty: Vec<ModelPath>,
}

/// Follows the nodes of directories, and of their shards. A link to something that is no directory is a file; the `known` ones are, without a look.
async fn walk(reader: &Reader, root: ContentId, known: &HashSet<ContentId>, tree: &mut Tree) -> Result<(), FetchError> {
    let too_much = || FetchError::Untrue { path: root.to_string(), reason: "it holds more than a model can".to_owned() };
    // A node, the path of its directory, and whether it is one of several of that directory.
    let mut ahead = vec![(root, String::new(), false)];
    let mut seen = 0;
    while let Some((id, path, shard)) = ahead.pop() {
        seen += 1;
        if seen > 2 * MAX_ENTRIES || path.split('/').count() > MAX_DEPTH + 1 || ahead.len() > MAX_ENTRIES {
            return Err(too_much());
        }
        let node = match id.codec() {
            _ if known.contains(&id) => None,
            Codec::Raw => None,
            Codec::DagPb => {
                let block = reader.block(&id).await?;
                let node = unixfs::decode(block.bytes());
                Some(node.map_err(|error| FetchError::Untrue { path: id.to_string(), reason: error.to_string() })?)
            }
        };
        let named = |name: &str| {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            ModelPath::try_from(path).map_err(|error| FetchError::Untrue { path: id.to_string(), reason: error.to_string() })
        };
        match node {
            None | Some(Node::File(_)) => {
                let path =
                    ModelPath::try_from(path).map_err(|error| FetchError::Untrue { path: id.to_string(), reason: error.to_string() })?;
                tree.files.push((path, id));
            }
            Some(Node::Directory(links)) => {
                if links.is_empty() && !shard && !path.is_empty() {
                    tree.empty.push(
                        ModelPath::try_from(path.clone())
                            .map_err(|error| FetchError::Untrue { path: id.to_string(), reason: error.to_string() })?,
                    );
                }
                for link in links {
                    ahead.push((link.cid, named(&link.name)?.as_str().to_owned(), false));
                }
            }
            Some(Node::Shard(links)) => {
                for link in links {
                    match link.name.get(2..).unwrap_or_default() {
                        "" => ahead.push((link.cid, path.clone(), true)),
                        name => ahead.push((link.cid, named(name)?.as_str().to_owned(), false)),
                    }
                }
            }
        }
    }
    Ok(())
}
