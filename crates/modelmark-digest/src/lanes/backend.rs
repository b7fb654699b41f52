//! Which implementation of SHA-256 hashes the lanes.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

use super::arch;

/// An implementation of SHA-256 over many messages. All give the same digests; they differ in speed and in what they ask of the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Two messages at a time through the x86 SHA instructions.
    ShaNi,
    /// Sixteen messages at a time in AVX-512 registers (F and BW).
    Avx512,
    /// Eight messages at a time in AVX2 registers.
    Avx2,
    /// Two messages at a time through the SHA-2 instructions of 64-bit Arm.
    ArmSha2,
    /// One message after another through `ring`, on any CPU.
    Portable,
}

/// The backend named cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// There is no backend of this name.
    #[error("no SHA-256 backend is called {0:?}; there are shani, avx512, avx2, armsha2 and portable")]
    Unknown(String),
    /// The CPU lacks the instructions.
    #[error("this CPU cannot run the SHA-256 backend {0}")]
    Unavailable(Backend),
}

/// The backend chosen for the process as its position in `Backend::FASTEST_FIRST` plus one; 0 before the choice.
///
/// Threads that race here compute the same answer, and every backend gives the same digests, so no ordering is needed.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

impl Backend {
    /// All backends; where a CPU has several, the first is the fastest.
    ///
    /// Measured on an AMD EPYC (Zen 4) in GB/s on one core: leaves of 256 KiB 3.6, 3.3, 1.9, (no Arm), 1.8; messages of 4 KiB in cache 3.5, 3.2,
    /// 1.8, -, not measured. The SHA instructions also need only two messages at a time for that, not sixteen: four at once give 3.6, 0.9, 0.9, -, 1.8.
    const FASTEST_FIRST: [Self; 5] = [Self::ShaNi, Self::Avx512, Self::Avx2, Self::ArmSha2, Self::Portable];

    /// Returns the backends that this CPU can run, the fastest first. [`Backend::Portable`] is always the last.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::FASTEST_FIRST.into_iter().filter(|backend| backend.is_available())
    }

    /// Returns whether this CPU can run the backend.
    #[must_use]
    pub fn is_available(self) -> bool {
        arch::has(self)
    }

    /// Returns the backend that [`sha256_many`](super::sha256_many) uses: the one given to [`set_backend`], else the fastest available.
    #[must_use]
    pub fn current() -> Self {
        let chosen = usize::from(CHOSEN.load(Ordering::Relaxed));
        chosen.checked_sub(1).and_then(|at| Self::FASTEST_FIRST.get(at).copied()).unwrap_or_else(|| {
            let fastest = Self::available().next().unwrap_or(Self::Portable);
            fastest.choose();
            fastest
        })
    }

    /// Returns how many messages it hashes side by side.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Self::Avx512 => 16,
            Self::Avx2 => 8,
            Self::ShaNi | Self::ArmSha2 => 2,
            Self::Portable => 1,
        }
    }

    /// Returns the name that [`FromStr`] reads: lower case, one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::ShaNi => "shani",
            Self::Avx2 => "avx2",
            Self::ArmSha2 => "armsha2",
            Self::Portable => "portable",
        }
    }

    fn choose(self) {
        let position = (1..).zip(Self::FASTEST_FIRST).find(|(_, backend)| *backend == self);
        CHOSEN.store(position.map_or(0, |(at, _)| at), Ordering::Relaxed);
    }
}

/// Makes [`sha256_many`](super::sha256_many) use `backend` from now on, in the whole process.
///
/// # Errors
///
/// [`BackendError::Unavailable`] when this CPU cannot run it; the choice then stays as it was.
pub fn set_backend(backend: Backend) -> Result<(), BackendError> {
    if !backend.is_available() {
        return Err(BackendError::Unavailable(backend));
    }
    backend.choose();
    Ok(())
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::FASTEST_FIRST.into_iter().find(|backend| backend.name() == name);
        named.ok_or_else(|| BackendError::Unknown(name.chars().take(40).collect()))
    }
}
