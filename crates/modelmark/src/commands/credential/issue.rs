//! `modelmark credential issue`: a record as a credential, signed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use modelmark_chain::{ChainId, TypedHash, Wallet};
use modelmark_credential::{Instant, Issuer, KeyBinding, SecretKey, SignedBinding, Suite, Validity, claims, sign, sign_jwt, sign_sd_jwt};
use modelmark_record::CanonicalRecord;

use super::{MAX_DOCUMENT_BYTES, key, now, read_key};
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::session::{Session, read_input};
use crate::signer;

const DAYS: u32 = 365;

/// Issue a record as a verifiable credential
///
/// The whole record is the credential's claim. The creator's account signs that the key speaks for it, the key signs the same, and both signatures stand
/// in the credential: who verifies it learns that the account on the record is behind it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark credential issue record.json --key issuer.key --keystore creator.json > credential.json\n  \
                        modelmark credential issue record.json --key issuer.key --did-document did.json --valid-until 2027-12-31T00:00:00Z\n  \
                        modelmark credential issue record.json --key issuer.key --format sd-jwt --holder holder.txt > record.sd-jwt"
)]
pub(crate) struct IssueArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Key file that signs, from `modelmark credential key new`
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File with the password of the key [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE")]
    key_password_file: Option<PathBuf>,
    /// How the credential is secured
    #[arg(long, value_enum, default_value_t = Format::DataIntegrity)]
    format: Format,
    /// Public key of the holder, who alone can then present an `sd-jwt`: a JSON Web Key, a multikey or a did:key [default: anybody can]
    #[arg(long, value_name = "FILE")]
    holder: Option<PathBuf>,
    /// First second of its validity (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    valid_from: Option<Instant>,
    /// Last second of its validity (RFC 3339) [default: 365 days after the first]
    #[arg(long, value_name = "TIME")]
    valid_until: Option<Instant>,
    /// DID document of the issuer, such as of a did:web, which lists the key [default: the issuer is the key's did:key]
    #[arg(long, value_name = "FILE")]
    did_document: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerArgs,
}

/// How a credential is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON with an embedded proof, cryptosuite eddsa-jcs-2022
    DataIntegrity,
    /// JSON with an embedded proof, cryptosuite eddsa-rdfc-2022, for readers of RDF; the record is one text in it
    DataIntegrityRdf,
    /// JSON Web Token (vc+jwt), EdDSA or ES256 as the key has it
    Jwt,
    /// Selective-disclosure token (dc+sd-jwt), EdDSA or ES256; `credential present` shows a part of it
    SdJwt,
}

pub(super) fn run(session: &Session<'_>, args: &IssueArgs) -> Result<()> {
    if args.holder.is_some() && args.format != Format::SdJwt {
        return Err(CommandError::usage("only an `sd-jwt` has a holder").hint("add --format sd-jwt"));
    }
    let record = read_record(&args.record)?;
    let holder = args.holder.as_deref().map(read_key).transpose()?;
    let validity = validity(args)?;
    let wallet = signer::wallet(&args.signer, ChainId::DEVELOPMENT)?;
    if wallet.is_development() {
        session.output.note("bound to a development account whose key everybody knows: worth nothing outside chain 31337");
    }
    let key = key::open(&args.key, args.key_password_file.as_deref())?;
    let issuer = issuer(args, &key)?;
    let binding = bind(&record, &wallet, &key, validity)?;
    let unsecured = || claims(&record, &issuer, validity, &binding).or_refused();
    let embedded = |suite| {
        let secured = sign(unsecured()?, suite, &issuer, &key, validity.from).or_usage()?;
        session.output.document(&serde_json::to_vec(&secured).or_refused()?)
    };
    let token = match args.format {
        Format::DataIntegrity => return embedded(Suite::Jcs),
        Format::DataIntegrityRdf => return embedded(Suite::Rdfc),
        Format::Jwt => sign_jwt(&unsecured()?, &issuer, &key).or_refused()?,
        Format::SdJwt => sign_sd_jwt(&record, &issuer, validity, &binding, holder.as_ref(), &key).or_refused()?,
    };
    match session.output.json() {
        true => session.output.result(&serde_json::json!({"credential": token}), String::new),
        false => session.output.document(token.as_bytes()),
    }
}

fn validity(args: &IssueArgs) -> Result<Validity> {
    let from = args.valid_from.map_or_else(now, Ok)?;
    let until = args.valid_until.unwrap_or_else(|| from.plus_days(DAYS));
    if until < from {
        return Err(CommandError::usage(format!("the credential would end ({until}) before it begins ({from})")));
    }
    Ok(Validity { from, until })
}

fn issuer(args: &IssueArgs, key: &SecretKey) -> Result<Issuer> {
    match &args.did_document {
        None => Ok(Issuer::of_key(&key.public())),
        Some(path) => {
            let document = read_input(path, MAX_DOCUMENT_BYTES)?;
            let hint = format!("publish {} among the document's assertion methods", key.public().multikey());
            Issuer::of_document(&document, &key.public()).or_usage().map_err(|error| error.hint(hint))
        }
    }
}

/// Has the creator's account and the key sign that they belong together.
fn bind(record: &CanonicalRecord, wallet: &Wallet, key: &SecretKey, validity: Validity) -> Result<SignedBinding> {
    let creator = record.record().provenance.creator.account.address();
    if creator != wallet.address() {
        return Err(CommandError::usage(format!("the record names {creator} as its creator, the account is {}", wallet.address()))
            .hint("bind the key with the creator's account (--keystore)"));
    }
    let binding = KeyBinding::new(&key.public(), creator, validity.from, validity.until).or_usage()?;
    binding.sign_with(key, |binding| wallet.sign_typed(&TypedHash::new(binding.domain_separator(), binding.struct_hash()))).or_usage()
}
