//! `modelmark publish`: digest, record, sign, store and mint in one go.

use std::path::PathBuf;

use clap::Args;
use modelmark_digest::{Comparison, Request, survey};
use modelmark_record::Account;
use serde_json::json;

use crate::chain_source;
use crate::commands::digest::{explain, files, weights_line};
use crate::commands::inspect;
use crate::commands::mint::{mint, recipient};
use crate::commands::sign::sign;
use crate::commands::store::{Taken, Taking, keep, take_in};
use crate::error::{OrKind as _, Result};
use crate::facts::{self, FactsArgs};
use crate::hub;
use crate::options::{ChainArgs, PlaceArgs, ProfileArgs, SendArgs, SignerArgs};
use crate::output::{bytes, printable};
use crate::parents;
use crate::places::{self, Places};
use crate::session::Session;
use crate::signer;
use crate::weights::WeightsArgs;

/// Publish a model: fingerprint, record, sign, store, mint
///
/// Publishing the same model with the same facts twice finds the first token. A run that was interrupted can simply be repeated.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  modelmark publish ./my-model --license apache-2.0 --royalty 5% --dataset ./data\n  \
                        modelmark publish ./my-model --license apache-2.0 --store weights --place s3://models --place ipfs+http://127.0.0.1:5001")]
pub(crate) struct PublishArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// Copy the model's files into the store instead of referencing them where they are
    #[arg(long)]
    copy: bool,
    /// Owner of the token [default: the creator]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    facts: FactsArgs,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    what: WeightsArgs,
}

impl PublishArgs {
    /// Returns the same with parents added, spelled as `--parent` takes them.
    pub(crate) fn with_parents(&self, parents: Vec<String>) -> Self {
        let mut args = self.clone();
        args.facts.add_parents(parents);
        args
    }

    /// Returns which chain it goes to.
    pub(crate) const fn chain(&self) -> &ChainArgs {
        &self.chain
    }
}

pub(crate) fn run(session: &Session<'_>, args: &PublishArgs) -> Result<()> {
    let output = session.output;
    // A wrong option should be told before a large model is read, so the cheap questions come first.
    let to = recipient(args.to.as_deref())?;
    let path = hub::locate(session, &args.path)?;
    let options = facts::chain_options(&path, &args.chain)?;
    let places = Places::open(&facts::place_options(session, &path, &args.places, args.send.yes)?)?;
    let weights = args.what.plan(&places)?;
    // The chain itself is let go, so that other commands can use an embedded one while this model is read.
    let (chain, endpoint) = session.block_on(async {
        let chain = chain_source::connect(session, &options).await?.chain;
        Ok((chain.id(), chain.endpoint().to_owned()))
    })?;
    if options.rpc_url != args.chain.rpc_url || options.registry != args.chain.registry {
        let registry = options.registry.as_deref().unwrap_or("the canonical registry");
        output.note(format!("modelmark.toml decides where this goes: {chain} at {endpoint}, {}", printable(registry)));
    }
    let wallet = signer::wallet(&args.signer, chain)?;
    let places = places.signed_by(&wallet)?;
    let mut survey = survey(&path).map_err(explain)?;
    let capture = facts::gather(session, &path, &args.facts, Some(Account::from(wallet.address())))?;
    facts::check_complete(&capture)?;
    let claimed = &capture.facts.claims.parents;
    if !claimed.is_empty() {
        session.block_on(async {
            let registry = chain_source::connect(session, &options).await?.registry;
            parents::check(session, &registry, wallet.address(), claimed).await
        })?;
    }
    for warning in inspect::warnings(&survey) {
        output.note(warning);
    }
    let taking = Taking { copy: args.copy, cache: args.facts.cache, survey: Some(&mut survey) };
    let request = Request { profile: args.profile.cid_profile, holes: args.facts.cache.holes.read_holes, ..Request::default() };
    let Taken { manifest, reading, comparisons } = take_in(session, &path, taking, &request, |_| Ok(()))?;
    reading.remark().into_iter().for_each(|remark| output.note(remark));
    for Comparison { set, summary, .. } in &comparisons {
        output.note(printable(&format!("{set}: {summary}")));
    }
    output.step(
        "digest",
        format!("{} ({}, {}; weights: {})", manifest.cid, files(manifest.files.len()), bytes(manifest.size), weights_line(&manifest)),
    );
    let record = facts::compose(session, &manifest, capture)?;
    output.step("record", record.id());
    let signed = sign(record.clone(), &wallet)?;
    output.step("sign", format!("by {}{}", wallet.address(), if wallet.is_development() { " (development key)" } else { "" }));
    let document = signed.document_bytes().or_refused()?;
    // Before the mint: no token names what is nowhere. It may take long, so that no chain is held meanwhile.
    let sent = weights.keep(session, &places, &path, &manifest, args.send.yes)?;
    session.block_on(async {
        let connected = chain_source::connect(session, &options).await?;
        let (mut signatures, mut picture, mut receipts) = (None, None, Vec::new());
        let keep = async || {
            let stored = keep(session, &record, Some(&document))?;
            output.step("store", format!("{} in {}", stored.uri, stored.store));
            receipts = places.keep(session, &places::items(session.store()?, &stored)?, args.send.yes).await?;
            (signatures, picture) = (stored.signatures, stored.picture);
            Ok(())
        };
        let minted = mint(session, &connected, &wallet, to, &record, &args.send, keep).await?;
        match minted.receipt {
            Some(receipt) => {
                output.step("mint", format!("block {}, {} {} paid", receipt.block, minted.spent.coins(), connected.chain.id().coin()))
            }
            None => output.step("found", "this record has its token already; nothing was sent"),
        }
        let mut value = minted.value(&record);
        if let Some(object) = value.as_object_mut() {
            object.insert("model".to_owned(), json!(manifest.cid));
            object.insert("statistics".to_owned(), reading.value());
            if !comparisons.is_empty() {
                object.insert("comparisons".to_owned(), json!(comparisons));
            }
            object.insert("signatures".to_owned(), json!(signatures));
            object.insert("picture".to_owned(), json!(picture));
            if !receipts.is_empty() {
                object.insert("places".to_owned(), json!(receipts));
            }
            if let Some(sent) = &sent {
                object.insert("stored".to_owned(), json!(sent));
            }
        }
        output.result(&value, || format!("token {}", minted.token))
    })
}
