//! Runs messages that come in pieces: their chaining states go into the lanes and come out again.

use super::constants::Words;
use super::run::{Kernel, column, write_column};
use crate::lanes::stream::Unfinished;

/// Folds blocks in, side by side, until fewer than `least` messages have any left; those keep what they have.
pub(in crate::lanes) fn resume<const LANES: usize>(kernel: impl Kernel<LANES>, least: usize, messages: &mut [Unfinished<'_>]) {
    let mut state: Words<LANES> = [[0; LANES]; 8];
    loop {
        // The longest first: the others then end at about the same time.
        messages.sort_by_key(|message| std::cmp::Reverse(message.blocks.len()));
        let busy = messages.iter().take(LANES).filter(|message| !message.blocks.is_empty()).count();
        let Some(last) = busy.checked_sub(1).filter(|_| busy >= least).and_then(|last| messages.get(last)) else { return };
        let count = last.blocks.len();
        let idle = last.blocks;
        let mut fronts = [idle; LANES];
        for (lane, (message, front)) in messages.iter().take(busy).zip(&mut fronts).enumerate() {
            write_column(&mut state, lane, &message.state);
            *front = message.blocks.get(..count).unwrap_or_default();
        }
        kernel.compress(&mut state, fronts);
        for (lane, message) in messages.iter_mut().take(busy).enumerate() {
            message.state = column(&state, lane);
            message.blocks = message.blocks.get(count..).unwrap_or_default();
        }
    }
}
