//! The command line: every verb, and which file runs it.

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
    Publish(Box<publish::PublishArgs>),
    Derive(Box<derive::DeriveArgs>),
    Version(Box<version::VersionArgs>),
    Verify(Box<verify::VerifyArgs>),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    Run(Box<run::RunArgs>),
    Watch(Box<watch::WatchArgs>),
    Bundle(Box<bundle::BundleArgs>),
    Show(show::ShowArgs),
    Digest(digest::DigestArgs),
    Inspect(inspect::InspectArgs),
    Diff(diff::DiffArgs),
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    Record(Box<record::RecordArgs>),
    Sign(sign::SignArgs),
    VerifySignature(verify_signature::VerifySignatureArgs),
    Export(export::ExportArgs),
    Picture(picture::PictureArgs),
    #[command(subcommand)]
    Oms(oms::OmsCommand),
    #[command(subcommand)]
    Credential(credential::CredentialCommand),
    Store(store::StoreArgs),
    Fetch(Box<fetch::FetchArgs>),
    Encrypt(encrypt::EncryptArgs),
    Decrypt(decrypt::DecryptArgs),
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    Mint(Box<mint::MintArgs>),
    #[command(subcommand)]
    Consent(consent::ConsentCommand),
    #[command(subcommand)]
    Log(log::LogCommand),
    #[command(subcommand)]
    Anchor(anchor::AnchorCommand),
    #[command(subcommand)]
    License(license::LicenseCommand),
    #[command(subcommand)]
    Market(market::MarketCommand),
    #[command(subcommand)]
    Shares(shares::SharesCommand),
    #[command(subcommand)]
    Royalty(royalty::RoyaltyCommand),
    #[command(subcommand)]
    Status(status::StatusCommand),
    #[command(subcommand)]
    Collection(collection::CollectionCommand),
    #[command(subcommand)]
    Label(label::LabelCommand),
    #[command(subcommand)]
    Token(token::TokenCommand),
    #[command(subcommand)]
    Delegate(delegate::DelegateCommand),
    #[command(subcommand)]
    ProofKey(proof_key::ProofKeyCommand),
    Cat(cat::CatArgs),
    #[command(subcommand)]
    Car(car::CarCommand),
    Gateway(gateway::GatewayArgs),
    #[command(subcommand)]
    Admission(admission::AdmissionCommand),
    Devnet(devnet::DevnetArgs),
    Deploy(deploy::DeployArgs),
    VerifySource(Box<verify_source::VerifySourceArgs>),
    Networks(networks::NetworksArgs),
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
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
