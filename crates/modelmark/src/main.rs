//! The `modelmark` command: parse, run, map the outcome to an exit code.

mod byte_range;
mod chain_source;
mod cli;
mod commands;
mod error;
mod evidence;
mod facts;
mod hub;
mod money;
mod options;
mod output;
mod output_file;
mod progress;
mod session;
mod signer;
mod transaction;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

fn main() -> ExitCode {
    // With nothing typed at all a person wants the help, whatever the environment holds; clap counts variables as arguments.
    if std::env::args_os().len() <= 1 {
        return output::help(&mut cli::Cli::command());
    }
    let cli = cli::Cli::parse();
    let output = output::Output::new(cli.global.json, cli.global.quiet);
    match cli.run(&output) {
        Ok(code) => ExitCode::from(code),
        Err(error) => output.fail(&error),
    }
}
