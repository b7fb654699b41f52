//! Patterns for paths, as shells have them.

/// Tells whether a path matches a pattern: `*` is any text within one component, `**` any text, `?` one character.
/// Takes as many steps as the product of the two lengths, whatever the pattern.
#[must_use]
pub fn matches(glob: &str, path: &str) -> bool {
    let (glob, path): (Vec<char>, Vec<char>) = (glob.chars().collect(), path.chars().collect());
    // Which lengths of the path the pattern read so far can have matched.
    let mut reached = vec![false; path.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    let mut rest = glob.as_slice();
    while let Some((symbol, after)) = rest.split_first() {
        let deep = *symbol == '*' && after.first() == Some(&'*');
        rest = if deep { after.get(1..).unwrap_or_default() } else { after };
        let mut next = vec![false; path.len() + 1];
        if *symbol == '*' {
            let mut open = false;
            for (at, slot) in next.iter_mut().enumerate() {
                let crossed = at.checked_sub(1).and_then(|before| path.get(before)) == Some(&'/');
                open = reached.get(at) == Some(&true) || (open && (deep || !crossed));
                *slot = open;
            }
            // `**/` is also no directory at all.
            if deep && rest.first() == Some(&'/') {
                shift(&mut next, &path, '/');
                next = next.iter().zip(&reached).map(|(one, other)| *one || *other).collect();
                rest = rest.get(1..).unwrap_or_default();
            }
        } else {
            next.clone_from(&reached);
            shift(&mut next, &path, *symbol);
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Reads one more character of the path, which has to be `symbol`, or any but a separator for `?`.
fn shift(reached: &mut [bool], path: &[char], symbol: char) {
    let before = reached.to_vec();
    let read = path.iter().zip(before).map(|(c, here)| here && (*c == symbol || (symbol == '?' && *c != '/')));
    let read: Vec<bool> = std::iter::once(false).chain(read).collect();
    reached.copy_from_slice(&read);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_shells_do() {
        for (glob, path, expected) in [
            ("*.parquet", "a.parquet", true),
            ("*.parquet", "a/b.parquet", false),
            ("data/*.csv", "data/x.csv", true),
            ("plain_text/*/*.parquet", "plain_text/train/0000.parquet", true),
            ("plain_text/*/*.parquet", "plain_text/0000.parquet", false),
            ("**/*.jpg", "a/b/c.jpg", true),
            ("**/*.jpg", "c.jpg", true),
            ("**", "a/b", true),
            ("a/**", "a/b/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true),
            ("?.txt", "a.txt", true),
            ("?.txt", "ab.txt", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(glob, path), expected, "{glob} {path}");
        }
        assert!(!matches(&"*a".repeat(1000), &"a".repeat(4000).replace("aaaa", "aaa/")));
    }
}
