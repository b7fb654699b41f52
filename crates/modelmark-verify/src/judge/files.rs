//! The checks of local files against the record.

use std::collections::BTreeMap;

use modelmark_digest::{Manifest, ManifestKind, TensorSummary};
use modelmark_record::{CanonicalRecord, ModelFile, Provenance, Tensors};

use super::{check, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::{Check, Code, PartEvidence, Scope, Status};

/// So many places of one file stand in a sentence; the report's parts list more.
const MAX_PLACES: usize = 8;

const CODES: [Code; 7] =
    [Code::ModelFiles, Code::ModelSha256, Code::ModelMissing, Code::ModelExtra, Code::ModelCid, Code::WeightsCid, Code::WeightsTensors];

pub(super) fn checks(evidence: &Evidence, record: Option<&CanonicalRecord>) -> Vec<Check> {
    let manifest = match &evidence.model {
        Look::Found(manifest) => manifest,
        Look::Absent(why) => return one_and(Status::Fail, why),
        // Files that were asked for and could not be read must never pass for verified.
        Look::Unreachable(why) => return one_and(Status::Unknown, why),
        Look::NotAsked if evidence.scope != Scope::Whole => {
            return CODES.map(|code| check(code, Status::Skipped, "only a part of the model was looked at")).into();
        }
        Look::NotAsked if evidence.stopped => {
            return CODES.map(|code| check(code, Status::Skipped, "not looked at, because something else failed first")).into();
        }
        Look::NotAsked => return CODES.map(|code| check(code, Status::Skipped, "no local files were given")).into(),
    };
    let elsewhere = evidence.foreign.is_some() || (evidence.oms != Look::NotAsked && evidence.record == Look::NotAsked);
    if record.is_none() && elsewhere {
        return CODES
            .map(|code| check(code, Status::Skipped, "there is no record; what others say of the files is looked at by itself"))
            .into();
    }
    let Some(record) = record else { return one_and(Status::Unknown, "there is no valid record to compare the files with") };
    let provenance = &record.record().provenance;
    let unread = evidence.unread.as_ref();
    if let Some((path, _)) = unread.and_then(|unread| unread.files.iter().find(|file| is_recorded(file, manifest, provenance))) {
        return one_and(Status::Unknown, &format!("{path} is as long as the record says, and was not read"));
    }
    let mut checks = compare(manifest, provenance, evidence);
    checks.push(match unread {
        Some(unread) => {
            let message = format!("the model's CID is not the record's: {} cannot be the record's", count(unread.files.len()));
            check(Code::ModelCid, Status::Fail, message)
        }
        None => whole(manifest, provenance),
    });
    if unread.is_some_and(|unread| unread.weights) {
        checks.push(check(
            Code::WeightsCid,
            Status::Fail,
            "the weights are not the record's: files of other names or sizes are among them",
        ));
        checks.push(check(Code::WeightsTensors, Status::Skipped, "not all weights files were read"));
        return checks;
    }
    checks.push(weights(manifest, provenance));
    checks.push(if evidence.tensors {
        tensors(manifest, provenance)
    } else {
        check(Code::WeightsTensors, Status::Skipped, "the tensors were not asked for; the files' digests cover their bytes")
    });
    checks
}

/// Says what is wrong once, and that nothing else about the files was looked at.
fn one_and(status: Status, why: &str) -> Vec<Check> {
    let one = |code| match code {
        Code::ModelFiles => relayed(code, status, why),
        _ => check(code, Status::Skipped, "the files were not compared"),
    };
    CODES.map(one).into()
}

/// Pairs local and recorded files by path; a single file is compared whatever its name, because its name is not part of its CID.
fn compare(manifest: &Manifest, provenance: &Provenance, evidence: &Evidence) -> Vec<Check> {
    let recorded: BTreeMap<&str, &ModelFile> = provenance.model.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let single = is_single(manifest, provenance);
    let mut wrong = Vec::new();
    let mut contradicted = Vec::new();
    let mut extra = Vec::new();
    let mut same = 0_usize;
    let mut seen = 0_usize;
    for file in &manifest.files {
        let partner = if single { provenance.model.files.first() } else { recorded.get(file.path.as_str()).copied() };
        let Some(partner) = partner else {
            extra.push(file.path.to_string());
            continue;
        };
        seen += 1;
        if file.cid != partner.cid {
            wrong.push(format!(
                "{}: CID {} instead of {} ({} instead of {} bytes){}",
                file.path,
                file.cid,
                partner.cid,
                file.size,
                partner.size.get(),
                places(file.path.as_str(), evidence.part.found())
            ));
        } else {
            same += 1;
        }
        if let Some(digest) = file.sha256.filter(|digest| *digest != partner.sha256) {
            let same = if file.cid == partner.cid { " although the CID is the same: the record contradicts itself" } else { "" };
            contradicted.push(format!("{}: SHA-256 {digest} instead of {}{same}", file.path, partner.sha256));
        }
    }
    let unread = evidence.unread.as_ref().map_or(&[][..], |unread| &unread.files);
    for (path, size) in unread {
        match if single { provenance.model.files.first() } else { recorded.get(path.as_str()).copied() } {
            Some(partner) => {
                seen += 1;
                wrong.push(format!("{path} is {size} bytes, the record says {}: it was not read", partner.size.get()));
            }
            None => extra.push(path.clone()),
        }
    }
    // In the order of the paths, whether they were read or not.
    extra.sort_unstable();
    let local: std::collections::BTreeSet<&str> =
        manifest.files.iter().map(|file| file.path.as_str()).chain(unread.iter().map(|(path, _)| path.as_str())).collect();
    let missing: Vec<_> =
        if single { Vec::new() } else { recorded.keys().filter(|path| !local.contains(**path)).map(ToString::to_string).collect() };
    let verdict = |code, faults: Vec<String>, pass: String, fail: &str| {
        if faults.is_empty() { check(code, Status::Pass, pass) } else { listed(code, format!("{}: {fail}", count(faults.len())), faults) }
    };
    let files = if seen == 0 {
        check(Code::ModelFiles, Status::Fail, "not one local file is on the record")
    } else {
        verdict(Code::ModelFiles, wrong, format!("{} exactly as recorded", count(same)), "not the bytes on the record")
    };
    let digests = if evidence.sha256 {
        verdict(
            Code::ModelSha256,
            contradicted,
            "the files' SHA-256 digests are the recorded ones".to_owned(),
            "not the SHA-256 on the record",
        )
    } else {
        check(Code::ModelSha256, Status::Skipped, "not recomputed: bound by the CID")
    };
    vec![
        files,
        digests,
        verdict(Code::ModelMissing, missing, "no file is missing".to_owned(), "on the record, but not here"),
        verdict(Code::ModelExtra, extra, "no file is added".to_owned(), "here, but not on the record"),
    ]
}

/// Tells whether both are a single file, which is the same under any name.
fn is_single(manifest: &Manifest, provenance: &Provenance) -> bool {
    manifest.kind == ManifestKind::File && provenance.model.kind == ManifestKind::File
}

/// Tells whether a file has name and size of one of the record's.
fn is_recorded((path, size): &(String, u64), manifest: &Manifest, provenance: &Provenance) -> bool {
    let single = is_single(manifest, provenance);
    provenance.model.files.iter().any(|file| (single || file.path.as_str() == path) && file.size.get() == *size)
}

/// Where a file differs, if that is known.
fn places(path: &str, part: Option<&PartEvidence>) -> String {
    let file = part.and_then(|part| part.files.iter().find(|file| file.path == path));
    let bad = file.map_or(&[][..], |file| &file.held.bad);
    let shown: Vec<String> = bad.iter().take(MAX_PLACES).map(|range| format!("{}..{}", range.start, range.end)).collect();
    match bad.len().saturating_sub(MAX_PLACES) {
        _ if shown.is_empty() => String::new(),
        0 => format!("; other bytes at {}", shown.join(", ")),
        more => format!("; other bytes at {} and {more} more places", shown.join(", ")),
    }
}

fn whole(manifest: &Manifest, provenance: &Provenance) -> Check {
    if manifest.cid == provenance.model.cid {
        check(Code::ModelCid, Status::Pass, format!("the model's CID is the record's, {}", manifest.cid))
    } else {
        check(Code::ModelCid, Status::Fail, format!("the model's CID is {}, the record says {}", manifest.cid, provenance.model.cid))
    }
}

/// The token speaks of the weights alone, so a record that calls other files the weights than these would lend them the token's name.
fn weights(manifest: &Manifest, provenance: &Provenance) -> Check {
    let (local, recorded) = (&manifest.weights, &provenance.weights);
    if local.cid != recorded.cid {
        let message = format!("the weights' CID is {}, the record says {}", local.cid, recorded.cid);
        return check(Code::WeightsCid, Status::Fail, message);
    }
    // A single file may have been renamed.
    if manifest.kind == ManifestKind::Directory && local.files != recorded.files {
        return check(Code::WeightsCid, Status::Fail, "the record calls other files the weights");
    }
    check(Code::WeightsCid, Status::Pass, format!("the weights are the ones on the record, {}", local.cid))
}

fn tensors(manifest: &Manifest, provenance: &Provenance) -> Check {
    let (local, recorded) = match (&manifest.weights.tensors, &provenance.weights.tensors) {
        (Some(local), Some(recorded)) => (local, recorded),
        (_, None) => return check(Code::WeightsTensors, Status::Skipped, "the record says nothing about tensors"),
        (None, Some(_)) => {
            let reason = manifest.weights.unread.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let message = format!("the record describes tensors, but none can be read from these files{reason}");
            return check(Code::WeightsTensors, Status::Fail, message);
        }
    };
    let formats = (manifest.weights.format.as_deref(), provenance.weights.format.as_ref().map(|format| format.as_str()));
    let faults = differences(local, recorded, formats);
    if faults.is_empty() {
        return check(Code::WeightsTensors, Status::Pass, format!("{} tensors have the recorded root {}", local.count, local.root.to_0x()));
    }
    listed(Code::WeightsTensors, "the tensors are not what the record says".to_owned(), faults)
}

fn differences(local: &TensorSummary, recorded: &Tensors, (format, recorded_format): (Option<&str>, Option<&str>)) -> Vec<String> {
    let dtypes =
        |pairs: Vec<(&str, u64)>| pairs.iter().map(|(dtype, elements)| format!("{dtype} {elements}")).collect::<Vec<_>>().join(", ");
    let pairs = [
        ("root", local.root.to_0x(), recorded.root.to_0x()),
        ("content", local.content.to_0x(), recorded.content.to_0x()),
        ("value", local.value.to_0x(), recorded.value.to_0x()),
        ("number", local.count.to_string(), recorded.count.get().to_string()),
        ("parameters", local.parameters.to_string(), recorded.parameters.get().to_string()),
        (
            "types",
            dtypes(local.dtypes.iter().map(|(dtype, elements)| (dtype.as_str(), *elements)).collect()),
            dtypes(recorded.dtypes.iter().map(|(dtype, elements)| (dtype.as_str(), elements.get())).collect()),
        ),
        ("format", format.unwrap_or("none").to_owned(), recorded_format.unwrap_or("none").to_owned()),
    ];
    pairs
        .into_iter()
        .filter(|(_, here, there)| here != there)
        .map(|(what, here, there)| format!("{what}: {here} here, {there} on the record"))
        .collect()
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
