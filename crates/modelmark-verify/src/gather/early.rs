//! Stops as soon as something fails, if that was asked for: what costs least is looked at first, and the bytes of the files last.

use modelmark_record::Record;

use super::{Gathered, Gathering, summary};
use crate::evidence::{Evidence, Look};
use crate::{Policy, Scope, Status};

impl Gathering<'_> {
    /// Returns the report when token, record, signatures or policy fail, or names and sizes of the files do, so that no byte of them has to be read. When the
    /// token had to be found by the files, they are read already.
    pub(super) fn decided(&self, evidence: &Evidence) -> Option<Gathered> {
        let sources = self.sources;
        let path = sources.path.filter(|_| sources.fail_fast && sources.scope == Scope::Whole && evidence.model == Look::NotAsked)?;
        let unread = Evidence { stopped: true, ..evidence.clone() };
        if let Some(decided) = failed(unread.clone(), self.policy) {
            return Some(decided);
        }
        let record = Record::parse(&evidence.record.found()?.bytes).ok()?;
        let faults = match summary::names_and_sizes(path, &record.provenance, &sources.scope) {
            Look::Found(part) if part.faults.is_empty() => return None,
            Look::Found(part) => part.faults.join("; "),
            Look::Absent(why) => why,
            Look::Unreachable(_) | Look::NotAsked => return None,
        };
        failed(Evidence { model: Look::Absent(faults), ..unread }, self.policy)
    }
}

fn failed(evidence: Evidence, policy: &Policy) -> Option<Gathered> {
    let mut gathered = Gathered::of(evidence, policy);
    gathered.report.checks.iter().any(|check| check.status == Status::Fail).then(|| {
        gathered.report.notes.push("stopped at what failed first: the bytes of the files were not read".to_owned());
        gathered
    })
}
