//! The boundary: the routers ask, and whoever mounts them brings what answers.

use std::path::PathBuf;

use async_trait::async_trait;
use modelmark_chain::TokenRef;
use modelmark_digest::Manifest;
use modelmark_verify::{RecordBytes, Report, SignatureFile};

/// What is to be verified. All of it came from a stranger, but the directory, which lies below a root of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The token.
    pub token: Option<TokenRef>,
    /// A record that the caller brings along.
    pub record: Option<RecordBytes>,
    /// Signature documents that the caller brings along.
    pub signatures: Vec<SignatureFile>,
    /// What the caller says that its files are. Nobody else has seen them: the report speaks of these digests, not of files.
    pub files: Option<Manifest>,
    /// A model that the server has.
    pub directory: Option<PathBuf>,
}

/// Looks and judges, by a policy of its own: whoever asks has no say in what is demanded.
///
/// A caller may go away, or the deadline may pass; the future is dropped then, and what it has begun should end.
#[async_trait]
pub trait Judge: Send + Sync + 'static {
    /// Answers one question.
    ///
    /// # Errors
    /// Nothing could be looked at. That something does not verify is a report.
    async fn verify(&self, question: Question) -> Result<Report, JudgeError>;
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The question makes no sense, such as one for bytes that no file has.
    #[error("{0}")]
    Question(String),
    /// Something that the judge needs is out of reach.
    #[error("{0}")]
    OutOfReach(String),
}
