//! Text as a terminal may have it: nothing in a stranger's words moves the cursor, changes the title, turns the direction of reading or hides.
//!
//! Each foreign string is made [`printable`] where it enters a line, so that it is one line and looks like what it is. What is printed passes [`steady`] as a
//! whole once more, so that a place that was forgotten steers nothing.

/// The styles that [`paint`](super::paint) and clap write, as anstyle spells them.
const STYLES: [&str; 7] = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[4m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];

/// Returns `text` as one line, with control and direction-changing characters and those that nobody sees made visible, so that a name can neither steer the
/// terminal nor look like a line of ours.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if hostile(c) { escaped(c) } else { c.to_string() }).collect()
}

/// Returns a text that may have several lines, each of them [`printable`] and all but the first indented, so that none looks like a line of ours.
pub(crate) fn printable_lines(text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(printable).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// Returns a JSON text with the same content, in which characters that [`printable`] makes visible are escaped as JSON has it. Such characters stand in
/// strings alone, but for the line ends between values; those of ASCII are escaped already, except the last.
pub(crate) fn printable_json(json: &str) -> String {
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    let character = |c: char| match hostile(c) && c >= '\u{7f}' {
        true => c.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
        false => c.to_string(),
    };
    json.chars().map(character).collect()
}

/// Returns lines of ours with nothing in them that steers a terminal but our own styles.
pub(super) fn steady(text: &str) -> String {
    let mut steady = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(style) = STYLES.iter().find(|style| rest.starts_with(**style)) {
            steady.push_str(style);
            rest = rest.get(style.len()..).unwrap_or_default();
            continue;
        }
        match c {
            '\n' => steady.push(c),
            c if hostile(c) => steady.push_str(&escaped(c)),
            c => steady.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    steady
}

fn escaped(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

fn hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_direction_marks_are_made_visible() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(printable("модель.txt\nnext"), "модель.txt\\u{a}next");
        assert_eq!(printable_json("{\n\"a\": \"\u{9b}m\u{202e}\u{7f}я\"}"), "{\n\"a\": \"\\u009bm\\u202e\\u007fя\"}");
        assert_eq!(printable_lines("one\ntwo\u{7}\n", 2), "one\n  two\\u{7}");
    }

    #[test]
    fn what_nobody_sees_is_made_visible_and_stays_the_same_json() {
        let unseen = "a\u{61c}\u{ad}\u{2028}\u{200b}\u{e0041}b";
        assert_eq!(printable(unseen), "a\\u{61c}\\u{ad}\\u{2028}\\u{200b}\\u{e0041}b");
        let json = printable_json(&serde_json::Value::from(unseen).to_string());
        assert!(json.is_ascii(), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(unseen));
    }

    #[test]
    fn lines_keep_our_styles_and_nothing_else_that_steers() {
        use crate::output::{Tone, paint};
        for tone in [Tone::Strong, Tone::Good, Tone::Bad, Tone::Doubt, Tone::Faint] {
            let ours = paint(tone, "text\nя");
            assert_eq!(steady(&ours), ours);
        }
        let foreign = "\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{1b}[1;32m\u{9b}31m\r\u{8}\u{202e}\u{1b}";
        assert_eq!(steady(foreign), printable(foreign));
    }
}
