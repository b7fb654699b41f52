//! Holds a licence against the licences that a policy accepts and denies, by evaluation of the SPDX expression.

use modelmark_record::Spdx;
use spdx::{Expression, LicenseItem, LicenseReq, Licensee, ParseMode};

use super::{check, holds};
use crate::{Check, Code, Policy, Status};

/// Reads an expression; nothing when it cannot be evaluated.
pub(crate) fn read(license: &Spdx) -> Option<Expression> {
    Expression::parse(license.as_str()).ok()
}

/// Judges a licence, which comes with what was read of it.
pub(crate) fn license(policy: &Policy, license: Option<(&Spdx, Option<&Expression>)>) -> Check {
    const CODE: Code = Code::PolicyLicense;
    let rules = policy.file.as_ref().map(|rules| &rules.licenses);
    let allowing: Vec<&[Spdx]> =
        [policy.licenses.as_slice(), rules.map_or(&[], |rules| &rules.allow)].into_iter().filter(|list| !list.is_empty()).collect();
    let denied = rules.map_or(&[][..], |rules| &rules.deny);
    if allowing.is_empty() && denied.is_empty() {
        return check(CODE, Status::Skipped, "the policy names no licence");
    }
    let Some((license, read)) = license else { return check(CODE, Status::Unknown, "there is no valid record to read the licence from") };
    let Some(expression) = read else {
        return check(CODE, Status::Unknown, format!("the licence {license} cannot be evaluated"));
    };
    let accepted = |one: &LicenseReq| {
        allowing.iter().all(|list| list.iter().any(|entry| entry == license || grants(entry, one)))
            && !denied.iter().any(|entry| bars(entry, one))
    };
    let list = |list: &[Spdx]| list.iter().map(Spdx::as_str).collect::<Vec<_>>().join(", ");
    let reasons = allowing.iter().map(|allowed| format!("accepted: {}", list(allowed)));
    let reasons = reasons.chain((!denied.is_empty()).then(|| format!("denied: {}", list(denied))));
    holds(
        CODE,
        expression.evaluate(accepted),
        || format!("licence {license} is accepted"),
        || format!("licence {license} is not accepted ({})", reasons.collect::<Vec<_>>().join("; ")),
    )
}

/// Tells whether who accepts `entry` may take the model under `one`. Of "this version or any later" the later one may be taken.
fn grants(entry: &Spdx, one: &LicenseReq) -> bool {
    let Ok(entry) = Expression::parse(entry.as_str()) else { return false };
    let mut entries = entry.requirements();
    let (Some(entry), None) = (entries.next(), entries.next()) else { return false };
    if entry.req == *one {
        return true;
    }
    let plain = entry.req.to_string().replacen('+', "", 1);
    if Licensee::parse_mode(&plain, ParseMode::LAX).is_ok_and(|licensee| licensee.satisfies(one)) {
        return true;
    }
    match (gnu(&entry.req), gnu(one)) {
        (Some((family, version, _)), Some((offered, oldest, true))) => {
            family == offered && numbers(version) >= numbers(oldest) && entry.req.addition == one.addition
        }
        _ => false,
    }
}

/// Tells whether who denies `entry` may not take the model under `one`.
fn bars(entry: &Spdx, one: &LicenseReq) -> bool {
    let Ok(entry) = Expression::parse(entry.as_str()) else { return true };
    entry.requirements().any(|entry| {
        let exception = entry.req.addition.is_none() || entry.req.addition == one.addition;
        exception && plain(&entry.req) == plain(one)
    })
}

/// A licence without what says which versions of it: `GPL-3.0-or-later` and `GPL-3.0-only` are one.
fn plain(one: &LicenseReq) -> String {
    match &one.license {
        LicenseItem::Spdx { id, .. } => id.name.trim_end_matches("-or-later").trim_end_matches("-only").to_owned(),
        other @ LicenseItem::Other(_) => other.to_string(),
    }
}

/// Family, version and whether later versions do too, of the licences that say so with a suffix.
fn gnu(one: &LicenseReq) -> Option<(&'static str, &'static str, bool)> {
    let LicenseItem::Spdx { id, .. } = &one.license else { return None };
    let (name, later) = match id.name.strip_suffix("-or-later") {
        Some(name) => (name, true),
        None => (id.name.strip_suffix("-only")?, false),
    };
    let (family, version) = name.rsplit_once('-')?;
    Some((family, version, later))
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::{Licenses, Rules};

    fn judged(license: &str, allow: &[&str], deny: &[&str]) -> Status {
        let list = |list: &[&str]| list.iter().map(|entry| entry.parse().unwrap()).collect();
        let licenses = Licenses { allow: list(allow), deny: list(deny) };
        let policy = Policy { file: Some(Box::new(Rules { licenses, ..Rules::default() })), ..Policy::default() };
        let license = license.parse().unwrap();
        super::license(&policy, Some((&license, read(&license).as_ref()))).status
    }

    #[test]
    fn expressions_are_evaluated() {
        for (license, allow, deny, wanted) in [
            ("MIT OR GPL-3.0-only", &["MIT"][..], &[][..], Status::Pass),
            ("MIT AND GPL-3.0-only", &["MIT"], &[], Status::Fail),
            ("MIT AND GPL-3.0-only", &["MIT", "GPL-3.0-only"], &[], Status::Pass),
            ("(MIT OR GPL-3.0-only) AND Apache-2.0", &["MIT", "Apache-2.0"], &[], Status::Pass),
            ("(MIT AND GPL-3.0-only) OR Apache-2.0", &["MIT"], &[], Status::Fail),
            ("MIT OR GPL-3.0-only", &[], &["GPL-3.0-only"], Status::Pass),
            ("MIT AND GPL-3.0-only", &[], &["GPL-3.0-only"], Status::Fail),
            ("MIT OR GPL-3.0-only", &["MIT"], &["MIT"], Status::Fail),
            // An exception is another licence for who accepts, and the same for who denies.
            ("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"], &[], Status::Fail),
            ("Apache-2.0 WITH LLVM-exception", &["Apache-2.0 WITH LLVM-exception"], &[], Status::Pass),
            ("GPL-2.0-only WITH Classpath-exception-2.0", &[], &["GPL-2.0-only"], Status::Fail),
            ("GPL-2.0-only", &[], &["GPL-2.0-only WITH Classpath-exception-2.0"], Status::Pass),
            // Later versions.
            ("GPL-2.0-or-later", &["GPL-3.0-only"], &[], Status::Pass),
            ("GPL-3.0-or-later", &["GPL-2.0-only"], &[], Status::Fail),
            ("GPL-2.0-only", &["GPL-2.0-or-later"], &[], Status::Fail),
            ("GPL-2.0-only", &["GPL-3.0-only"], &[], Status::Fail),
            ("LGPL-2.1-or-later", &["GPL-3.0-only"], &[], Status::Fail),
            ("MPL-1.1+", &["MPL-2.0"], &[], Status::Pass),
            ("GPL-3.0-or-later", &[], &["GPL-3.0-only"], Status::Fail),
            ("MPL-2.0+", &[], &["MPL-2.0"], Status::Fail),
            // References are compared by name.
            ("LicenseRef-acme-1", &["LicenseRef-acme-1"], &[], Status::Pass),
            ("LicenseRef-acme-1", &["LicenseRef-acme-2", "MIT"], &[], Status::Fail),
            ("LicenseRef-acme-1 OR MIT", &["MIT"], &["LicenseRef-acme-1"], Status::Pass),
            ("DocumentRef-a:LicenseRef-acme-1", &["LicenseRef-acme-1"], &[], Status::Fail),
            // A whole expression that is listed as it stands is accepted.
            ("MIT AND GPL-3.0-only", &["MIT AND GPL-3.0-only"], &[], Status::Pass),
            ("MIT", &["MIT OR Apache-2.0"], &[], Status::Fail),
        ] {
            assert_eq!(judged(license, allow, deny), wanted, "{license}, allowed {allow:?}, denied {deny:?}");
        }
    }

    #[test]
    fn options_and_file_have_to_accept_the_same_choice() {
        let policy = |options: &str, file: &str| Policy {
            licenses: vec![options.parse().unwrap()],
            file: Some(Box::new(Rules { licenses: Licenses { allow: vec![file.parse().unwrap()], deny: Vec::new() }, ..Rules::default() })),
            ..Policy::default()
        };
        let offered: Spdx = "MIT OR Apache-2.0".parse().unwrap();
        assert_eq!(license(&policy("MIT", "MIT"), Some((&offered, read(&offered).as_ref()))).status, Status::Pass);
        assert_eq!(license(&policy("MIT", "Apache-2.0"), Some((&offered, read(&offered).as_ref()))).status, Status::Fail);
        assert_eq!(license(&policy("MIT", "MIT"), None).status, Status::Unknown);
    }
}
