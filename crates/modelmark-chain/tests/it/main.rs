//! The crate against real chains and against endpoints that lie.
//!
//! Every test of `life`, `race`, `authentic`, `log_only`, `differential`, `renderer`, `signed` and `stacks` runs on the embedded chain, and on an anvil too
//! when `MODELMARK_ANVIL` names its binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says when it is skipped"
)]

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
mod neighbours;
mod race;
mod renderer;
mod samples;
mod signed;
mod stacks;
