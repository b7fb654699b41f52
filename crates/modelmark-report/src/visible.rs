//! Strangers' texts, in which nothing hides.

/// Returns `text` with every character escaped (`\u{…}`) that moves a cursor, turns the direction of writing, or cannot be seen.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if hides(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Also what XML 1.0 cannot hold at all.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c\nd\u{ffff}"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}d\\u{ffff}");
        assert_eq!(visible("модель <b>"), "модель <b>");
    }
}
