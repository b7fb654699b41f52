//! What the administrator pins, as options.

use clap::{Args, Parser as _};
use modelmark_service::Rules;

use crate::cli::Cli;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{LookArgs, PolicyArgs, SourceArgs};
use crate::session::Session;

/// What pods are held against.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// Image that init containers have to have, named by its digest (`registry.example.org/modelmark@sha256:…`); several while one replaces another; repeatable
    #[arg(long, value_name = "IMAGE", required = true)]
    image: Vec<String>,
    /// Refuse pods with volumes that can bring a model in and are not declared: claims, CSI and image volumes, and all others that are neither empty nor
    /// made by Kubernetes
    #[arg(long)]
    require: bool,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) chain: LookArgs,
    #[command(flatten)]
    pub(super) places: SourceArgs,
    /// What init containers have to pass on to `fetch` and `verify`, besides the token and the place: their policy, chain and places, as they are in the image
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

impl RuleArgs {
    /// Returns the rules, if init containers can run by them.
    pub(super) fn rules(&self, session: &Session<'_>) -> Result<Rules> {
        let rules = Rules::new(self.image.clone(), self.arguments.clone()).or_usage()?.requiring(self.require);
        let token = "eip155:1/erc721:0x0000000000000000000000000000000000000001/1";
        for verb in [vec!["fetch", token, "/models/x/model"], vec!["verify", "/models/x", "--token", token]] {
            let typed = ["modelmark"].into_iter().chain(verb.iter().copied()).chain(self.arguments.iter().map(String::as_str));
            Cli::try_parse_from(typed).map_err(|error| {
                let first = error.to_string();
                let first = first.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let told = CommandError::usage(format!(
                    "init containers could not run `modelmark {}` with these arguments: {first}",
                    verb.join(" ")
                ));
                told.hint("after `--` stands what both `fetch` and `verify` take")
            })?;
        }
        if self.policy.takes_any_author() {
            session.output.note("no policy names an author: anybody's token would do; `--policy FILE` or `--creator ADDRESS` names whose");
        }
        Ok(rules)
    }
}
