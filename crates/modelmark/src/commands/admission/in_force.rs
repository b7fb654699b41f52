//! The policy in force, read again when its file changes.

use std::sync::Arc;
use std::time::Duration;

use modelmark_verify::Policy;

use super::health::Health;
use crate::error::Result;
use crate::options::PolicyArgs;
use crate::output::{Output, printable};

/// How often the file is looked at. It is small, and a cluster replaces it by links that no notification tells of reliably.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// A policy, and what its file said of late.
pub(super) struct InForce<'a> {
    args: &'a PolicyArgs,
    health: Arc<Health>,
    policy: Policy,
    /// Another policy that the file held when it was looked at last.
    next: Option<Policy>,
    /// What was wrong with the file, as it was told last.
    told: Option<String>,
}

impl<'a> InForce<'a> {
    /// Reads the policy for the first time: one that is broken does not start.
    pub(super) fn read(args: &'a PolicyArgs, health: Arc<Health>) -> Result<Self> {
        Ok(Self { args, health, policy: args.policy()?, next: None, told: None })
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Looks at the file, and tells whether another policy is in force now. One that cannot be read leaves the policy that there was.
    pub(super) fn look(&mut self, output: &Output) -> bool {
        let found = match self.args.policy() {
            Ok(found) => found,
            Err(error) => {
                self.next = None;
                self.keep(error.to_string(), output);
                return false;
            }
        };
        self.health.stale(false);
        self.told = None;
        if found == self.policy {
            self.next = None;
            return false;
        }
        // An editor may be in the middle of it, and half a policy demands less: it has to say the same twice.
        if self.next.as_ref() != Some(&found) {
            self.next = Some(found);
            return false;
        }
        self.next = None;
        self.policy = found;
        output.step("renewed", "the policy");
        true
    }

    fn keep(&mut self, why: String, output: &Output) {
        self.health.stale(true);
        if self.told.as_ref() != Some(&why) {
            output.note(format!("the policy stays as it was: {}", printable(&why)));
            self.told = Some(why);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        policy: PolicyArgs,
    }

    #[test]
    fn a_policy_is_taken_when_it_stays_and_kept_when_the_next_is_broken() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("policy.toml");
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        write("version = 1\n[licenses]\nallow = [\"MIT\"]\n");
        let options = Options::parse_from(["x", "--policy", file.to_str().unwrap()]);
        let health = Arc::<Health>::default();
        health.chain(true);
        let stale = || health.ready().1.contains("earlier");
        let mut policy = InForce::read(&options.policy, Arc::clone(&health)).unwrap();
        let first = policy.policy().clone();
        let output = Output::new(false, true);
        assert!(!policy.look(&output) && !policy.look(&output));
        // Somebody writes it anew, and is not done at the first look.
        write("version = 1\n");
        assert!(!policy.look(&output));
        write("version = 1\n[licenses]\nallow = [\"Apache-2.0\"]\n");
        assert!(!policy.look(&output));
        assert_eq!(policy.policy(), &first);
        assert!(policy.look(&output) && !policy.look(&output));
        let second = policy.policy().clone();
        assert_ne!(second, first);
        for broken in ["", "version = 1\n[licences]\n", "\u{0}"] {
            write(broken);
            assert!(!policy.look(&output) && !policy.look(&output));
            assert_eq!((policy.policy(), stale()), (&second, true), "{broken:?}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(!policy.look(&output) && stale());
        write("version = 1\n[licenses]\nallow = [\"Apache-2.0\"]\n");
        assert!(!policy.look(&output));
        assert!(!stale());
    }
}
