//! Looks at a token of a contract that is none of our registries: its metadata, which is looked for where the caller
//! allows it.

use bytes::Bytes;
use modelmark_chain::{Authenticity, Chain, ChainError, TokenRef, erc721_token};
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{CidProfile, ContentId};
use modelmark_record::foreign::{ForeignMetadata, MAX_METADATA_BYTES, StatedDigest, TokenUri};
use modelmark_remote::arweave::{DataItem, ItemId, bound_data};
use modelmark_remote::http::Web;
use modelmark_remote::{Reader, RemoteError};
use modelmark_storage::{FileReader, MAX_BLOCK_BYTES, StorageError, Store};

use super::{GatherError, Gathered, Gathering, Sources, from_place, with_causes};
use crate::evidence::{Evidence, Look};
use crate::foreign::{Binding, ForeignToken, MetadataBytes};

/// Most folders below each other that are followed in a store.
const MAX_STEPS: usize = 16;

/// Reads the token by ERC-721 alone.
pub(super) async fn token(
    sources: &Sources<'_>,
    chain: &Chain,
    token: TokenRef,
    contract: Authenticity,
) -> Result<ForeignToken, ChainError> {
    let found = erc721_token(chain, token).await?;
    let metadata = match &found.uri {
        Ok(uri) => metadata(sources, uri).await,
        Err(reason) => Look::Absent(format!("the contract names no metadata: {reason}")),
    };
    let (owner, block) = (found.owner, found.seen_at.number);
    Ok(ForeignToken { token, contract, owner, block, metadata, models: Vec::new(), version_0: None })
}

/// Finds the metadata of a token of any ERC-721 contract, and the URI that the contract names; whether it speaks of files only [`verify`](crate::verify) says.
///
/// # Errors
/// The contract cannot be asked, or answers like none of ERC-721.
pub async fn foreign_metadata(
    sources: &Sources<'_>,
    chain: &Chain,
    token: TokenRef,
) -> Result<(Option<String>, Look<MetadataBytes>), ChainError> {
    Ok(match erc721_token(chain, token).await?.uri {
        Ok(uri) => {
            let found = metadata(sources, &uri).await;
            (Some(uri), found)
        }
        Err(reason) => (None, Look::Absent(format!("the contract names no metadata: {reason}"))),
    })
}

/// Finds the bytes of the metadata: in the URI, else in what the caller brings, else in the store, else where the caller lets us ask.
async fn metadata(sources: &Sources<'_>, uri: &str) -> Look<MetadataBytes> {
    let uri = match TokenUri::read(uri) {
        Ok(uri) => uri,
        Err(fault) => return Look::Absent(fault.to_string()),
    };
    match (uri, &sources.metadata) {
        (TokenUri::Data(bytes), _) => Look::Found(MetadataBytes { bytes, source: "the token's URI".to_owned(), binding: Binding::InUri }),
        (uri, Some(brought)) => {
            let (bytes, binding) = match &uri {
                TokenUri::Arweave(id) => item(id, &brought.bytes),
                uri => (brought.bytes.clone(), binding(sources.store, uri, &brought.bytes)),
            };
            Look::Found(MetadataBytes { bytes, source: brought.source.clone(), binding })
        }
        (TokenUri::Ipfs { cid, path }, None) => match (in_store(sources.store, cid, &path), sources.remote) {
            (Look::Unreachable(_), Some(remote)) => at_places(remote, cid, &path).await,
            (here, _) => here,
        },
        (TokenUri::Web(url), None) if sources.web.is_some() => from_web(sources.web, &url).await,
        (uri, None) => Look::Unreachable(format!("the metadata is not fetched from {}; bring it along", kind(&uri))),
    }
}

const fn kind(uri: &TokenUri) -> &'static str {
    match uri {
        TokenUri::Arweave(_) => "Arweave",
        _ => "a web server",
    }
}

/// Says what binds bytes that the caller brings.
fn binding(store: &dyn Store, uri: &TokenUri, bytes: &[u8]) -> Binding {
    match uri {
        TokenUri::Ipfs { cid, path } if path.is_empty() => {
            if unixfs::cids_of(bytes).contains(cid) {
                Binding::Cid(*cid)
            } else {
                Binding::Other(*cid)
            }
        }
        TokenUri::Ipfs { cid, path } => match descend(store, *cid, path) {
            Ok(file) if unixfs::cids_of(bytes).contains(&file) => Binding::Folder(*cid),
            Ok(_) => Binding::Other(*cid),
            Err(why) => Binding::Nothing(format!("its URI names the folder {cid}, whose blocks are needed for that ({why})")),
        },
        _ => Binding::Nothing("its URI names a web server, which may answer differently tomorrow".to_owned()),
    }
}

/// Takes the metadata out of an Arweave item that the caller brings, and says whether it is the one of the URI. What is no item is taken as it is.
fn item(id: &str, bytes: &[u8]) -> (Vec<u8>, Binding) {
    let plain = |why: String| (bytes.to_vec(), Binding::Nothing(why));
    let Ok(id) = id.trim_end_matches('/').parse::<ItemId>() else {
        return plain("its URI names no Arweave item alone; a path inside of one is not followed".to_owned());
    };
    let item = Bytes::copy_from_slice(bytes);
    if let Err(error) = DataItem::read(item.clone()) {
        return plain(format!("an Arweave id is checked with the whole item, signature and all, and these bytes are none ({error})"));
    }
    match bound_data(&id, item) {
        Ok(data) => (data.to_vec(), Binding::Item(id)),
        Err(error) => (bytes.to_vec(), Binding::OtherItem(error.to_string())),
    }
}

fn in_store(store: &dyn Store, cid: ContentId, path: &str) -> Look<MetadataBytes> {
    let file = match descend(store, cid, path) {
        Ok(file) => file,
        Err(why) => return Look::Unreachable(format!("the metadata is not at hand ({why}); bring it along")),
    };
    let binding = if path.is_empty() { Binding::Cid(cid) } else { Binding::Folder(cid) };
    match read(store, &file) {
        Ok(bytes) => Look::Found(MetadataBytes { bytes, source: format!("{file} in {}", store.name()), binding }),
        Err(error) => Look::Unreachable(format!("the metadata is not at hand ({}); bring it along", with_causes(&error))),
    }
}

/// Reads the metadata from places beyond this machine, every block held against its CID.
async fn at_places(remote: &Reader, cid: ContentId, path: &str) -> Look<MetadataBytes> {
    let found = async {
        let file = remote.resolve(&cid, path).await?;
        Ok::<_, RemoteError>((file, remote.small(&file, MAX_METADATA_BYTES).await?))
    };
    let binding = if path.is_empty() { Binding::Cid(cid) } else { Binding::Folder(cid) };
    match found.await {
        Ok((file, bytes)) => {
            Look::Found(MetadataBytes { bytes, source: from_place(&format!("{file} from the places that were named")), binding })
        }
        Err(error) => Look::Unreachable(format!("the metadata is not at hand ({}); bring it along", with_causes(&error))),
    }
}

/// Fetches the metadata from the web server that the token's URI names.
async fn from_web(web: Option<&Web>, url: &str) -> Look<MetadataBytes> {
    let Some(web) = web else { return Look::NotAsked };
    // One byte more than is accepted, so that the judge says that it is too long.
    match web.fetch(url, MAX_METADATA_BYTES as u64 + 1).await {
        Ok(fetched) => Look::Found(MetadataBytes {
            bytes: fetched.bytes.into(),
            source: fetched.from.clone(),
            binding: Binding::Mutable(fetched.from),
        }),
        Err(error) => Look::Unreachable(format!("the metadata was not fetched ({}); bring it along", with_causes(&error))),
    }
}

/// Reads one byte more than is accepted, so that the judge says that it is too long.
fn read(store: &dyn Store, file: &ContentId) -> Result<Vec<u8>, StorageError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let reader = FileReader::open(store, file)?;
    let taken = reader.take(MAX_METADATA_BYTES as u64 + 1).read_to_end(&mut bytes);
    taken.map_err(|error| StorageError::Malformed { id: *file, reason: error.to_string() })?;
    Ok(bytes)
}

/// Follows names below a folder whose blocks are in the store.
fn descend(store: &dyn Store, cid: ContentId, path: &str) -> Result<ContentId, String> {
    let mut here = cid;
    for (step, name) in path.split('/').filter(|name| !name.is_empty()).enumerate() {
        if step >= MAX_STEPS {
            return Err(format!("more than {MAX_STEPS} folders below each other"));
        }
        let block = store.get(&here, MAX_BLOCK_BYTES).map_err(|error| with_causes(&error))?;
        let block = block.ok_or_else(|| format!("{here} is not in {}", store.name()))?;
        let node = unixfs::decode(&block).map_err(|error| format!("{here}: {error}"))?;
        let Node::Directory(links) = node else { return Err(format!("{here} is no folder in one block")) };
        here = links.iter().find(|link| link.name == name).map(|link| link.cid).ok_or_else(|| format!("{here} has no {name:?}"))?;
    }
    Ok(here)
}

impl Gathering<'_> {
    /// Makes the digests that the metadata asks for, and judges.
    pub(super) async fn finish_foreign(&mut self, mut token: ForeignToken, mut evidence: Evidence) -> Result<Gathered, GatherError> {
        let stated = token.metadata.found().and_then(|found| ForeignMetadata::read(&found.bytes).ok()).unwrap_or_default().statements;
        let any = |wanted: fn(&StatedDigest) -> bool| stated.iter().any(|statement| wanted(&statement.digest));
        let request = &mut self.files.request;
        let profile = request.profile;
        request.sha256 = true;
        request.keccak256 |= any(|digest| matches!(digest, StatedDigest::Keccak256(_)));
        request.blake3 |= any(|digest| matches!(digest, StatedDigest::Blake3(_)));
        let cids = any(|digest| matches!(digest, StatedDigest::Cid(_)));
        evidence.model = self.files.of(profile).await?;
        if let Some(manifest) = evidence.model.found() {
            token.models.push(manifest.clone());
        }
        if cids && !token.models.is_empty() {
            for other in CidProfile::ALL.into_iter().filter(|other| *other != profile) {
                token.models.extend(self.files.of(other).await?.found().cloned());
            }
            if let Some(manifest) = token.models.first() {
                token.version_0 = self.files.version_0(manifest).await;
            }
        }
        (evidence.code, evidence.surveyed) = self.files.code();
        let left_out = evidence.model.found().map(super::left_out).unwrap_or_default();
        evidence.notes.splice(..0, left_out);
        if self.sources.record.is_some() {
            evidence.notes.push("the record was not looked at: the token is of a contract that is not ours and names none".to_owned());
        }
        evidence.foreign = Some(token);
        Ok(Gathered::of(evidence, self.policy))
    }
}
