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

use clap::{CommandFactory as _, FromArgMatches as _};

fn main() -> ExitCode {
    let mut command = examples::fit(cli::Cli::command());
    // With nothing typed at all a person wants the help, whatever the environment holds; clap counts variables as arguments.
    if std::env::args_os().len() <= 1 {
        return output::help(&mut command);
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let cli = matches.and_then(|matches| cli::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command)));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => return output::clap(&error),
    };
    let output = output::Output::new(cli.global.json, cli.global.quiet);
    match cli.run(&output) {
        Ok(code) => ExitCode::from(code),
        Err(error) => output.fail(&error),
    }
}
