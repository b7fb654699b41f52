//! What our own credentials claim: a record, by digest and as far as it is disclosed, and the account that speaks through the key.

use modelmark_digest::Sha256Digest;
use modelmark_record::{CanonicalRecord, RecordId};
use serde_json::{Map, Value};

use crate::binding::{BINDING_TYPE, SignedBinding, read_did_pkh};
use crate::credential::{CREDENTIAL_TYPE, model_uri, record_value};
use crate::json;
use crate::key::PublicKey;
use crate::report::{Check, Code, Fault, Form, Report};
use crate::sd_jwt::TOKEN_TYPE;
use crate::verify::{Against, Secured};

/// Where the claims stand, whatever the form.
struct Claims<'c> {
    /// The model.
    id: &'c str,
    creator: &'c str,
    digest: &'c str,
    record: Option<&'c Value>,
    evidence: &'c [Value],
}

/// Checks the claims of a credential of ours; of any other type there is nothing that could be checked.
pub(crate) fn check(secured: &Secured, key: Option<&PublicKey>, against: &Against<'_>, report: &mut Report) {
    let token = report.form == Some(Form::SdJwt);
    let credential = &secured.credential;
    let ours = match token {
        true => credential.get("vct").and_then(Value::as_str) == Some(TOKEN_TYPE),
        false => json::one_or_many(credential, "type").contains(&CREDENTIAL_TYPE.into()),
    };
    if !ours {
        report.skip(Check::RecordDigest, "not a credential about a record");
        if against.record.is_some() {
            let fault = Fault::new(Code::OtherRecord, "the credential is not about a record");
            report.note::<()>(Check::RecordSame, Err(fault));
        }
        return;
    }
    let claims = match if token { token_claims(credential) } else { claims(credential) } {
        Ok(claims) => claims,
        Err(fault) => {
            report.note::<()>(Check::RecordDigest, Err(fault));
            return;
        }
    };
    match whole_record(&claims, secured.withheld) {
        Ok(Some(told)) => drop(report.note(Check::RecordDigest, Ok(((), told)))),
        Ok(None) => {
            report.skip(Check::RecordDigest, "a part of the record is withheld: that the digest is the record's rests on the issuer's word")
        }
        Err(fault) => drop(report.note::<()>(Check::RecordDigest, Err(fault))),
    }
    match against.record {
        Some(record) => {
            report.note(Check::RecordSame, same_record(&claims, record));
        }
        None => report.skip(Check::RecordSame, "no record to hold it against"),
    }
    if let Some(key) = key {
        report.note(Check::Binding, binding(&claims, key, against));
    }
}

/// Finds the claims where the data model 2.0 has them.
fn claims(credential: &Map<String, Value>) -> Result<Claims<'_>, Fault> {
    let [Value::Object(subject)] = json::one_or_many(credential, "credentialSubject") else {
        return Err(Fault::new(Code::Malformed, "a credential about a record has one subject"));
    };
    Ok(Claims {
        id: json::text(subject, "id")?,
        creator: json::text(subject, "creator")?,
        digest: json::text(subject, "recordDigest")?,
        record: subject.get("record"),
        evidence: json::one_or_many(credential, "evidence"),
    })
}

/// Finds the claims where a token has them: beside its own.
fn token_claims(token: &Map<String, Value>) -> Result<Claims<'_>, Fault> {
    Ok(Claims {
        id: json::text(token, "sub")?,
        creator: json::text(token, "creator")?,
        digest: json::text(token, "recordDigest")?,
        record: token.get("record"),
        evidence: json::one_or_many(token, "evidence"),
    })
}

/// Reads the record in the credential back and holds it against its digest, the model and the creator; `None` when a part of it is withheld.
fn whole_record(claims: &Claims<'_>, withheld: usize) -> Result<Option<String>, Fault> {
    let value = claims.record.ok_or_else(|| Fault::new(Code::Malformed, "`record` is missing"))?;
    let bytes = json::canonical(value)?;
    let id = RecordId::from(Sha256Digest::of(&bytes)).to_string();
    if id == claims.digest {
        let record = CanonicalRecord::parse(&bytes).map_err(|error| Fault::new(Code::AlteredRecord, error.to_string()))?;
        check_names(claims, &record)?;
        return Ok(Some(format!("the record is {id}")));
    }
    if withheld > 0 {
        return names_in_the_open(claims, value).map(|()| None);
    }
    Err(Fault::new(Code::AlteredRecord, format!("the record in the credential is {id}, the credential says {}", shown(claims))))
}

/// Checks that the part of the record that is never hidden names the model and the creator that the credential names.
fn names_in_the_open(claims: &Claims<'_>, record: &Value) -> Result<(), Fault> {
    let text = |path: &str| {
        let found = record.pointer(path).and_then(Value::as_str);
        found.ok_or_else(|| Fault::new(Code::Malformed, format!("`record{path}` is hidden or missing")))
    };
    if claims.id.strip_prefix("ipfs://") != Some(text("/provenance/model/cid")?) {
        return Err(Fault::new(Code::AlteredRecord, "the subject is not the model that the record names"));
    }
    if claims.creator.strip_prefix("did:pkh:") == Some(text("/provenance/creator/account")?) {
        Ok(())
    } else {
        Err(Fault::new(Code::WrongAccount, "the creator is not the account that the record names"))
    }
}

/// Tells whether `part` is `whole` with members of objects and elements of lists left out.
///
/// Each node of `whole` is looked at once: an element that fits is taken as early as it stands there, which leaves the most for the others.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| is_part(value, whole)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            let mut rest = whole.iter();
            part.iter().all(|item| rest.any(|whole| is_part(item, whole)))
        }
        (part, whole) => part == whole,
    }
}

fn same_record(claims: &Claims<'_>, record: &CanonicalRecord) -> Result<((), String), Fault> {
    if claims.digest != record.id().to_string() {
        return Err(Fault::new(
            Code::OtherRecord,
            format!("the credential is about {}, the record at hand is {}", shown(claims), record.id()),
        ));
    }
    check_names(claims, record)?;
    let value = record_value(record).map_err(|error| Fault::new(Code::OtherRecord, error.to_string()))?;
    if claims.record.is_some_and(|claimed| !is_part(claimed, &value)) {
        return Err(Fault::new(Code::AlteredRecord, "a value in the credential is not the record's"));
    }
    Ok(((), "the record at hand".into()))
}

/// Checks that the subject is the record's model and the creator the record's.
fn check_names(claims: &Claims<'_>, record: &CanonicalRecord) -> Result<(), Fault> {
    if claims.id != model_uri(record) {
        return Err(Fault::new(Code::AlteredRecord, format!("the subject is not {}, the model of the record", model_uri(record))));
    }
    let creator = record.record().provenance.creator.account.address();
    if read_did_pkh(claims.creator)? == creator {
        Ok(())
    } else {
        Err(Fault::new(Code::WrongAccount, format!("the creator is not {creator}, as the record has it")))
    }
}

/// Checks that the account that the credential calls creator and the key that signed it are bound to each other.
fn binding(claims: &Claims<'_>, key: &PublicKey, against: &Against<'_>) -> Result<((), String), Fault> {
    let is_binding = |entry: &&Map<String, Value>| json::one_or_many(entry, "type").contains(&BINDING_TYPE.into());
    let mut bindings = claims.evidence.iter().filter_map(Value::as_object).filter(is_binding);
    let (Some(evidence), None) = (bindings.next(), bindings.next()) else {
        return Err(Fault::new(Code::BindingMissing, format!("the evidence has not exactly one {BINDING_TYPE}")));
    };
    let creator = read_did_pkh(claims.creator)?;
    let binding = SignedBinding::check(evidence, key, against.at)?;
    if binding.account() != creator {
        return Err(Fault::new(Code::WrongAccount, format!("the key is bound to {}, the creator is {creator}", binding.account())));
    }
    Ok(((), format!("{creator} and the key signed that it speaks for the account")))
}

fn shown(claims: &Claims<'_>) -> String {
    crate::did::shorten(claims.digest)
}
