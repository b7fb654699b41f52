//! One digest over the files of a tokenizer, so that two models can be told to read text alike. Defined in `docs/spec/tokenizer-digest.md`.

use std::io::Read as _;
use std::path::Path;

use modelmark_formats::Tokenizer;

use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ModelPath, Sha256Digest, weights};

/// The files that decide how text is cut, and what kind of tokenizer each speaks of; the first that is there names the kind.
const FILES: [(&str, &str); 11] = [
    ("tokenizer.json", "tokenizers"),
    ("tokenizer.model", "sentencepiece"),
    ("spiece.model", "sentencepiece"),
    ("sentencepiece.bpe.model", "sentencepiece"),
    ("tekken.json", "tekken"),
    ("vocab.json", "bpe"),
    ("vocab.txt", "wordpiece"),
    ("vocab.bpe", "bpe"),
    ("merges.txt", "bpe"),
    ("special_tokens_map.json", ""),
    ("added_tokens.json", ""),
];
/// A pipeline keeps its tokenizer in a folder of its own.
const FOLDERS: [&str; 2] = ["", "tokenizer/"];
/// Largest file that is taken for one of a tokenizer, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 28;

/// The tokenizer of a model, and the files that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenizerFiles {
    /// The kind, such as `tokenizers` or `sentencepiece`.
    pub kind: &'static str,
    /// The digest; absent when a file is too large, or was not downloaded and a pointer stands in its place.
    pub sha256: Option<Sha256Digest>,
    /// The files with their SHA-256, in the order of their names; without a digest the one that stands in the way, with nothing.
    pub files: Vec<(ModelPath, Option<Sha256Digest>)>,
}

impl From<TokenizerFiles> for Tokenizer {
    fn from(files: TokenizerFiles) -> Self {
        Self { kind: files.kind.to_owned(), sha256: files.sha256.map(|digest| digest.to_string()) }
    }
}

/// Returns the tokenizer that lies in the model at `path`, whose files are hashed for it; nothing when it has none that is known.
///
/// # Errors
/// When the path or a directory below it cannot be read or holds what cannot be fingerprinted either.
pub fn tokenizer_files(path: &Path) -> Result<Option<TokenizerFiles>, DigestError> {
    find(&Tree::find(path)?)
}

/// Returns the tokenizer of a model; nothing when it has none that is known.
pub(super) fn find(tree: &Tree) -> Result<Option<TokenizerFiles>, DigestError> {
    for folder in FOLDERS {
        let there = |name: &str| tree.files.iter().find(|found| found.path.as_str().strip_prefix(folder) == Some(name));
        let mut files: Vec<(&FoundFile, &'static str)> = FILES.iter().filter_map(|(name, kind)| Some((there(name)?, *kind))).collect();
        let Some(kind) = files.iter().map(|(_, kind)| *kind).find(|kind| !kind.is_empty()) else { continue };
        for (found, _) in &files {
            if found.size > MAX_FILE_BYTES || tree.is_pointer(found)? {
                return Ok(Some(TokenizerFiles { kind, sha256: None, files: vec![(found.path.clone(), None)] }));
            }
        }
        files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let mut listed: Vec<(ModelPath, Sha256Digest)> = Vec::new();
        let mut paths = Vec::new();
        for (found, _) in files {
            if let Ok(name) = ModelPath::try_from(found.path.file_name()) {
                let digest = sha256(tree, found)?;
                listed.push((name, digest));
                paths.push((found.path.clone(), Some(digest)));
            }
        }
        let digest = weights::listing_digest(listed.iter().map(|(name, digest)| (name, *digest)));
        return Ok(Some(TokenizerFiles { kind, sha256: Some(digest), files: paths }));
    }
    Ok(None)
}

fn sha256(tree: &Tree, found: &FoundFile) -> Result<Sha256Digest, DigestError> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut file = tree.open(found)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer).map_err(|source| tree.failed(&found.path, source))?;
        if count == 0 {
            return Ok(Sha256Digest::from_ring(&context.finish()));
        }
        context.update(buffer.get(..count).unwrap_or_default());
    }
}
