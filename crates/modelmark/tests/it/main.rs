//! The `modelmark` binary as people and scripts meet it: each verb, bad input of every kind, and foreign programs that read what it wrote.
//!
//! What the libraries guarantee is tested there; these tests hold the wiring: arguments, exit codes, what is said, and that nothing is lost.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says when it is skipped"
)]

mod admission;
mod anchor;
mod arweave;
mod at_once;
mod attacks_verify;
mod bad_data_dir;
mod bad_paths;
mod bad_records;
mod bad_rpc;
mod bad_tokens;
mod bad_weights;
mod bundle;
mod cache;
mod car;
mod chains;
mod collection;
mod consent;
mod credential;
mod dataset;
mod deadline;
mod delegate;
mod deny_code;
mod deploy;
mod derive;
mod devnet;
mod diff;
mod digest;
mod double;
mod encrypted_killed;
mod encryption;
mod environment;
mod export;
mod fetch;
mod findings;
mod foreign;
mod foreign_tokens;
mod gate;
mod gateway;
mod github_action;
mod help;
mod hostile_names;
mod hub;
mod inspect;
#[cfg(feature = "aws-kms")]
mod kms;
mod label;
mod ledger;
mod license;
mod license_terms;
mod life;
mod log;
mod market;
mod market_bids;
mod money;
mod networks;
mod oms;
mod oms_conformance;
mod other_languages;
mod output_file;
mod part;
mod picture;
mod places;
mod policy;
mod policy_identities;
mod policy_rules;
mod policy_try;
mod priority;
mod proof_key;
mod publish;
mod publish_weights;
mod reads;
mod record;
mod record_killed;
mod royalty;
mod run;
mod said_once;
mod seaport;
mod shares;
mod show;
mod sign;
mod status;
mod steps;
mod storage;
mod streams;
mod token;
mod verify;
mod verify_attested;
mod verify_named;
mod verify_reports;
mod verify_source;
mod verify_summary;
mod wallet;
mod watch;
mod weight_sets;
