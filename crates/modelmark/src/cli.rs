//! The command line: every verb, and which file runs it.

mod deferred;
#[cfg(test)]
mod written;

use clap::{Parser, Subcommand};

use modelmark_verify::exit_codes;

use crate::commands::{
    admission, anchor, bundle, car, cat, collection, consent, credential, dataset, decrypt, delegate, deploy, derive, devnet, diff, digest,
    encrypt, export, fetch, gateway, inspect, label, license, log, market, mint, networks, oms, picture, policy, proof_key, publish,
    record, royalty, run, shares, show, sign, status, storage, store, token, verify, verify_signature, verify_source, version, wallet,
    watch,
};
use crate::error::Result;
use crate::options::Global;
use crate::output::Output;
use crate::session::Session;

use self::deferred::Deferred;

/// Give a machine-learning model a provable identity, and check it
///
/// modelmark fingerprints model files, writes a signed provenance record, keeps it in content-addressed storage, mints it as an ERC-721 token, and
/// proves that the files at hand are the ones on the record.
#[derive(Debug, Parser)]
#[command(name = "modelmark", version, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done or verified, 1 does not verify or refused, 2 usage, 3 could not look (chain, storage or file out of reach), 4 refused by policy.

Example: publish a model on the embedded chain, then check it
  modelmark publish ./my-model --license apache-2.0 --royalty 5% --dataset ./data
  modelmark verify ./my-model";

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Publish(Deferred<publish::PublishArgs>),
    Derive(Deferred<derive::DeriveArgs>),
    Version(Deferred<version::VersionArgs>),
    Verify(Deferred<verify::VerifyArgs>),
    #[command(subcommand)]
    Policy(Deferred<policy::PolicyCommand>),
    Run(Deferred<run::RunArgs>),
    Watch(Deferred<watch::WatchArgs>),
    Bundle(Deferred<bundle::BundleArgs>),
    Show(Deferred<show::ShowArgs>),
    Digest(Deferred<digest::DigestArgs>),
    Inspect(Deferred<inspect::InspectArgs>),
    Diff(Deferred<diff::DiffArgs>),
    #[command(subcommand)]
    Dataset(Deferred<dataset::DatasetCommand>),
    Record(Deferred<record::RecordArgs>),
    Sign(Deferred<sign::SignArgs>),
    VerifySignature(Deferred<verify_signature::VerifySignatureArgs>),
    Export(Deferred<export::ExportArgs>),
    Picture(Deferred<picture::PictureArgs>),
    #[command(subcommand)]
    Oms(Deferred<oms::OmsCommand>),
    #[command(subcommand)]
    Credential(Deferred<credential::CredentialCommand>),
    Store(Deferred<store::StoreArgs>),
    Fetch(Deferred<fetch::FetchArgs>),
    Encrypt(Deferred<encrypt::EncryptArgs>),
    Decrypt(Deferred<decrypt::DecryptArgs>),
    #[command(subcommand)]
    Storage(Deferred<storage::StorageCommand>),
    Mint(Deferred<mint::MintArgs>),
    #[command(subcommand)]
    Consent(Deferred<consent::ConsentCommand>),
    #[command(subcommand)]
    Log(Deferred<log::LogCommand>),
    #[command(subcommand)]
    Anchor(Deferred<anchor::AnchorCommand>),
    #[command(subcommand)]
    License(Deferred<license::LicenseCommand>),
    #[command(subcommand)]
    Market(Deferred<market::MarketCommand>),
    #[command(subcommand)]
    Shares(Deferred<shares::SharesCommand>),
    #[command(subcommand)]
    Royalty(Deferred<royalty::RoyaltyCommand>),
    #[command(subcommand)]
    Status(Deferred<status::StatusCommand>),
    #[command(subcommand)]
    Collection(Deferred<collection::CollectionCommand>),
    #[command(subcommand)]
    Label(Deferred<label::LabelCommand>),
    #[command(subcommand)]
    Token(Deferred<token::TokenCommand>),
    #[command(subcommand)]
    Delegate(Deferred<delegate::DelegateCommand>),
    #[command(subcommand)]
    ProofKey(Deferred<proof_key::ProofKeyCommand>),
    Cat(Deferred<cat::CatArgs>),
    #[command(subcommand)]
    Car(Deferred<car::CarCommand>),
    Gateway(Deferred<gateway::GatewayArgs>),
    #[command(subcommand)]
    Admission(Deferred<admission::AdmissionCommand>),
    Devnet(Deferred<devnet::DevnetArgs>),
    Deploy(Deferred<deploy::DeployArgs>),
    VerifySource(Deferred<verify_source::VerifySourceArgs>),
    Networks(Deferred<networks::NetworksArgs>),
    #[command(subcommand)]
    Wallet(Deferred<wallet::WalletCommand>),
}

impl Cli {
    /// Runs the command and returns the process exit code.
    pub(crate) fn run(self, output: &Output) -> Result<u8> {
        let session = Session::new(&self.global, output)?;
        match self.command {
            Command::Publish(args) => publish::run(&session, &args)?,
            Command::Derive(args) => derive::run(&session, &args)?,
            Command::Version(args) => version::run(&session, &args)?,
            Command::Verify(args) => return verify::run(&session, &args),
            Command::Policy(command) => return policy::run(&session, &command),
            Command::Run(args) => return run::run(session, &args),
            Command::Watch(args) => return watch::run(&session, &args),
            Command::Bundle(args) => return bundle::run(&session, &args),
            Command::Show(args) => show::run(&session, &args)?,
            Command::Digest(args) => digest::run(&session, &args)?,
            Command::Inspect(args) => return inspect::run(&session, &args),
            Command::Diff(args) => return diff::run(&session, &args),
            Command::Dataset(command) => return dataset::run(&session, &command),
            Command::Record(args) => record::run(&session, &args)?,
            Command::Sign(args) => sign::run(&session, &args)?,
            Command::VerifySignature(args) => return verify_signature::run(&session, &args),
            Command::Export(args) => export::run(&session, &args)?,
            Command::Picture(args) => picture::run(&session, &args)?,
            Command::Oms(command) => return oms::run(&session, &command),
            Command::Credential(command) => return credential::run(&session, &command),
            Command::Store(args) => store::run(&session, &args)?,
            Command::Fetch(args) => return fetch::run(&session, &args),
            Command::Encrypt(args) => encrypt::run(&session, &args)?,
            Command::Decrypt(args) => decrypt::run(&session, &args)?,
            Command::Storage(command) => return storage::run(&session, &command),
            Command::Mint(args) => mint::run(&session, &args)?,
            Command::Consent(command) => consent::run(&session, &command)?,
            Command::Log(command) => log::run(&session, &command)?,
            Command::Anchor(command) => return anchor::run(&session, &command),
            Command::License(command) => license::run(&session, &command)?,
            Command::Market(command) => market::run(&session, &command)?,
            Command::Shares(command) => shares::run(&session, &command)?,
            Command::Royalty(command) => royalty::run(&session, &command)?,
            Command::Status(command) => status::run(&session, &command)?,
            Command::Collection(command) => return collection::run(&session, &command),
            Command::Label(command) => label::run(&session, &command)?,
            Command::Token(command) => token::run(&session, &command)?,
            Command::Delegate(command) => delegate::run(&session, &command)?,
            Command::ProofKey(command) => return proof_key::run(&session, &command),
            Command::Cat(args) => cat::run(&session, &args)?,
            Command::Car(command) => car::run(&session, &command)?,
            Command::Gateway(args) => gateway::run(&session, &args)?,
            Command::Admission(command) => return admission::run(&session, &command),
            Command::Devnet(args) => devnet::run(&session, &args)?,
            Command::Deploy(args) => deploy::run(&session, &args)?,
            Command::VerifySource(args) => return verify_source::run(&session, &args),
            Command::Networks(args) => networks::run(&session, &args)?,
            Command::Wallet(command) => wallet::run(&session, &command)?,
        }
        Ok(exit_codes::VERIFIED)
    }
}
