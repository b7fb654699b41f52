//! Names that a contract keeps for good: what no page shows well is refused before it is paid for.

use crate::error::{CommandError, Result};

/// Most bytes of the name of a contract, which is what the factory takes and wallets and marketplaces show in full.
pub(crate) const MAX_NAME: usize = 64;

/// Most bytes of its symbol.
pub(crate) const MAX_SYMBOL: usize = 16;

/// Checks a name that goes on chain: 1 to `most` bytes, without control characters and those that turn the direction of text. `option` is what errors
/// call it.
pub(crate) fn check(option: &str, text: &str, most: usize) -> Result<()> {
    if text.trim().is_empty() || text.len() > most {
        return Err(CommandError::usage(format!("{option} has 1 to {most} bytes that are not all spaces, this one has {}", text.len())));
    }
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    match text.chars().find(|c| hidden(*c)) {
        Some(c) => Err(CommandError::usage(format!("{option} has the character U+{:04X}, which nobody sees", u32::from(c)))
            .hint("the name stays on the chain for good: leave such characters out")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_seen() {
        for good in ["Model shares", "Modèle 1", "模型", "a"] {
            assert!(check("--name", good, 64).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a\nb", "a\u{1b}[31mb", "a\u{202e}b", "a\u{200b}b", "\u{feff}a", "a\0", &"x".repeat(65)] {
            assert!(check("--name", bad, 64).is_err(), "{bad:?}");
        }
    }
}
