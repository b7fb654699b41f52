//! Foreign text in Markdown: shown letter for letter, never a link, a picture, HTML or the end of a table cell.

/// Returns a text on one line in which nothing is markup. CommonMark lets a backslash stand before any ASCII punctuation; that also stops the
/// addresses, mentions and emoji that GitHub and the hub recognise without brackets.
pub(super) fn line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.trim().chars() {
        let c = if c.is_whitespace() || c.is_control() { ' ' } else { c };
        if c.is_ascii_punctuation() && !is_plain(c, before) {
            escaped.push('\\');
        }
        if c != ' ' || before != ' ' {
            escaped.push(c);
        }
        before = c;
    }
    escaped
}

/// Tells whether a mark is no markup where it stands.
const fn is_plain(c: char, before: char) -> bool {
    match c {
        ',' | ';' | '\'' | '"' | '%' | '/' | '?' => true,
        // Within a word it is no list and no rule.
        '-' => before.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// Returns a text of several lines as a quotation whose lines are [`line`]s.
pub(super) fn quote(text: &str) -> String {
    text.trim().lines().map(|text| format!("> {}", line(text)).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Returns a checked word (a digest, a CID, a decimal, an account, a licence expression) as code. Its grammar knows no backtick.
pub(super) fn code(word: impl std::fmt::Display) -> String {
    format!("`{}`", word.to_string().replace('`', "'"))
}

/// Returns a link to a checked address, which holds no angle bracket, no space and no quote.
pub(super) fn link(text: &str, address: &crate::Uri) -> String {
    format!("[{}](<{address}>)", line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        for (text, want) in [
            ("bert-base, 1/2 of it; 50%", "bert-base, 1/2 of it; 50%"),
            ("<script>alert(1)</script>", r"\<script\>alert\(1\)\</script\>"),
            ("[x](javascript:y)", r"\[x\]\(javascript\:y\)"),
            ("![x](https://e.org/p.png)", r"\!\[x\]\(https\://e\.org/p\.png\)"),
            ("a | b\n| c", r"a \| b \| c"),
            ("- a", r"\- a"),
            ("1. a", r"1\. a"),
            ("--> <!-- x", r"\-\-\> \<\!\-\- x"),
            ("&lt;b&gt; @me #1 :tada: $x$ ~~s~~ `c` *b* _i_ \\", r"\&lt;b\&gt; \@me \#1 \:tada\: \$x\$ \~\~s\~\~ \`c\` \*b\* \_i\_ \\"),
            ("www.e.org me@e.org", r"www\.e\.org me\@e\.org"),
            ("    four  spaces\t", "four spaces"),
            ("===", r"\=\=\="),
        ] {
            assert_eq!(line(text), want, "{text}");
        }
        assert_eq!(quote("a\n\n# b\n    c"), "> a\n>\n> \\# b\n> c");
    }
}
