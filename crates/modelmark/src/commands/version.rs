//! `modelmark version`: publish the next version of a model.

use clap::Args;

use crate::commands::derive::look;
use crate::commands::publish::{self, PublishArgs};
use crate::error::Result;
use crate::session::Session;

/// Publish the next version of a model
///
/// As `publish`, with the token before it named. Only the creator of that token or its owner can continue its series.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark version ./my-model-v2 --of eip155:31337/erc721:0x…/123… --model-version 2.0.0")]
pub(crate) struct VersionArgs {
    /// Token of the version before
    #[arg(long, value_name = "TOKEN")]
    of: String,
    #[command(flatten)]
    publish: PublishArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &VersionArgs) -> Result<()> {
    look(session, &args.publish, "--of", &args.of)?;
    publish::run(session, &args.publish.with_parents(vec![format!("version={}", args.of)]))
}
