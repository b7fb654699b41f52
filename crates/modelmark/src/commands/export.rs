//! `modelmark export`: a record in the formats that the rest of the world reads.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use modelmark_chain::{AddressBook, Authenticity, TokenRef};
use modelmark_record::{AssetId, CanonicalRecord, MAX_RECORD_BYTES, RecordId, export};
use modelmark_storage::Store as _;
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::cat;
use crate::commands::mint::explain;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable_lines;
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::{Session, read_input};

/// Translate a record into a format that others read
///
/// The same record gives the same bytes. What a record does not state is left out; nothing is guessed. An export carries no signature: it names the record by
/// its CID, and `modelmark verify` goes back to that. docs/spec/exports.md says which field becomes what.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark export record.json --format cyclonedx --output model.cdx.json\n  \
                        modelmark export eip155:31337/erc721:0x…/123… --format card --card README.md --output README.md")]
pub(crate) struct ExportArgs {
    /// Record file (- for stdin), or a token as CAIP-19 `eip155:<chain>/erc721:<address>/<id>` whose record is in the block store
    #[arg(value_name = "RECORD|TOKEN")]
    record: String,
    /// Format to write
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// File to write, whole or not at all [default: stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Model card whose provenance section is to be added or replaced; the rest of it stays as it is [default: a card made of the record]
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// CycloneDX 1.7 ML-BOM, JSON
    #[value(name = "cyclonedx")]
    CycloneDx,
    /// SLSA provenance v1 in an in-toto Statement, JSON, unsigned
    Slsa,
    /// W3C PROV, PROV-JSON
    Prov,
    /// Model card of the Hugging Face hub, Markdown
    Card,
}

pub(crate) fn run(session: &Session<'_>, args: &ExportArgs) -> Result<()> {
    if args.card.is_some() && args.format != Format::Card {
        return Err(CommandError::usage("--card belongs to `--format card`"));
    }
    let (record, token) = source(session, args)?;
    let bytes = translate(args, &record, token.as_ref())?;
    match &args.output {
        Some(path) => {
            write_whole(path, &bytes)?;
            let said = json!({ "record": record.id(), "output": path.display().to_string(), "bytes": bytes.len() });
            if session.output.json() {
                return session.output.result(&said, String::new);
            }
            session.output.step("wrote", path.display());
            Ok(())
        }
        None => print(session, args.format, &bytes),
    }
}

fn translate(args: &ExportArgs, record: &CanonicalRecord, token: Option<&AssetId>) -> Result<Vec<u8>> {
    Ok(match args.format {
        Format::CycloneDx => export::cyclonedx(record),
        Format::Slsa => export::slsa(record),
        Format::Prov => export::prov(record),
        Format::Card => {
            let existing = args.card.as_deref().map(|path| read_input(path, export::MAX_CARD_BYTES as u64)).transpose()?;
            export::card(record, token, existing.as_deref()).or_refused()?
        }
    })
}

/// Prints the document. JSON is the same with and without `--json`; Markdown becomes a text in JSON.
fn print(session: &Session<'_>, format: Format, bytes: &[u8]) -> Result<()> {
    if format != Format::Card {
        return session.output.document(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    if session.output.json() {
        return session.output.result(&json!({ "markdown": text }), String::new);
    }
    // A card that somebody else wrote may hold anything; a file or pipe gets it as it is.
    if std::io::stdout().is_terminal() { session.output.stdout(&printable_lines(&text, 0)) } else { session.output.document(bytes) }
}

/// Returns the record, and its token if it was named by one.
fn source(session: &Session<'_>, args: &ExportArgs) -> Result<(CanonicalRecord, Option<AssetId>)> {
    if args.record.starts_with("eip155:") && !Path::new(&args.record).exists() {
        let token: TokenRef = args.record.parse().or_usage()?;
        return Ok((session.block_on(of_token(session, &args.chain, token))?, Some(token.to_string().parse().or_usage()?)));
    }
    let path = Path::new(&args.record);
    refuse_overlaps(&[args.output.as_deref()], path, "record")?;
    Ok((read_record(path)?, None))
}

/// Returns the record whose digest a token has on chain.
async fn of_token(session: &Session<'_>, args: &ChainArgs, token: TokenRef) -> Result<CanonicalRecord> {
    let connected = chain_source::connect(session, args).await?;
    check_chain(&connected.chain, &token)?;
    let book = AddressBook::built_in().or_usage()?;
    // A contract that is not ours can say anything about its tokens; the record is then given by hand.
    let authenticity = modelmark_chain::authenticity(&connected.chain, token.contract(), &book).await.map_err(explain)?;
    let model = registry_of(&connected.chain, &token).model(token.id()).await.map_err(explain)?;
    let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    let cid = RecordId::from(model.record).cid();
    if !authenticity.is_our_code() && !matches!(authenticity, Authenticity::Listed { .. }) {
        session.output.note(format!("the contract of {token} is none of modelmark's: what it says about the token may be anything"));
    }
    let bytes = session.store()?.get(&cid, MAX_RECORD_BYTES).map_err(cat::explain)?;
    let bytes = bytes.ok_or_else(|| {
        CommandError::unreachable(format!("the record {cid} of the token is not in the block store"))
            .hint("`modelmark car import FILE` brings it, or give the record file itself")
    })?;
    CanonicalRecord::parse(&bytes).or_refused()
}
