//! `modelmark picture`: the image that wallets and marketplaces show.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_picture::{Size, png};
use modelmark_record::CanonicalRecord;
use serde_json::json;

use crate::commands::export;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output_file::write_whole;
use crate::session::Session;

/// Draw the picture of a record, as SVG or PNG
///
/// It shows the model's name, family, parameters, licence, best measurements and creator, and the digest of its weights as a pattern: the same that the
/// contracts draw on chain. The same record gives the same bytes; no font of this machine is used. docs/spec/picture.md describes it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark picture record.json --output card.png --size 640\n  modelmark picture eip155:31337/erc721:0x…/123… > card.svg"
)]
pub(crate) struct PictureArgs {
    /// Record file (- for stdin), or a token as CAIP-19 `eip155:<chain>/erc721:<address>/<id>` whose record is in the block store
    #[arg(value_name = "RECORD|TOKEN")]
    record: String,
    /// File to write, whole or not at all: `.svg` or `.png` [default: SVG to stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Width and height of a PNG in pixels, 64 to 2048 [default: 640]
    #[arg(long, value_name = "PIXELS")]
    size: Option<Size>,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &PictureArgs) -> Result<()> {
    let pixels = match &args.output {
        Some(path) => is_png(path)?,
        None => false,
    };
    if args.size.is_some() && !pixels {
        return Err(CommandError::usage("--size is that of a PNG: an SVG has none").hint("write one with `--output FILE.png`"));
    }
    let (record, _) = export::source(session, &args.record, args.output.as_deref(), &args.chain)?;
    let picture = record.record().picture();
    let Some(path) = &args.output else {
        if session.output.json() {
            return session.output.result(&json!({ "record": record.id(), "svg": picture.svg() }), String::new);
        }
        return session.output.document(picture.svg().as_bytes());
    };
    let document = if pixels { png(&picture, args.size.unwrap_or_default()).or_refused()? } else { picture.svg().as_bytes().to_vec() };
    write_whole(path, &document)?;
    if session.output.json() {
        let said = json!({ "record": record.id(), "output": path.display().to_string(), "bytes": document.len() });
        return session.output.result(&said, String::new);
    }
    session.output.step("wrote", path.display());
    Ok(())
}

/// Tells by the name of a file which of the two it shall be.
fn is_png(path: &Path) -> Result<bool> {
    match path.extension().and_then(|name| name.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("png") => Ok(true),
        Some("svg") => Ok(false),
        _ => {
            Err(CommandError::usage(format!("`{}` ends neither in .svg nor in .png", path.display()))
                .hint("its name says which it shall be"))
        }
    }
}

/// Returns the PNG that is kept with a record: of the picture that it holds, if that was drawn and not brought.
pub(crate) fn beside(record: &CanonicalRecord) -> Result<Option<Vec<u8>>> {
    let picture = record.record().picture();
    if record.record().image != picture.uri().or_refused()? {
        return Ok(None);
    }
    png(&picture, Size::default()).map(Some).or_refused()
}
