//! Holds the parts of a model against what counts them: indexes, the numbers in their names, and what the parts of a GGUF file say themselves.

use std::collections::{BTreeMap, HashMap, HashSet};

use modelmark_formats::{Contents, Finding, FindingCode, MAX_INDEX_BYTES, Shard, ShardIndex, first_few, is_index};

use super::{WeightSet, WeightsFile};
use crate::walk::Tree;
use crate::{DigestError, ModelPath};

/// A finding and the file that it is about.
type Noticed = (Option<ModelPath>, Finding);

/// Checks every index in the model, and every numbered set that has none. Gives the index of each shard: the one that lists it or
/// the other parts of its set.
pub(super) fn check(tree: &Tree, sets: &[WeightSet], findings: &mut Vec<Noticed>) -> Result<HashMap<String, ModelPath>, DigestError> {
    let files: BTreeMap<&str, &WeightsFile> = sets.iter().flat_map(|set| &set.files).map(|file| (file.path.as_str(), file)).collect();
    let there: HashSet<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    let mut indexed = HashMap::new();
    for found in tree.files.iter().filter(|found| is_index(found.path.file_name())) {
        let folder = folder_of(&found.path);
        let mut note = |finding| findings.push((Some(found.path.clone()), finding));
        let malformed = |fault| Finding { code: FindingCode::Malformed, message: format!("no index of shards: {fault}") };
        if found.size > MAX_INDEX_BYTES {
            note(malformed(format!("{} bytes, at most {MAX_INDEX_BYTES} are read", found.size)));
            continue;
        }
        let index = match ShardIndex::parse(&tree.start_of(found, MAX_INDEX_BYTES)?) {
            Ok(index) => index,
            Err(fault) => {
                note(malformed(fault));
                continue;
            }
        };
        let look = |shard: &str| match (files.get(format!("{folder}{shard}").as_str()), there.contains(format!("{folder}{shard}").as_str()))
        {
            (Some(file), _) => file.contents.as_ref().ok().and_then(Option::as_ref).map_or(Shard::Unread, Shard::Read),
            (None, true) => Shard::Unread,
            (None, false) => Shard::Missing,
        };
        index.check(&look).into_iter().for_each(&mut note);
        indexed.extend(index.shards().map(|shard| (format!("{folder}{shard}"), found.path.clone())));
    }
    numbered(&files, &mut indexed, findings);
    Ok(indexed)
}

fn folder_of(path: &ModelPath) -> &str {
    path.as_str().strip_suffix(path.file_name()).unwrap_or_default()
}

/// One part of a set, by its name: `model-00001-of-00003.gguf`.
struct Part<'f> {
    number: u64,
    file: &'f WeightsFile,
}

/// Checks sets whose parts count themselves. Of those that an index lists it is known what is missing.
fn numbered(files: &BTreeMap<&str, &WeightsFile>, indexed: &mut HashMap<String, ModelPath>, findings: &mut Vec<Noticed>) {
    let mut sets: BTreeMap<(&str, u64, &str), Vec<Part<'_>>> = BTreeMap::new();
    for (path, file) in files {
        match number(path) {
            Some((stem, number, total, extension)) => sets.entry((stem, total, extension)).or_default().push(Part { number, file }),
            None => alone(file, findings),
        }
    }
    for ((_, total, extension), parts) in sets {
        if let Some(index) = parts.iter().find_map(|part| indexed.get(part.file.path.as_str())).cloned() {
            for part in &parts {
                if indexed.contains_key(part.file.path.as_str()) {
                    continue;
                }
                let message = "a part that no index lists: loaders pass it over".to_owned();
                findings.push((Some(part.file.path.clone()), Finding { code: FindingCode::IndexUnlisted, message }));
                indexed.insert(part.file.path.to_string(), index.clone());
            }
            continue;
        }
        missing(&parts, total, findings);
        if extension == "gguf" {
            split(&parts, total, findings);
        }
    }
}

fn number(path: &str) -> Option<(&str, u64, u64, &str)> {
    let (stem, extension) = path.rsplit_once('.')?;
    let (stem, total) = stem.rsplit_once("-of-")?;
    let (stem, number) = stem.rsplit_once('-')?;
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(total) && digits(number)).then_some((stem, number.parse().ok()?, total.parse().ok()?, extension))
}

/// Tells of a part whose name does not say where the others are.
fn alone(file: &WeightsFile, findings: &mut Vec<Noticed>) {
    let Some(contents) = contents(file) else { return };
    if let Some(count) = stated(contents, "split.count").filter(|count| *count > 1) {
        let own = stated(contents, "split.no").map_or(0, |own| own.saturating_add(1));
        let message = format!("is part {own} of {count}, but its name does not say so: the others cannot be found");
        findings.push((Some(file.path.clone()), Finding { code: FindingCode::ShardMissing, message }));
    }
}

fn contents(file: &WeightsFile) -> Option<&Contents> {
    file.contents.as_ref().ok().and_then(Option::as_ref)
}

fn stated(contents: &Contents, key: &str) -> Option<u64> {
    contents.metadata.get(key)?.parse().ok()
}

fn missing(parts: &[Part<'_>], total: u64, findings: &mut Vec<Noticed>) {
    let Some(first) = parts.first() else { return };
    let numbers: HashSet<u64> = parts.iter().map(|part| part.number).collect();
    // At most 99,999: five digits.
    let absent: Vec<String> = (1..=total).filter(|number| !numbers.contains(number)).map(|number| number.to_string()).collect();
    if !absent.is_empty() {
        let message = format!(
            "one of {total} parts, of which {} are not in the model: {}",
            absent.len(),
            first_few(absent.iter().map(String::as_str))
        );
        findings.push((Some(first.file.path.clone()), Finding { code: FindingCode::ShardMissing, message }));
    }
    for part in parts.iter().filter(|part| part.number == 0 || part.number > total) {
        let message = format!("part {} of {total}: there is no such part", part.number);
        findings.push((Some(part.file.path.clone()), Finding { code: FindingCode::ShardCount, message }));
    }
}

/// Holds the parts of a split GGUF file against what they say of themselves.
fn split(parts: &[Part<'_>], total: u64, findings: &mut Vec<Noticed>) {
    let mut names: HashSet<&str> = HashSet::new();
    let (mut count, mut declared, mut readable) = (0_u64, None, 0_u64);
    for Part { number, file } in parts {
        let mut note = |code, message| findings.push((Some(file.path.clone()), Finding { code, message }));
        let Some(contents) = contents(file) else { continue };
        readable += 1;
        count = count.saturating_add(contents.tensors.len() as u64);
        declared = declared.or_else(|| stated(contents, "split.tensors.count"));
        let (own, all) = (stated(contents, "split.no"), stated(contents, "split.count"));
        if (own.and_then(|own| own.checked_add(1)), all) != (Some(*number), Some(total)) {
            let said = |value: Option<u64>| value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
            let message = format!("named as part {number} of {total}, but says `split.no` {} of `split.count` {}", said(own), said(all));
            note(FindingCode::ShardCount, message);
        }
        let twice = contents.tensors.iter().filter(|tensor| !names.insert(&tensor.name)).count();
        if twice > 0 {
            note(FindingCode::ShardTwice, format!("{twice} tensors stand in another part too"));
        }
    }
    if let (Some(declared), true, Some(first)) = (declared, readable == total, parts.first())
        && declared != count
    {
        let message = format!("`split.tensors.count` says {declared} tensors; the parts hold {count}");
        findings.push((Some(first.file.path.clone()), Finding { code: FindingCode::ShardCount, message }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_five_digits() {
        assert_eq!(number("x/m-00001-of-00003.gguf"), Some(("x/m", 1, 3, "gguf")));
        assert_eq!(number("m-1-of-3.gguf"), None);
        assert_eq!(number("state-of-art.gguf"), None);
    }
}
