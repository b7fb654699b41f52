//! What can go wrong between this machine and a place.

use modelmark_digest::ContentId;
use modelmark_storage::StorageError;

/// A place could not be asked, or did not do what was asked. That it does not have something is a value, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The place cannot be reached, or broke off.
    #[error("{place} cannot be reached: {reason}")]
    Unreachable {
        /// The place's URL, without secrets.
        place: String,
        /// Why.
        reason: String,
    },
    /// The place took longer than it may, or sent too little in the time.
    #[error("{place} did not answer within {seconds} seconds")]
    Timeout {
        /// The place's URL, without secrets.
        place: String,
        /// The limit in seconds.
        seconds: u64,
    },
    /// The place asks us to come back later.
    #[error("{place} asks to wait")]
    Busy {
        /// The place's URL, without secrets.
        place: String,
        /// How long, in seconds, if it said so.
        seconds: Option<u64>,
    },
    /// The place refused.
    #[error("{place} refused: {status} {reason}")]
    Refused {
        /// The place's URL, without secrets.
        place: String,
        /// HTTP status.
        status: u16,
        /// What the place said, bounded and without control characters.
        reason: String,
    },
    /// The place wants a credential that it was not given, or does not accept the one that it was given.
    #[error("{place} does not accept the credential; {hint}")]
    Credential {
        /// The place's URL, without secrets.
        place: String,
        /// Where it is taken from.
        hint: String,
    },
    /// The answer is not what the place's protocol says.
    #[error("{place} sent no usable answer: {reason}")]
    Answer {
        /// The place's URL, without secrets.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The place sent bytes that are not those of the CID.
    #[error("{place} sent other bytes for {id} than its CID says")]
    Lie {
        /// The place's URL, without secrets.
        place: String,
        /// The block that was asked for.
        id: ContentId,
    },
    /// The place sent, or was to send, more than is accepted.
    #[error("{place} sent more than the {limit} bytes that are accepted")]
    TooLarge {
        /// The place's URL, without secrets.
        place: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// What is to be read is larger, deeper or slower than is accepted, whoever sends it.
    #[error("{root} takes more than {limit} {what}, the most that is accepted")]
    Limit {
        /// What was to be read.
        root: ContentId,
        /// The limit.
        limit: u64,
        /// What it counts, such as `bytes`.
        what: &'static str,
    },
    /// The address lies where nothing is fetched from.
    #[error("{url} is not fetched from: {reason}")]
    Forbidden {
        /// What was to be fetched, without its query.
        url: String,
        /// Which rule forbids it.
        reason: String,
    },
    /// Everywhere that was asked does not have it.
    #[error("{id} is at none of the places that were asked: {asked}")]
    Missing {
        /// The block.
        id: ContentId,
        /// The places, and what each said.
        asked: String,
    },
    /// Nothing is known of such a kind of place.
    #[error("{place} is of no known kind of place; known are {known}")]
    Scheme {
        /// The place's URL, without secrets.
        place: String,
        /// The schemes that are known.
        known: String,
    },
    /// The place is not one for this.
    #[error("{place} cannot {action}")]
    Unable {
        /// The place's URL, without secrets.
        place: String,
        /// What was asked, such as `keep content`.
        action: &'static str,
    },
    /// The store on this machine failed.
    #[error(transparent)]
    Store(#[from] StorageError),
}
