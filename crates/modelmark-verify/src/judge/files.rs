//! The checks of local files against the record.

use std::collections::BTreeMap;

use modelmark_digest::{Manifest, ManifestKind, TensorSummary};
use modelmark_record::{CanonicalRecord, ModelFile, Provenance, Tensors};

use super::{check, listed};
use crate::evidence::Look;
use crate::{Check, Code, Status};

const CODES: [Code; 5] = [Code::ModelFiles, Code::ModelMissing, Code::ModelExtra, Code::ModelCid, Code::WeightsTensors];

pub(super) fn checks(model: &Look<Manifest>, record: Option<&CanonicalRecord>) -> Vec<Check> {
    let manifest = match model {
        Look::Found(manifest) => manifest,
        Look::Absent(why) => return one_and(Status::Fail, why),
        // Files that were asked for and could not be read must never pass for verified.
        Look::Unreachable(why) => return one_and(Status::Unknown, why),
        Look::NotAsked => return CODES.map(|code| check(code, Status::Skipped, "no local files were given")).into(),
    };
    let Some(record) = record else { return one_and(Status::Unknown, "there is no valid record to compare the files with") };
    let provenance = &record.record().provenance;
    let mut checks = compare(manifest, provenance);
    checks.push(whole(manifest, provenance));
    checks.push(tensors(manifest.weights.tensors.as_ref(), provenance.weights.tensors.as_ref()));
    checks
}

/// Says what is wrong once, and that nothing else about the files was looked at.
fn one_and(status: Status, why: &str) -> Vec<Check> {
    let one = |code| match code {
        Code::ModelFiles => check(code, status, why),
        _ => check(code, Status::Skipped, "the files were not compared"),
    };
    CODES.map(one).into()
}

/// Pairs local and recorded files by path; a single file is compared whatever its name, because its name is not part of its CID.
fn compare(manifest: &Manifest, provenance: &Provenance) -> Vec<Check> {
    let recorded: BTreeMap<&str, &ModelFile> = provenance.model.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let single = manifest.kind == ManifestKind::File && provenance.model.kind == ManifestKind::File;
    let mut wrong = Vec::new();
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
                "{}: CID {} instead of {} ({} instead of {} bytes)",
                file.path,
                file.cid,
                partner.cid,
                file.size,
                partner.size.get()
            ));
        } else if file.sha256.is_some_and(|digest| digest != partner.sha256) {
            wrong.push(format!("{}: same CID, but the record's SHA-256 is not the file's: the record contradicts itself", file.path));
        } else {
            same += 1;
        }
    }
    let local: std::collections::BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
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
    vec![
        files,
        verdict(Code::ModelMissing, missing, "no file is missing".to_owned(), "on the record, but not here"),
        verdict(Code::ModelExtra, extra, "no file is added".to_owned(), "here, but not on the record"),
    ]
}

fn whole(manifest: &Manifest, provenance: &Provenance) -> Check {
    if manifest.cid == provenance.model.cid {
        check(Code::ModelCid, Status::Pass, format!("the model's CID is the record's, {}", manifest.cid))
    } else {
        check(Code::ModelCid, Status::Fail, format!("the model's CID is {}, the record says {}", manifest.cid, provenance.model.cid))
    }
}

fn tensors(local: Option<&TensorSummary>, recorded: Option<&Tensors>) -> Check {
    let (Some(local), Some(recorded)) = (local, recorded) else {
        return check(Code::WeightsTensors, Status::Skipped, "the tensors were not read; the files' digests cover their bytes");
    };
    if local.root == recorded.root {
        check(Code::WeightsTensors, Status::Pass, format!("{} tensors have the recorded root {}", local.count, local.root.to_0x()))
    } else {
        check(
            Code::WeightsTensors,
            Status::Fail,
            format!("the tensor root is {}, the record says {}", local.root.to_0x(), recorded.root.to_0x()),
        )
    }
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
