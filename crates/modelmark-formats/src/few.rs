//! Many names in one line.

use crate::contents::short;

/// Most names that one line holds.
const NAMED: usize = 3;

/// Names the first few of many, and counts the rest.
pub fn first_few<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names = names.into_iter();
    let named: Vec<String> = names.by_ref().take(NAMED).map(short).collect();
    match names.count() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut() {
        assert_eq!(first_few(["a", "b"]), "a, b");
        assert_eq!(first_few(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
