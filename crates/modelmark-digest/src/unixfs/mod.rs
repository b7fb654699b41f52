//! UnixFS: how files and directories become content ids, exactly as `ipfs add -r --cid-version 1 --raw-leaves` (Kubo) makes them.
//!
//! A file is cut into leaves; leaves are raw blocks. More than one leaf hangs under dag-pb nodes in a balanced tree. How long a leaf is and how
//! many links a node has is for the [profile](crate::CidProfile) to say. A directory is one dag-pb node with its links sorted by name, or, when it
//! passes [`SHARD_THRESHOLD`], a HAMT of such nodes. The encoder is written by hand because these bytes *are* the fingerprint: nothing else may
//! decide them.

mod decode;
mod directory;
mod elsewhere;
mod encode;
mod file;
mod folder;
mod murmur3;
mod node;
mod shape;
mod shard;
mod wire;

pub use decode::{MAX_NODE_BYTES, NodeError, decode};
pub use directory::{DirectoryError, SHARD_THRESHOLD, directory};
pub use elsewhere::{cid_of_version_0, cids_of};
pub use encode::encode;
pub use file::FileTree;
pub use folder::Folder;
pub use node::{Dag, Entry, Link, Node, NodeSink, Part};
pub use shape::file_dag;
