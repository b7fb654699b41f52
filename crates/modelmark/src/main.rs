//! The `modelmark` command: parse, run, map the outcome to an exit code.

mod chain_source;
mod cli;
mod commands;
mod error;
mod facts;
mod options;
mod output;
mod progress;
mod session;
mod signer;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let output = output::Output::new(cli.global.json, cli.global.quiet);
    match cli.run(&output) {
        Ok(code) => ExitCode::from(code),
        Err(error) => output.fail(&error),
    }
}
