//! The checks of a part of the local files. None of them speaks for the rest.

use modelmark_digest::partial::chance_of_missing;

use super::{check, listed, relayed};
use crate::evidence::Look;
use crate::part::{FilePart, PartEvidence, Scope};
use crate::{Check, Code, Part, Span, Status};

/// So many ranges of a file stand in a report.
const MAX_SPANS: usize = 1000;

const CODES: [Code; 4] = [Code::ModelRange, Code::ModelSample, Code::ModelPart, Code::WeightsSlice];

pub(super) fn checks(scope: &Scope, part: &Look<PartEvidence>) -> Vec<Check> {
    let Some(asked) = code_of(scope) else {
        return CODES.map(|code| check(code, Status::Skipped, "it was not asked for")).into();
    };
    let found = match part {
        Look::Found(part) => judge(asked, part),
        Look::Absent(why) => relayed(asked, Status::Fail, why),
        Look::Unreachable(why) => relayed(asked, Status::Unknown, why),
        // It was asked for, so that it must not look like a pass.
        Look::NotAsked => check(asked, Status::Unknown, "there is no valid record to hold the files against"),
    };
    CODES.map(|code| if code == asked { found.clone() } else { check(code, Status::Skipped, "it was not asked for") }).into()
}

/// What the report says about the files, for programs that download the rest. Of a sample it says nothing: what was not looked at is not good.
pub(super) fn parts(part: &Look<PartEvidence>) -> Vec<Part> {
    let Some(part) = part.found().filter(|part| !matches!(part.scope, Scope::Sample(_) | Scope::Summary(_))) else { return Vec::new() };
    let spans =
        |ranges: &[std::ops::Range<u64>]| ranges.iter().take(MAX_SPANS).map(|range| Span { start: range.start, end: range.end }).collect();
    part.files
        .iter()
        .map(|file| Part {
            path: file.path.clone(),
            found: file.found.clone(),
            size: file.size,
            present: file.present,
            good: spans(&file.held.good),
            bad: spans(&file.held.bad),
            absent: spans(&file.held.absent),
            resume_at: file.held.resume_at().filter(|_| part.scope == Scope::Partial),
        })
        .collect()
}

fn code_of(scope: &Scope) -> Option<Code> {
    match scope {
        Scope::Whole => None,
        Scope::Ranges(_) | Scope::RangeProof(_) => Some(Code::ModelRange),
        Scope::Sample(_) => Some(Code::ModelSample),
        Scope::Summary(brought) => brought.sample.map(|_| Code::ModelSample),
        Scope::Partial => Some(Code::ModelPart),
        Scope::SliceProof(_) => Some(Code::WeightsSlice),
    }
}

fn judge(code: Code, part: &PartEvidence) -> Check {
    if part.scope == Scope::Partial && part.faults.is_empty() && part.files.iter().all(is_clean) {
        return clean(code, part);
    }
    let mut faults: Vec<String> = part.files.iter().filter(|file| !file.is_good()).map(|file| describe(file, &part.scope)).collect();
    faults.extend(part.faults.iter().cloned());
    let leaves: u64 = part.files.iter().map(|file| file.held.leaves).sum();
    match (&part.scope, faults.is_empty()) {
        (Scope::Sample(_) | Scope::Summary(_), true) if leaves == 0 && part.leaves > 0 => {
            check(code, Status::Unknown, "not one leaf was looked at")
        }
        (Scope::Sample(_) | Scope::Summary(_), true) => check(code, Status::Sampled, worth(part.leaves, leaves)),
        (Scope::Sample(_) | Scope::Summary(_), false) => {
            listed(code, format!("of {leaves} leaves chosen at random, or of the names and sizes, not all are the record's"), faults)
        }
        (Scope::Partial, _) => listed(code, format!("{} of {} files are there whole", whole(part), part.files.len()), faults),
        (Scope::SliceProof(proof), true) => {
            let message = format!(
                "the {leaves} chunks that hold the bytes asked for are those of the tensor {}; nothing else was looked at",
                proof.tensor().name
            );
            check(code, Status::Pass, message)
        }
        (_, true) => check(
            code,
            Status::Pass,
            format!("the {leaves} leaves that hold the bytes asked for are as recorded; the rest was not looked at"),
        ),
        (_, false) => listed(code, "the bytes asked for are not those on the record".to_owned(), faults),
    }
}

/// Tells whether nothing that is there is other than the model's.
const fn is_clean(file: &FilePart) -> bool {
    file.held.bad.is_empty() && file.present <= file.size
}

/// The check of a download in which nothing is wrong, whether it is finished or not.
fn clean(code: Code, part: &PartEvidence) -> Check {
    let unfinished: Vec<String> = part.files.iter().filter(|file| !file.is_good()).map(|file| describe(file, &part.scope)).collect();
    if unfinished.is_empty() {
        return check(code, Status::Pass, "every byte of every file is there and as recorded; nothing else was looked at");
    }
    let bytes = |ranges: &[std::ops::Range<u64>]| ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum::<u64>();
    let good: u64 = part.files.iter().map(|file| bytes(&file.held.good)).sum();
    let missing: u64 = part.files.iter().map(|file| bytes(&file.held.absent)).sum();
    let counted = format!("{} of {} files are there whole, {missing} bytes are missing", whole(part), part.files.len());
    let (status, message) = if good == 0 {
        (Status::Unknown, format!("not one leaf is there to look at: {counted}"))
    } else {
        (Status::Pass, format!("unfinished, and the {good} bytes that are there are as recorded: {counted}"))
    };
    Check { status, ..listed(code, message, unfinished) }
}

fn whole(part: &PartEvidence) -> usize {
    part.files.iter().filter(|file| file.is_good()).count()
}

/// Says what a sample proves, in the only terms that it can be said in.
fn worth(total: u64, sampled: u64) -> String {
    let missed = |changed: u64| percent(chance_of_missing(total, sampled, changed));
    let share = |per_mille: u64| total.saturating_mul(per_mille).div_ceil(1000);
    let (some, many) = (share(1), share(10));
    format!(
        "sampled, not verified: {sampled} of {total} leaves, chosen at random, are as recorded, and so are all names and sizes; this would miss a \
         change of 1 leaf with a probability of {}, of 0.1 % of the leaves ({some}) with {}, of 1 % ({many}) with {}",
        missed(1),
        missed(some),
        missed(many)
    )
}

/// A probability in percent, never rounded to a certainty that it is not.
fn percent(probability: f64) -> String {
    match probability * 100.0 {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p >= 100.0 => "100 %".to_owned(),
        p if p < 0.01 => format!("{p:.1e} %"),
        p if p > 99.99 => "more than 99.99 %".to_owned(),
        p => format!("{p:.2} %"),
    }
}

fn describe(file: &FilePart, scope: &Scope) -> String {
    let Some(found) = &file.found else { return format!("{}: nothing is there of {} bytes", file.path, file.size) };
    let mut text = file.path.clone();
    if *found != file.path {
        text.push_str(&format!(" (as {found})"));
    }
    for (what, ranges) in [("not the model's", &file.held.bad), ("not there", &file.held.absent)] {
        if let Some(first) = ranges.first() {
            let more = if ranges.len() > 1 { format!(" and {} more ranges", ranges.len() - 1) } else { String::new() };
            text.push_str(&format!(", bytes {}..{}{more} {what}", first.start, first.end));
        }
    }
    if file.present > file.size {
        text.push_str(&format!(", {} bytes too long", file.present - file.size));
    }
    if let Some(resume) = file.held.resume_at().filter(|_| *scope == Scope::Partial) {
        text.push_str(&format!("; go on from byte {resume} of {}", file.size));
    }
    text
}
