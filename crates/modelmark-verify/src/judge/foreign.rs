//! Judges what others made: metadata of a token of any contract against the local files, and a signature of OpenSSF model signing.
//!
//! No digest of a foreign record says who made it: that a check passes here means that the bytes are the ones it speaks of, and nothing else.

use modelmark_chain::Authenticity;
use modelmark_digest::{ContentId, FileEntry, Manifest, ManifestKind};
use modelmark_record::foreign::{ForeignMetadata, StatedDigest, Statement, Subject};

use super::{check, holds, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::foreign::{Binding, ForeignToken, MetadataBytes, OmsEvidence};
use crate::{Check, Code, Policy, Scope, Status};

const CODES: [Code; 4] = [Code::ForeignMetadata, Code::ForeignBound, Code::ForeignDigest, Code::ForeignWeights];

pub(super) fn checks(evidence: &Evidence, policy: &Policy) -> Vec<Check> {
    let mut checks = match &evidence.foreign {
        None => CODES.map(|code| check(code, Status::Skipped, "no token of a contract that is not ours was named")).into(),
        Some(token) => of(token, evidence, policy),
    };
    checks.push(oms(&evidence.oms));
    checks
}

/// The checks of the token itself, in place of those of a registry's.
pub(super) fn token_checks(token: &ForeignToken) -> Vec<Check> {
    let contract = match &token.contract {
        Authenticity::Proxy { target } => {
            format!("the contract is not a modelmark registry but a proxy to {target}, whose keeper may change all that it says")
        }
        _ => "the contract is not a modelmark registry; whether it may change what it says of the token is not known".to_owned(),
    };
    let exists =
        format!("the token exists in a contract that is not ours, and is owned by {} (seen at block {})", token.owner, token.block);
    vec![
        check(Code::TokenExists, Status::Pass, exists),
        check(Code::TokenId, Status::Skipped, "ids of foreign contracts bind nothing"),
        check(Code::ContractAuthentic, Status::Skipped, contract),
    ]
}

fn of(token: &ForeignToken, evidence: &Evidence, policy: &Policy) -> Vec<Check> {
    let found = match &token.metadata {
        Look::Found(found) => found,
        Look::Absent(why) => return only(Status::Fail, why),
        Look::Unreachable(why) => return only(Status::Unknown, why),
        Look::NotAsked => return only(Status::Unknown, "nobody looked for the metadata"),
    };
    let bound = bound(found, policy);
    if bound.status == Status::Fail {
        let mut checks = only(Status::Fail, "what was found is not the metadata that the token names");
        checks.splice(1..2, [bound]);
        return checks;
    }
    let metadata = match ForeignMetadata::read(&found.bytes) {
        Ok(metadata) => metadata,
        Err(fault) => {
            let mut checks = only(Status::Fail, &fault.to_string());
            checks.splice(1..2, [bound]);
            return checks;
        }
    };
    let read = check(Code::ForeignMetadata, Status::Pass, format!("metadata found: {}", found.source));
    let places: Vec<&str> = metadata.statements.iter().map(|statement| statement.place.as_str()).collect();
    let (digest, weights) = if metadata.faults.is_empty() {
        let stated = format!("stated without a second reading: {}", places.join(", "));
        (check(Code::ForeignDigest, Status::Pass, stated), weights(token, &metadata.statements, evidence))
    } else {
        let faults = metadata.faults.iter().map(ToString::to_string).collect();
        let refused = listed(Code::ForeignDigest, "the metadata does not say one clear thing about the model's bytes".to_owned(), faults);
        (refused, check(Code::ForeignWeights, Status::Skipped, "there is nothing to compare the files with"))
    };
    vec![read, bound, digest, weights]
}

fn only(status: Status, why: &str) -> Vec<Check> {
    let mut checks = vec![relayed(Code::ForeignMetadata, status, why)];
    checks.extend(CODES.into_iter().skip(1).map(|code| check(code, Status::Skipped, "there is no metadata to look at")));
    checks
}

fn bound(found: &MetadataBytes, policy: &Policy) -> Check {
    let code = Code::ForeignBound;
    match &found.binding {
        Binding::InUri => check(code, Status::Pass, "the metadata stands in the token's URI, on chain"),
        Binding::Cid(cid) => check(code, Status::Pass, format!("the metadata has the CID of the token's URI, {cid}")),
        Binding::Folder(cid) => check(code, Status::Pass, format!("the metadata lies below the CID of the token's URI, {cid}")),
        Binding::Other(cid) => check(code, Status::Fail, format!("the bytes are not those of the CID in the token's URI, {cid}")),
        Binding::Item(id) => {
            check(code, Status::Pass, format!("the metadata are the signed data of the Arweave item in the token's URI, {id}"))
        }
        Binding::OtherItem(why) => check(code, Status::Fail, format!("the item is not that of the token's URI: {why}")),
        Binding::Mutable(from) => {
            let what = format!("MUTABLE: nothing binds the metadata to the token, {from} may answer differently tomorrow");
            if policy.accept_mutable {
                check(code, Status::Skipped, format!("{what}: the policy accepts that"))
            } else {
                check(code, Status::Unknown, what)
            }
        }
        Binding::Nothing(why) if policy.accept_unbound => {
            check(code, Status::Skipped, format!("nothing binds the metadata to the token: {why}: the policy accepts that"))
        }
        Binding::Nothing(why) => check(code, Status::Unknown, format!("nothing binds the metadata to the token: {why}")),
    }
}

/// Holds every statement against the local files: all of them have to be true.
fn weights(token: &ForeignToken, statements: &[Statement], evidence: &Evidence) -> Check {
    let code = Code::ForeignWeights;
    let Some(manifest) = token.models.first() else {
        return match &evidence.model {
            Look::Absent(why) => relayed(code, Status::Fail, why),
            Look::Unreachable(why) => relayed(code, Status::Unknown, why),
            Look::NotAsked if evidence.scope == Scope::Whole => check(code, Status::Skipped, "no local files were given"),
            _ => check(code, Status::Unknown, "the digest is of all the weights, and only a part of them was looked at"),
        };
    };
    let faults: Vec<String> = statements.iter().filter_map(|statement| fault(token, manifest, statement)).collect();
    if !faults.is_empty() {
        return listed(code, "the local files are not what the metadata speaks of".to_owned(), faults);
    }
    let whole =
        statements.iter().any(|statement| matches!(statement.digest, StatedDigest::Cid(cid) if token.models.iter().any(|m| m.cid == cid)));
    check(code, Status::Pass, passed(manifest, statements, whole))
}

/// Says what is proven, and of which files nothing is.
fn passed(manifest: &Manifest, statements: &[Statement], whole: bool) -> String {
    let digests: Vec<String> = statements.iter().map(|statement| statement.digest.to_string()).collect();
    let others = manifest.files.len().saturating_sub(manifest.weights.files.len());
    let rest = match (whole || manifest.kind == ManifestKind::File, others) {
        (true, _) | (_, 0) => String::new(),
        (_, 1) => "; of the 1 other file nothing is known".to_owned(),
        (_, others) => format!("; of the {others} other files nothing is known"),
    };
    format!("the files have what is stated ({}){rest}", digests.join(", "))
}

/// Returns what is wrong with one statement, if anything.
fn fault(token: &ForeignToken, manifest: &Manifest, statement: &Statement) -> Option<String> {
    if let StatedDigest::Cid(cid) = statement.digest {
        let known = cids(token, statement.subject);
        let what = format!("{}: {} has {}", statement.place, statement.subject, list(&known));
        return (!known.contains(&cid)).then(|| format!("{what} (and others when cut otherwise), not {cid}"));
    }
    let Some(local) = local(manifest, &statement.digest).filter(|local| *local == statement.digest || only_file(manifest).is_some()) else {
        return Some(several(manifest, statement));
    };
    let inferred = if statement.inferred { "; no algorithm is named, so that it was read as SHA-256" } else { "" };
    (local != statement.digest).then(|| format!("{}: the local file has {local}, not {}{inferred}", statement.place, statement.digest))
}

/// Returns the digest of the weights by the algorithm of `stated`. Of several files only SHA-256 has one, that of their list.
fn local(manifest: &Manifest, stated: &StatedDigest) -> Option<StatedDigest> {
    match stated {
        StatedDigest::Sha256(_) => manifest.weights.sha256.map(StatedDigest::Sha256),
        StatedDigest::Keccak256(_) => only_file(manifest)?.keccak256.map(StatedDigest::Keccak256),
        StatedDigest::Blake3(_) => only_file(manifest)?.blake3.map(StatedDigest::Blake3),
        StatedDigest::Cid(_) => None,
    }
}

fn only_file(manifest: &Manifest) -> Option<&FileEntry> {
    let [path] = manifest.weights.files.as_slice() else { return None };
    manifest.files.iter().find(|file| file.path == *path)
}

/// One digest cannot speak for several files, unless it is one of their list; says so, and which file it is of.
fn several(manifest: &Manifest, statement: &Statement) -> String {
    let count = manifest.weights.files.len();
    let one = manifest.files.iter().find(|file| file.sha256.map(StatedDigest::Sha256) == Some(statement.digest));
    if let Some(file) = one.filter(|file| manifest.weights.files.contains(&file.path)) {
        return format!("{}: that is the digest of {} alone, one of {count} weights files", statement.place, file.path);
    }
    format!("{}: {} cannot be of {count} weights files at once; verify the file alone that it is of", statement.place, statement.digest)
}

/// The CIDs that the local files go by. The CID of a file's bytes as one raw block is its SHA-256.
fn cids(token: &ForeignToken, subject: Subject) -> Vec<ContentId> {
    let mut cids: Vec<ContentId> = token.models.iter().map(|manifest| manifest.weights.cid).collect();
    if subject == Subject::Model {
        cids.extend(token.models.iter().map(|manifest| manifest.cid));
    }
    let file = token.models.first().and_then(only_file).and_then(|file| file.sha256);
    cids.extend(file.map(|digest| ContentId::from_digest(modelmark_digest::Codec::Raw, digest)));
    cids.extend(token.version_0);
    cids.sort();
    cids.dedup();
    cids
}

fn list(cids: &[ContentId]) -> String {
    cids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn oms(look: &Look<OmsEvidence>) -> Check {
    let code = Code::OmsSignature;
    match look {
        Look::NotAsked => check(code, Status::Skipped, "no key or certificate was named whose signature to look for"),
        Look::Absent(why) => relayed(code, Status::Fail, why),
        Look::Unreachable(why) => relayed(code, Status::Unknown, why),
        Look::Found(found) => {
            if !found.refused.is_empty() {
                return listed(code, "the signature does not speak for these files".to_owned(), found.refused.clone());
            }
            let signer = found.signer.as_deref().unwrap_or("nobody");
            let pass = format!("{} files are as {signer} signed them", found.files);
            holds(code, found.signer.is_some() && found.files > 0, || pass, || "nobody who is trusted signed these files")
        }
    }
}
