//! What our own credentials claim: a record, by digest and as far as it is disclosed, and the account that speaks through the key.

use modelmark_digest::Sha256Digest;
use modelmark_record::{CanonicalRecord, RecordId};
use serde_json::{Map, Value};

use crate::binding::{BINDING_TYPE, SignedBinding, read_did_pkh};
use crate::credential::{CREDENTIAL_TYPE, model_uri, record_value};
use crate::json;
use crate::key::PublicKey;
use crate::report::{Check, Code, Fault, Report};
use crate::verify::Against;

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
pub(crate) fn check(credential: &Map<String, Value>, key: Option<&PublicKey>, against: &Against<'_>, report: &mut Report) {
    let ours = json::one_or_many(credential, "type").contains(&CREDENTIAL_TYPE.into());
    if !ours {
        report.skip(Check::RecordDigest, "not a credential about a record");
        if against.record.is_some() {
            let fault = Fault::new(Code::OtherRecord, "the credential is not about a record");
            report.note::<()>(Check::RecordSame, Err(fault));
        }
        return;
    }
    let claims = match claims(credential) {
        Ok(claims) => claims,
        Err(fault) => {
            report.note::<()>(Check::RecordDigest, Err(fault));
            return;
        }
    };
    report.note(Check::RecordDigest, whole_record(&claims));
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

/// Reads the record in the credential back and holds it against its digest, the model and the creator.
fn whole_record(claims: &Claims<'_>) -> Result<((), String), Fault> {
    let value = claims.record.ok_or_else(|| Fault::new(Code::Malformed, "`record` is missing"))?;
    let bytes = json::canonical(value)?;
    let id = RecordId::from(Sha256Digest::of(&bytes)).to_string();
    if id != claims.digest {
        return Err(Fault::new(
            Code::AlteredRecord,
            format!("the record in the credential is {id}, the credential says {}", shown(claims)),
        ));
    }
    let record = CanonicalRecord::parse(&bytes).map_err(|error| Fault::new(Code::AlteredRecord, error.to_string()))?;
    check_names(claims, &record)?;
    Ok(((), format!("the record is {id}")))
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
    if claims.record.is_some_and(|claimed| *claimed != value) {
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
