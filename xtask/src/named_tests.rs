//! Our pages say which test shows what they promise: every test that a page names in full, as `crate::file::test`, has to be there.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::shell;

/// Names the tests that pages speak of and that do not exist.
pub(crate) fn missing(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    for page in shell::capture(root, "git", &["ls-files", "*.md"])?.lines() {
        let text = fs::read_to_string(root.join(page)).unwrap_or_default();
        faults.extend(
            named(&text)
                .filter(|test| !exists(root, test))
                .map(|[package, file, test]| format!("{page}: there is no test {test} in crates/{package}/tests/it/{file}.rs")),
        );
    }
    Ok(())
}

/// The code spans of a page that are three names of which the first is that of a crate of ours.
fn named(page: &str) -> impl Iterator<Item = [&str; 3]> {
    let spans = page.split('`').skip(1).step_by(2);
    spans.filter_map(|span| {
        let names: [&str; 3] = span.split("::").collect::<Vec<_>>().try_into().ok()?;
        let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        (names[0].starts_with("modelmark") && !names[0].contains('_') && names.iter().all(|name| plain(name))).then_some(names)
    })
}

fn exists(root: &Path, [package, file, test]: &[&str; 3]) -> bool {
    let text = fs::read_to_string(root.join("crates").join(package).join("tests/it").join(file).with_extension("rs"));
    text.is_ok_and(|text| text.contains(&format!("fn {test}(")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test says where")]

    use super::*;

    #[test]
    fn a_name_in_full_is_found_and_others_are_left_alone() {
        let page =
            "`modelmark-remote::fetch::a_model` and `modelmark_digest::portable::x`, `a::b::c`, `modelmark::storage::*`, `modelmark::x::y`";
        assert_eq!(named(page).collect::<Vec<_>>(), [["modelmark-remote", "fetch", "a_model"], ["modelmark", "x", "y"]]);
    }

    #[test]
    fn a_test_that_is_not_there_is_named() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let here = |test| exists(root, &["modelmark-remote", "object", test]);
        assert!(here("a_store_in_memory_keeps_and_gives") && !here("a_store_in_memory_keeps") && !here("nobody_wrote_this"));
    }
}
