//! The table of names under which digests are looked for. Normative: `docs/spec/import.md`, which a test holds against it.

use super::Subject;

/// Longest name that is looked at, in bytes.
const MAX_NAME: usize = 64;

/// How a digest was computed, as far as a name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Keccak256,
    Blake3,
    /// One that is not computed here.
    Other(&'static str),
}

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) subject: Subject,
    pub(super) algorithm: Option<Algorithm>,
    /// The name says that a CID follows.
    pub(super) is_cid: bool,
}

/// What a name begins with; longer ones first.
const SUBJECTS: [(&str, Subject); 8] = [
    ("modelweights", Subject::Weights),
    ("weightsfile", Subject::Weights),
    ("checkpoint", Subject::Weights),
    ("modelfile", Subject::Model),
    ("weights", Subject::Weights),
    ("weight", Subject::Weights),
    ("model", Subject::Model),
    ("file", Subject::Model),
];

/// What may stand before or behind an algorithm's name.
const GENERIC: [&str; 5] = ["hash", "digest", "checksum", "sum", ""];

/// Algorithms by the names that they have in keys and before values.
const ALGORITHMS: [(&str, Algorithm); 15] = [
    ("sha256", Algorithm::Sha256),
    ("sha2256", Algorithm::Sha256),
    ("keccak256", Algorithm::Keccak256),
    ("keccak", Algorithm::Keccak256),
    ("blake3", Algorithm::Blake3),
    ("b3", Algorithm::Blake3),
    ("sha512", Algorithm::Other("SHA-512")),
    ("sha384", Algorithm::Other("SHA-384")),
    ("sha3256", Algorithm::Other("SHA3-256")),
    ("sha1", Algorithm::Other("SHA-1")),
    ("md5", Algorithm::Other("MD5")),
    ("blake2b", Algorithm::Other("BLAKE2b")),
    ("blake2b256", Algorithm::Other("BLAKE2b")),
    ("crc32", Algorithm::Other("CRC-32")),
    ("xxh64", Algorithm::Other("xxHash")),
];

/// Objects inside of which is looked, and what bare names in them are of.
const CONTAINERS: [(&str, Option<Subject>); 8] = [
    ("provenance", None),
    ("properties", None),
    ("metadata", None),
    ("attributes", None),
    // ERC-7992 calls the hashes of a model and its circuits so.
    ("modelcommitment", None),
    ("model", Some(Subject::Model)),
    ("weights", Some(Subject::Weights)),
    ("modelweights", Some(Subject::Weights)),
];

/// Names under which the algorithm of other digests stands.
const ALGORITHM_NAMES: [&str; 7] =
    ["hashalgorithm", "hashalgo", "hashfunction", "hashtype", "digestalgorithm", "checksumalgorithm", "weightshashalgorithm"];

/// Returns a name without case, spaces and punctuation; `None` for one that no row can have, such as one with letters that only look like ASCII.
pub(crate) fn plain(name: &str) -> Option<String> {
    if name.len() > MAX_NAME || !name.is_ascii() || name.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    let plain: String = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    (!plain.is_empty()).then_some(plain)
}

/// Returns what the object under this name is about, when it is one inside of which is looked.
pub(super) fn container(plain: &str) -> Option<Option<Subject>> {
    CONTAINERS.iter().find(|(name, _)| *name == plain).map(|(_, subject)| *subject)
}

/// Tells whether an algorithm stands under this name.
pub(super) fn names_algorithm(plain: &str) -> bool {
    ALGORITHM_NAMES.contains(&plain)
}

/// Returns the algorithm of this name.
pub(super) fn algorithm(plain: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(name, _)| *name == plain).map(|(_, algorithm)| *algorithm)
}

/// Returns what stands under a name, inside an object about `within`.
pub(super) fn meaning(plain: &str, within: Option<Subject>) -> Option<Meaning> {
    let (subject, kind) = SUBJECTS
        .iter()
        .find_map(|(prefix, subject)| plain.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(|rest| (Some(*subject), rest)))
        .unwrap_or((None, plain));
    let (algorithm, is_cid) = match kind {
        "hash" | "digest" | "checksum" => (None, false),
        "cid" | "ipfscid" | "ipfshash" => (None, true),
        _ => (Some(named(kind)?), false),
    };
    // Alone, `hash` or `cid` could be of the picture as well.
    let subject = subject.or(within).or(algorithm.map(|_| Subject::Model))?;
    Some(Meaning { subject, algorithm, is_cid })
}

/// Returns the algorithm that a kind such as `sha256hash` or `checksumsha256` names.
fn named(kind: &str) -> Option<Algorithm> {
    let rests = GENERIC.iter().flat_map(|generic| [kind.strip_suffix(generic), kind.strip_prefix(generic)]);
    rests.flatten().find_map(algorithm)
}
