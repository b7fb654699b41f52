//! `modelmark admission`: pods run with models that verify, or not at all.

mod certificate;
mod connections;
mod desk;
mod health;
mod in_force;
mod incoming;
mod review;
mod rules;
mod self_signed;
mod serve;

use clap::Subcommand;

use crate::error::Result;
use crate::session::Session;

/// Admit pods to a Kubernetes cluster only with models that verify
///
/// A pod declares its models in the annotation `modelmark.dev/models`, as `VOLUME=TOKEN`. It is admitted when the tokens verify and their policy is met, when
/// an init container of ours, pinned to its digest and arguments, fetches or verifies each model before anything else runs, and when nothing else can write
/// to it. What that proves, and what it does not, is told in `integrations/kubernetes/README.md`.
#[derive(Debug, Subcommand)]
pub(crate) enum AdmissionCommand {
    Serve(Box<serve::ServeArgs>),
    Review(Box<review::ReviewArgs>),
}

pub(crate) fn run(session: &Session<'_>, command: &AdmissionCommand) -> Result<u8> {
    match command {
        AdmissionCommand::Serve(args) => serve::run(session, args),
        AdmissionCommand::Review(args) => review::run(session, args),
    }
}
