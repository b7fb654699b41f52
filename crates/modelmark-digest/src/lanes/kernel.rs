//! What the kernels of all CPUs share: the numbers of SHA-256, messages cut into blocks, and the feeding of the lanes.

mod constants;
mod job;
mod resume;
mod run;
mod unroll;

pub(super) use self::constants::{Block, ROUND, Words};
pub(super) use self::resume::resume;
pub(super) use self::run::{Kernel, run};
pub(super) use self::unroll::sixteen_times;
