//! SHA-256 of many independent messages at once.
//!
//! One SHA-256 is a chain: every step waits for the one before, and most of a CPU idles. A model has thousands of leaves that do not wait for
//! each other, so they are hashed side by side, one to a lane of a vector register or two at a time through the CPU's SHA instructions. Which
//! way is fastest depends on the CPU and is found at run time ([`Backend`]).
//!
//! ```
//! use modelmark_digest::Sha256Digest;
//! use modelmark_digest::lanes::sha256_many;
//!
//! let leaves: [&[u8]; 3] = [b"first", b"second", b""];
//! let mut digests = [Sha256Digest::from([0; 32]); 3];
//! sha256_many(&leaves, &mut digests);
//! assert_eq!(digests, leaves.map(Sha256Digest::of));
//! ```

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod backend;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod kernel;
#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
mod other;
mod stream;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
use self::aarch64 as arch;
#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
use self::other as arch;
#[cfg(target_arch = "x86_64")]
use self::x86_64 as arch;
use crate::Sha256Digest;

pub use self::backend::{Backend, BackendError, set_backend};
pub use self::stream::{Sha256Stream, update_many, update_many_with};

/// Writes the digest of `messages[i]` to `out[i]`, with the backend that is [current](Backend::current).
///
/// The messages may be of any lengths, in any mix. Give sixteen or more of similar length at a time: fewer do not fill the widest lanes.
///
/// # Panics
///
/// When `out` is not as long as `messages`.
pub fn sha256_many(messages: &[&[u8]], out: &mut [Sha256Digest]) {
    hash(Backend::current(), messages, out);
}

/// Does the same with the backend given.
///
/// # Errors
///
/// [`BackendError::Unavailable`] when this CPU cannot run it; nothing is written then.
///
/// # Panics
///
/// When `out` is not as long as `messages`.
pub fn sha256_many_with(backend: Backend, messages: &[&[u8]], out: &mut [Sha256Digest]) -> Result<(), BackendError> {
    if !backend.is_available() {
        return Err(BackendError::Unavailable(backend));
    }
    hash(backend, messages, out);
    Ok(())
}

fn hash(backend: Backend, messages: &[&[u8]], out: &mut [Sha256Digest]) {
    assert_eq!(messages.len(), out.len(), "one digest is written per message");
    if arch::hash(backend, messages, out).is_none() {
        for (digest, message) in out.iter_mut().zip(messages) {
            *digest = Sha256Digest::of(message);
        }
    }
}
