//! Verbs whose options are made only when they are the ones that were typed: making those of every verb takes longer than most verbs do.

use std::ops::Deref;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id, Subcommand};

use crate::examples;

/// The arguments of a verb, or the verbs below it. Until the command is built, clap knows its name alone.
#[derive(Debug)]
pub(crate) struct Deferred<T>(Box<T>);

impl<T> Deref for Deferred<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(|args| Self(Box::new(args)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args> Args for Deferred<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        command.defer(|command| examples::fit(T::augment_args(command)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| examples::fit(T::augment_args_for_update(command)))
    }
}

impl<T: Subcommand> Subcommand for Deferred<T> {
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|command| examples::fit(T::augment_subcommands(command)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        command.defer(|command| examples::fit(T::augment_subcommands_for_update(command)))
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}
