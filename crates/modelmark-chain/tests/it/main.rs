//! The crate against real chains and against endpoints that lie.
//!
//! Every test of `life`, `race`, `authentic`, `log_only`, `differential`, `renderer`, `signed`, `stacks` and `token_proof` runs on the embedded chain, and on an anvil too
//! when `MODELMARK_ANVIL` names its binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says when it is skipped"
)]

mod agreement;
mod authentic;
mod chains;
mod clear_signing;
mod contract_wallet;
mod differential;
mod double;
mod hostile;
mod life;
mod limits;
mod log_only;
mod many;
mod neighbours;
mod race;
mod receipt_proof;
mod renderer;
mod rivals;
mod samples;
mod signed;
mod stacks;
mod token_proof;
