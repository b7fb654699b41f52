//! `modelmark export`: a record in the formats that the rest of the world reads.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use modelmark_chain::{AddressBook, Authenticity, TokenRef};
use modelmark_record::{AssetId, CanonicalRecord, MAX_RECORD_BYTES, RecordId, Timestamp, export};
use modelmark_storage::Store as _;
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::cat;
use crate::commands::mint::explain;
use crate::commands::sign::read_record;
use crate::error::{CommandError, Kind, OrKind as _, Result};
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
    /// Dataset of the record to describe, by its name [default: the only one]
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Time of creation that SPDX asks for, if the record states none (RFC 3339, UTC)
    #[arg(long, value_name = "TIME")]
    created: Option<Timestamp>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// CycloneDX 1.7 ML-BOM, JSON
    #[value(name = "cyclonedx")]
    CycloneDx,
    /// SPDX 3.0.1 with the AI and dataset profiles, JSON-LD
    Spdx,
    /// SLSA provenance v1 in an in-toto Statement, JSON, unsigned
    Slsa,
    /// W3C PROV, PROV-JSON
    Prov,
    /// Croissant 1.1 description of one dataset of the record, JSON-LD
    Croissant,
    /// Model card of the Hugging Face hub, Markdown
    Card,
    /// EU AI Act: public summary of training content, and what is missing
    AiActSummary,
    /// EU AI Act: Model Documentation Form, and what is missing
    AiActForm,
}

impl Format {
    /// Tells whether the document is JSON whatever is asked for.
    const fn is_json(self) -> bool {
        matches!(self, Self::CycloneDx | Self::Spdx | Self::Slsa | Self::Prov | Self::Croissant)
    }
}

pub(crate) fn run(session: &Session<'_>, args: &ExportArgs) -> Result<()> {
    for (option, given, format) in [
        ("--card", args.card.is_some(), Format::Card),
        ("--dataset", args.dataset.is_some(), Format::Croissant),
        ("--created", args.created.is_some(), Format::Spdx),
    ] {
        if given && args.format != format {
            let name = format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            return Err(CommandError::usage(format!("{option} belongs to `--format {name}`")));
        }
    }
    let (record, token) = source(session, &args.record, args.output.as_deref(), &args.chain)?;
    let document = translate(args, &record, token.as_ref(), session.output.json())?;
    match &args.output {
        Some(path) => {
            write_whole(path, &document)?;
            let said = json!({ "record": record.id(), "output": path.display().to_string(), "bytes": document.len() });
            if session.output.json() {
                return session.output.result(&said, String::new);
            }
            session.output.step("wrote", path.display());
            Ok(())
        }
        None => print(session, args.format, &document),
    }
}

/// Returns the document; a form as JSON if that is asked for.
fn translate(args: &ExportArgs, record: &CanonicalRecord, token: Option<&AssetId>, as_json: bool) -> Result<Vec<u8>> {
    let form = |form: &export::Form| if as_json { form.json() } else { form.markdown() };
    Ok(match args.format {
        Format::CycloneDx => export::cyclonedx(record),
        Format::Spdx => {
            export::spdx(record, args.created.as_ref()).map_err(|error| refused(error, "give one: `--created 2026-11-23T10:00:00Z`"))?
        }
        Format::Slsa => export::slsa(record),
        Format::Prov => export::prov(record),
        Format::Croissant => export::croissant(record, args.dataset.as_deref())
            .map_err(|error| refused(error, "name one of the record's with `--dataset NAME`"))?,
        Format::Card => {
            let existing = args.card.as_deref().map(|path| read_input(path, export::MAX_CARD_BYTES as u64)).transpose()?;
            export::card(record, token, existing.as_deref()).or_refused()?
        }
        Format::AiActSummary => form(&export::ai_act_summary(record)),
        Format::AiActForm => form(&export::ai_act_form(record)),
    })
}

fn refused(error: export::ExportError, hint: &str) -> CommandError {
    CommandError::new(Kind::Refused, error).hint(hint)
}

/// Prints the document. With `--json` a model card becomes a text in JSON; everything else is JSON then already.
fn print(session: &Session<'_>, format: Format, document: &[u8]) -> Result<()> {
    if format.is_json() || (session.output.json() && format != Format::Card) {
        return session.output.document(document);
    }
    let text = String::from_utf8_lossy(document);
    if session.output.json() {
        return session.output.result(&json!({ "markdown": text }), String::new);
    }
    // A card that somebody else wrote may hold anything; a file or pipe gets it as it is.
    if std::io::stdout().is_terminal() { session.output.stdout(&printable_lines(&text, 0)) } else { session.output.document(document) }
}

/// Returns the record that a file or a token names, and the token if it was that. `output` must not be the file.
pub(crate) fn source(
    session: &Session<'_>,
    named: &str,
    output: Option<&Path>,
    chain: &ChainArgs,
) -> Result<(CanonicalRecord, Option<AssetId>)> {
    if named.starts_with("eip155:") && !Path::new(named).exists() {
        let token: TokenRef = named.parse().or_usage()?;
        return Ok((session.block_on(of_token(session, chain, token))?, Some(token.to_string().parse().or_usage()?)));
    }
    let path = Path::new(named);
    refuse_overlaps(&[output], path, "record")?;
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
