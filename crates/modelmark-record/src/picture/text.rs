//! Foreign text on the picture: one line of visible characters, as long as there is room, and never markup.
//!
//! Every viewer has its own fonts, so that widths are estimated, on the large side. The tables are written out here instead of taken from a crate: with a
//! crate's next version of Unicode the same record would get another picture.

/// Marks that stand on one letter, at most: more of them would paint over the lines around.
const MAX_MARKS: usize = 2;

/// Returns the visible characters of a text: white space as single spaces, nothing that is invisible, changes direction or is no character of XML.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::new();
    let mut marks = 0;
    for c in text.chars() {
        if c.is_whitespace() || is_blank(c) {
            if !shown.is_empty() && !shown.ends_with(' ') {
                shown.push(' ');
            }
        } else if is_mark(c) {
            marks += 1;
            if marks <= MAX_MARKS && !shown.is_empty() {
                shown.push(c);
            }
            continue;
        } else if !is_hidden(c) {
            shown.push(c);
        }
        marks = 0;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Cuts a text, `visible` already, to a width in hundredths of the font's size; one that was cut ends in an ellipsis.
pub(super) fn clipped(text: &str, room: u32) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), advance('…'));
    for c in text.chars() {
        used += advance(c);
        if used > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// Returns the width of a text in hundredths of the font's size, in the widest of the fonts that are asked for, bold.
pub(super) fn width(text: &str) -> u32 {
    text.chars().map(advance).fold(0, u32::saturating_add)
}

/// Returns how many letters of a font of one width a text takes.
pub(super) fn cells(text: &str) -> u32 {
    text.chars().map(|c| advance(c).div_ceil(100).min(2)).fold(0, u32::saturating_add)
}

/// Breaks a text into two lines of at most `room` each, after a character that joins words if there is one late enough.
pub(super) fn two_lines(text: &str, room: u32) -> (String, String) {
    let mut used = 0;
    let mut fits = 0;
    let mut joint = None;
    for (at, c) in text.char_indices() {
        used += advance(c);
        if used > room {
            break;
        }
        fits = at + c.len_utf8();
        if matches!(c, ' ' | '-' | '_' | '/' | '.' | ':') {
            joint = Some(fits);
        }
    }
    let at = joint.filter(|at| *at * 2 >= fits).unwrap_or(fits);
    let (first, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    (first.trim_end().to_owned(), clipped(rest.trim_start(), room))
}

/// Returns a text as it is written between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// The width of a character in hundredths of the font's size.
fn advance(c: char) -> u32 {
    match c {
        c if is_mark(c) || is_joiner(c) => 0,
        'i' | 'j' | 'l' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' => 38,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '"' | '*' | '_' | '`' | '^' => 52,
        'm' | 'w' | 'M' => 100,
        'W' | '@' | '%' => 112,
        'A'..='Z' | '0'..='9' | '#' | '$' | '&' | '+' | '<' | '=' | '>' | '~' => 76,
        '!'..='~' => 66,
        '…' => 100,
        '\u{a0}'..='\u{10ff}' | '\u{1e00}'..='\u{206f}' => 80,
        // Emoji are wider than high in some fonts.
        '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' => 130,
        _ => 105,
    }
}

/// Letters and signs that show nothing.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// What joins emoji, and what Persian writes between letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Control and format characters, marks of direction, tags, and what is no character (of XML either).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Marks that stand on the letter before.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6dc}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
            | '\u{eb4}'..='\u{ebc}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{302a}'..='\u{302f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_visible_and_nothing_else() {
        for (text, shown) in [
            ("plain", "plain"),
            ("  a \t\n b\u{2028}c  ", "a b c"),
            ("\u{202e}txt\u{202c}\u{2066}x\u{2069}", "txtx"),
            ("a\0b\u{1b}[31mc\u{85}d", "ab[31mc d"),
            ("\u{feff}\u{200b}x\u{fffe}\u{ffff}\u{1ffff}\u{fdd0}", "x"),
            ("e\u{301}\u{302}\u{303}\u{304}f\u{305}", "e\u{301}\u{302}f\u{305}"),
            ("\u{301}\u{302}", ""),
            ("\u{3164}\u{2800} \u{115f}", ""),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("flag\u{e0067}\u{e007f}", "flag"),
            ("模型 🦊", "模型 🦊"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn cuts_to_the_room_that_there_is() {
        assert_eq!(clipped("abc", width("abc")), "abc");
        assert_eq!(clipped("abcd", width("abc")), "a…");
        assert_eq!(clipped(&"🦊".repeat(10_000), 700), "🦊🦊🦊🦊…");
        let (first, second) = two_lines("organisation/a-model-with-a-name", 1_200);
        assert_eq!((first.as_str(), second.as_str()), ("organisation/a-", "model-with-a-name"));
        let (first, second) = two_lines(&"x".repeat(10_000), 1_000);
        assert!(width(&first) <= 1_000 && width(&second) <= 1_000 && second.ends_with('…'));
    }
}
