//! The `modelmark` command: parse, run, map the outcome to an exit code.

mod byte_range;
mod chain_source;
mod cli;
mod commands;
mod container_path;
mod credentials;
mod error;
mod evidence;
mod examples;
mod facts;
mod files_signed;
mod git;
mod hub;
mod identities;
mod money;
mod on_chain_text;
mod options;
mod output;
mod output_file;
mod parents;
mod places;
mod progress;
mod sealing;
mod serving;
mod session;
mod signer;
mod sources;
mod tensor_file;
mod transaction;
mod verifier;
mod weights;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser as _};

fn main() -> ExitCode {
    // With nothing typed at all a person wants the help, whatever the environment holds; clap counts variables as arguments.
    if std::env::args_os().len() <= 1 {
        return output::help(&mut whole());
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        // Help lists what every verb does.
        Err(error) if lists_verbs(error.kind()) => match parse(&mut whole()) {
            Ok(cli) => cli,
            Err(error) => return output::clap(&error),
        },
        Err(error) => return output::clap(&error),
    };
    let output = output::Output::new(cli.global.json, cli.global.quiet);
    match cli.run(&output) {
        Ok(code) => ExitCode::from(code),
        Err(error) => output.fail(&error),
    }
}

fn lists_verbs(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)
}

/// Returns the command line with what every verb does, also of those that nobody typed.
fn whole() -> clap::Command {
    let mut built = cli::Cli::command();
    built.build();
    examples::fit(cli::Cli::command()).mut_subcommands(|verb| {
        let about = built.find_subcommand(verb.get_name()).and_then(clap::Command::get_about).cloned().unwrap_or_default();
        verb.about(about)
    })
}

fn parse(command: &mut clap::Command) -> Result<cli::Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    cli::Cli::from_arg_matches(&matches).map_err(|error| error.format(command))
}
