//! Judges signatures: the creator's, those of contributors, and which of them a policy demands.

use std::collections::{BTreeMap, BTreeSet};

use modelmark_chain::Address;
use modelmark_record::{
    CanonicalRecord, MAX_SIGNATURES, Proof, RecordSignature, SignatureDocument, SignatureError, Signer, WalletQuestion,
};

use super::{check, holds, listed};
use crate::evidence::{Evidence, Look, SignatureFile, WalletAnswer};
use crate::{Check, Code, Policy, RequiredSigner, Status};

/// What the documents at hand come to.
pub(super) struct Signed<'r> {
    record: &'r CanonicalRecord,
    wallets: &'r [WalletAnswer],
    /// Who signed.
    held: BTreeMap<Signer, Address>,
    /// Whose signature nobody could check, and why.
    open: BTreeMap<Signer, String>,
    /// Wrong signatures in documents that speak of this record.
    wrong: Vec<Wrong>,
    /// Documents that do not speak of this record, or cannot be read.
    strange: Vec<String>,
    documents: usize,
}

struct Wrong {
    signer: Address,
    brought: bool,
    line: String,
}

impl<'r> Signed<'r> {
    pub(super) fn of(files: &[SignatureFile], wallets: &'r [WalletAnswer], record: &'r CanonicalRecord) -> Self {
        let mut signed =
            Self { record, wallets, held: BTreeMap::new(), open: BTreeMap::new(), wrong: Vec::new(), strange: Vec::new(), documents: 0 };
        for file in files {
            match document(file, record) {
                Ok(document) => signed.add(file, &document),
                Err(error) => signed.strange.push(format!("{}: {}: {error}", file.source, error.code())),
            }
        }
        signed.open.retain(|signer, _| !signed.held.contains_key(signer));
        signed
    }

    fn add(&mut self, file: &SignatureFile, document: &SignatureDocument) {
        self.documents += 1;
        let mut signers = BTreeSet::new();
        for signature in &document.signatures {
            let once = if signers.insert(&signature.signer) { Ok(()) } else { Err(SignatureError::Twice(signature.signer.clone())) };
            match once.and_then(|()| signature.check(self.record)) {
                Ok(Proof::Holds) => drop(self.held.insert(signature.signer.clone(), signature.signer.address())),
                Ok(Proof::Asks(question)) => self.hear(file, signature, &question),
                Err(error) => self.reject(file, signature, error.code(), &error.to_string()),
            }
        }
    }

    /// Takes a contract wallet's word.
    fn hear(&mut self, file: &SignatureFile, signature: &RecordSignature, question: &WalletQuestion) {
        let word = self.wallets.iter().find(|answer| answer.question == *question).map(|answer| &answer.word);
        let open = match word {
            Some(Look::Found(word)) if word.accepts => {
                self.held.insert(signature.signer.clone(), signature.signer.address());
                return;
            }
            Some(Look::Found(word)) => {
                let why = format!("the contract wallet does not accept it (asked at block {})", word.block);
                return self.reject(file, signature, "wallet-refuses", &why);
            }
            Some(Look::Absent(why) | Look::Unreachable(why)) => format!("is a contract wallet's, which could not be asked: {why}"),
            Some(Look::NotAsked) | None => "is a contract wallet's, which only its chain can tell".to_owned(),
        };
        self.open.insert(signature.signer.clone(), open);
    }

    fn reject(&mut self, file: &SignatureFile, signature: &RecordSignature, code: &str, why: &str) {
        let line = format!("{}: {code}: {why} ({})", signature.signer, file.source);
        self.wrong.push(Wrong { signer: signature.signer.address(), brought: file.brought, line });
    }

    fn creator(&self) -> Address {
        self.record.record().provenance.creator.account.address()
    }

    fn has(&self, account: Address) -> bool {
        self.held.values().any(|held| *held == account)
    }

    fn is_open(&self, account: Address) -> bool {
        self.open.keys().any(|open| open.address() == account)
    }

    /// Returns the contributors besides the creator.
    fn contributors(&self) -> Vec<Address> {
        let (creator, contributors) = (self.creator(), &self.record.record().provenance.contributors);
        contributors.iter().map(|contributor| contributor.account.address()).filter(|account| *account != creator).collect()
    }
}

/// Reads a document that speaks of this record.
fn document(file: &SignatureFile, record: &CanonicalRecord) -> Result<SignatureDocument, SignatureError> {
    let document = SignatureDocument::parse(&file.bytes)?;
    if document.record != record.id() {
        return Err(SignatureError::OtherRecord { found: document.record, expected: record.id() });
    }
    match document.signatures.len() {
        1..=MAX_SIGNATURES => Ok(document),
        count => Err(SignatureError::Count { count, limit: MAX_SIGNATURES }),
    }
}

/// Judges signature documents alone, without model and token: what they come to, and what `policy` says of it. A document that does not speak of the record
/// fails here, where nothing else was asked about.
#[must_use]
pub fn judge_signatures(record: &CanonicalRecord, files: &[SignatureFile], wallets: &[WalletAnswer], policy: &Policy) -> Vec<Check> {
    let signed = Signed::of(files, wallets, record);
    let all = match signed.strange.as_slice() {
        [] => all(&signed),
        strange => {
            let wrong = signed.wrong.iter().map(|wrong| wrong.line.clone());
            listed(Code::RecordSignatures, "not all documents sign this record".to_owned(), strange.iter().cloned().chain(wrong).collect())
        }
    };
    vec![all, self::policy(policy, Some(&signed))]
}

pub(super) fn checks(evidence: &Evidence, signed: Option<&Signed<'_>>) -> [Check; 2] {
    let Some(signed) = signed else {
        return [Code::CreatorSignature, Code::RecordSignatures]
            .map(|code| check(code, Status::Skipped, "there is no valid record that could be signed"));
    };
    [creator(evidence, signed), all(signed)]
}

fn creator(evidence: &Evidence, signed: &Signed<'_>) -> Check {
    let (record, address) = (signed.record, signed.creator());
    let creator = &record.record().provenance.creator.account;
    if let Some((signer, _)) = signed.held.iter().find(|(_, account)| **account == address) {
        return check(Code::CreatorSignature, Status::Pass, format!("signed by {signer}"));
    }
    // What a contributor did wrong says nothing about the creator.
    let contributors = signed.contributors();
    let wrong = signed.wrong.iter().filter(|wrong| !contributors.contains(&wrong.signer)).map(|wrong| &wrong.line);
    let wrong: Vec<_> = wrong.chain(&signed.strange).cloned().collect();
    if !wrong.is_empty() {
        return listed(Code::CreatorSignature, format!("no signature by {creator} over this record is valid"), wrong);
    }
    let minted = evidence.token.found().is_some_and(|token| {
        token.authenticity.is_our_code()
            && token.id_matches
            && token.record == record.id().digest()
            && token.creator == creator.address().to_checksum(None)
    });
    if minted {
        let message = format!("no signature document at hand; {creator} consented to this record at the mint, which the registry enforces");
        return check(Code::CreatorSignature, Status::Pass, message);
    }
    match signed.open.iter().find(|(signer, _)| signer.address() == address) {
        Some((signer, why)) => check(Code::CreatorSignature, Status::Unknown, format!("the signature by {signer} {why}")),
        None => check(Code::CreatorSignature, Status::Unknown, format!("no signature by {creator} at hand")),
    }
}

/// One wrong signature is told whatever else is right: a threshold must not hide it.
fn all(signed: &Signed<'_>) -> Check {
    if signed.documents == 0 {
        return check(Code::RecordSignatures, Status::Skipped, "no signature document at hand speaks of this record");
    }
    let (brought, lying): (Vec<_>, Vec<_>) = signed.wrong.iter().partition(|wrong| wrong.brought);
    let lines = |wrong: Vec<&Wrong>| wrong.into_iter().map(|wrong| wrong.line.clone()).collect::<Vec<_>>();
    if !brought.is_empty() {
        let count = brought.len();
        return listed(Code::RecordSignatures, format!("{count} of the signatures over this record do not hold"), lines(brought));
    }
    let open = signed.open.iter().map(|(signer, why)| format!("the signature by {signer} {why}"));
    let details: Vec<_> = open.chain(lines(lying)).chain(signed.strange.iter().cloned()).collect();
    let status = if signed.open.is_empty() { Status::Pass } else { Status::Unknown };
    Check { status, ..listed(Code::RecordSignatures, summary(signed), details) }
}

fn summary(signed: &Signed<'_>) -> String {
    let contributors = signed.contributors();
    let signing = contributors.iter().filter(|account| signed.has(**account)).count();
    let creator = if signed.has(signed.creator()) { "signed by the creator" } else { "not signed by the creator" };
    match contributors.len() {
        0 => creator.to_owned(),
        all => format!("{creator} and by {signing} of {all} contributors"),
    }
}

/// Holds the signatures against what the policy demands. Only accounts that the record names count, each once.
pub(super) fn policy(policy: &Policy, signed: Option<&Signed<'_>>) -> Check {
    const CODE: Code = Code::PolicySignatures;
    if policy.signatures == 0 && policy.signers.is_empty() {
        return check(CODE, Status::Skipped, "the policy demands no signatures");
    }
    let Some(signed) = signed else { return check(CODE, Status::Unknown, "there is no valid record that could be signed") };
    let held: BTreeSet<_> = signed.held.values().collect();
    let possible: BTreeSet<_> = signed.open.keys().map(Signer::address).filter(|account| !held.contains(account)).collect();
    let mut missing: Vec<(String, bool)> = policy.signers.iter().flat_map(|signer| absent(signer, signed)).collect();
    if held.len() < policy.signatures {
        let line = format!("{} of the {} signatures that the policy demands", held.len(), policy.signatures);
        missing.push((line, held.len() + possible.len() >= policy.signatures));
    }
    if missing.is_empty() {
        return holds(CODE, true, format!("{} of the accounts that the record names signed it, as the policy demands", held.len()), "");
    }
    // What somebody could still tell is no refusal yet.
    let status = if missing.iter().all(|(_, open)| *open) { Status::Unknown } else { Status::Fail };
    let details = missing.into_iter().map(|(line, _)| line).collect();
    Check { status, ..listed(CODE, "signatures that the policy demands are not there".to_owned(), details) }
}

/// Returns who of those demanded did not sign, and whether a signature of theirs is there that nobody could check.
fn absent(required: &RequiredSigner, signed: &Signed<'_>) -> Vec<(String, bool)> {
    let lacks = |account: &Address| !signed.has(*account);
    match required {
        RequiredSigner::Creator => Some(signed.creator())
            .filter(lacks)
            .map(|account| (format!("the creator {account}"), signed.is_open(account)))
            .into_iter()
            .collect(),
        RequiredSigner::Contributors => {
            let contributors = signed.contributors().into_iter().filter(lacks);
            contributors.map(|account| (format!("the contributor {account}"), signed.is_open(account))).collect()
        }
        RequiredSigner::Account(signer) if signed.held.contains_key(signer) => Vec::new(),
        RequiredSigner::Account(signer) => vec![(signer.to_string(), signed.open.contains_key(signer))],
    }
}
