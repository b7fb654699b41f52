//! Judges signatures: the creator's, those of contributors, and which of them a policy demands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use modelmark_chain::Address;
use modelmark_record::{
    CanonicalRecord, MAX_SIGNATURES, Proof, RecordSignature, SignatureDocument, SignatureError, Signer, WalletQuestion,
};

use super::{account_address, check, listed};
use crate::evidence::{Evidence, Look, SignatureFile, WalletAnswer};
use crate::{Check, Code, FoundSignature, Named, OmsSigner, Policy, RequiredSigner, Status, Threshold};

/// What the documents at hand come to.
#[derive(Debug)]
pub(super) struct Signed {
    record: Arc<CanonicalRecord>,
    /// Who signed.
    held: BTreeMap<Signer, Address>,
    /// Whose signature nobody could check, and why.
    open: BTreeMap<Signer, String>,
    /// Wrong signatures in documents that speak of this record.
    wrong: Vec<Wrong>,
    /// Documents that do not speak of this record, or cannot be read.
    strange: Vec<String>,
    documents: usize,
    /// Why there may be signatures that nobody read.
    unread: Option<String>,
}

#[derive(Debug)]
struct Wrong {
    signer: Address,
    brought: bool,
    line: String,
}

impl Signed {
    pub(super) fn of(files: &[SignatureFile], wallets: &[WalletAnswer], record: &Arc<CanonicalRecord>) -> Self {
        let mut signed = Self {
            record: Arc::clone(record),
            held: BTreeMap::new(),
            open: BTreeMap::new(),
            wrong: Vec::new(),
            strange: Vec::new(),
            documents: 0,
            unread: None,
        };
        for file in files {
            match document(file, record) {
                Ok(document) => signed.add(file, &document, wallets),
                Err(error) => signed.strange.push(format!("{}: {}: {error}", file.source, error.code())),
            }
        }
        signed.open.retain(|signer, _| !signed.held.contains_key(signer));
        signed
    }

    /// Says why there may be signatures that nobody read, if there may be.
    pub(super) fn unread(self, why: Option<&str>) -> Self {
        Self { unread: why.map(str::to_owned), ..self }
    }

    fn add(&mut self, file: &SignatureFile, document: &SignatureDocument, wallets: &[WalletAnswer]) {
        self.documents += 1;
        let mut signers = BTreeSet::new();
        for signature in &document.signatures {
            let once = if signers.insert(&signature.signer) { Ok(()) } else { Err(SignatureError::Twice(signature.signer.clone())) };
            match once.and_then(|()| signature.check(&self.record)) {
                Ok(Proof::Holds) => drop(self.held.insert(signature.signer.clone(), signature.signer.address())),
                Ok(Proof::Asks(question)) => self.hear(file, signature, &question, wallets),
                Err(error) => self.reject(file, signature, error.code(), &error.to_string()),
            }
        }
    }

    /// Takes a contract wallet's word.
    fn hear(&mut self, file: &SignatureFile, signature: &RecordSignature, question: &WalletQuestion, wallets: &[WalletAnswer]) {
        let word = wallets.iter().find(|answer| answer.question == *question).map(|answer| &answer.word);
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
    let signed = Signed::of(files, wallets, &Arc::new(record.clone()));
    let all = match signed.strange.as_slice() {
        [] => all(&signed),
        strange => {
            let wrong = signed.wrong.iter().map(|wrong| wrong.line.clone());
            listed(Code::RecordSignatures, "not all documents sign this record".to_owned(), strange.iter().cloned().chain(wrong).collect())
        }
    };
    vec![all, self::policy(policy, Some(&signed), &Look::NotAsked)]
}

pub(super) fn checks(evidence: &Evidence, signed: Option<&Signed>) -> [Check; 2] {
    let Some(signed) = signed else {
        return [Code::CreatorSignature, Code::RecordSignatures]
            .map(|code| check(code, Status::Skipped, "there is no valid record that could be signed"));
    };
    [creator(evidence, signed), all(signed)]
}

fn creator(evidence: &Evidence, signed: &Signed) -> Check {
    let (record, address) = (&signed.record, signed.creator());
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
            && token.creator == account_address(creator)
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
fn all(signed: &Signed) -> Check {
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

fn summary(signed: &Signed) -> String {
    let contributors = signed.contributors();
    let signing = contributors.iter().filter(|account| signed.has(**account)).count();
    let creator = if signed.has(signed.creator()) { "signed by the creator" } else { "not signed by the creator" };
    match contributors.len() {
        0 => creator.to_owned(),
        all => format!("{creator} and by {signing} of {all} contributors"),
    }
}

/// Holds the signatures against what the policy demands. Only accounts that the record names count, each once.
pub(super) fn policy(policy: &Policy, signed: Option<&Signed>, files: &Look<Vec<FoundSignature>>) -> Check {
    const CODE: Code = Code::PolicySignatures;
    let rules = policy.file.as_ref().map(|rules| &rules.signers);
    let minimum = policy.signatures.max(rules.map_or(0, |rules| as_count(rules.minimum)));
    let (required, thresholds) = rules.map_or((&[][..], &[][..]), |rules| (&rules.required, &rules.thresholds));
    if minimum == 0 && policy.signers.is_empty() && required.is_empty() && thresholds.is_empty() {
        return check(CODE, Status::Skipped, "the policy demands no signatures");
    }
    let of_files_alone = minimum == 0
        && policy.signers.is_empty()
        && required.is_empty()
        && thresholds.iter().all(|threshold| threshold.of.is_empty() && !threshold.identities.is_empty());
    let Some(signed) = signed else {
        if of_files_alone {
            return files_alone(thresholds, files);
        }
        return check(CODE, Status::Unknown, "there is no valid record that could be signed");
    };
    let held: BTreeSet<_> = signed.held.values().collect();
    let possible: BTreeSet<_> = signed.open.keys().map(Signer::address).filter(|account| !held.contains(account)).collect();
    let mut missing: Vec<(String, bool)> = policy.signers.iter().chain(required).flat_map(|signer| absent(signer, signed)).collect();
    if held.len() < minimum {
        let line = format!("{} of the {minimum} signatures that the policy demands", held.len());
        missing.push((line, held.len() + possible.len() >= minimum));
    }
    missing.extend(thresholds.iter().filter_map(|threshold| too_few(threshold, Some(signed), files)));
    if missing.is_empty() {
        let message = format!("{} of the accounts that the record names signed it, as the policy demands", held.len());
        return check(CODE, Status::Pass, message);
    }
    absent_signatures(missing, signed.unread.as_deref())
}

/// A model without a record may still be signed by as many as are demanded.
fn files_alone(thresholds: &[Threshold], files: &Look<Vec<FoundSignature>>) -> Check {
    let missing: Vec<_> = thresholds.iter().filter_map(|threshold| too_few(threshold, None, files)).collect();
    if missing.is_empty() {
        return check(Code::PolicySignatures, Status::Pass, "the files are signed by as many as the policy demands");
    }
    absent_signatures(missing, None)
}

fn absent_signatures(missing: Vec<(String, bool)>, unread: Option<&str>) -> Check {
    const CODE: Code = Code::PolicySignatures;
    // What somebody could still tell, or a document that could not be read, is no refusal yet.
    let open = unread.is_some() || missing.iter().all(|(_, open)| *open);
    let status = if open { Status::Unknown } else { Status::Fail };
    let unread = unread.map(|why| format!("they may be in a signature document that could not be read: {why}"));
    let details = missing.into_iter().map(|(line, _)| line).chain(unread).collect();
    Check { status, ..listed(CODE, "signatures that the policy demands are not there".to_owned(), details) }
}

/// Returns who of those demanded did not sign, and whether a signature of theirs is there that nobody could check.
fn absent(required: &RequiredSigner, signed: &Signed) -> Vec<(String, bool)> {
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

/// Says how many of those whom a threshold names signed when they are too few, and whether those whom nobody could ask may be enough.
fn too_few(threshold: &Threshold, signed: Option<&Signed>, files: &Look<Vec<FoundSignature>>) -> Option<(String, bool)> {
    let minimum = as_count(threshold.minimum.get());
    let named: BTreeSet<_> = threshold.of.iter().map(Named::signer).collect();
    let (held, open) = named.iter().fold((BTreeSet::new(), BTreeSet::new()), |(mut held, mut open), signer| {
        match signed {
            Some(signed) if signed.held.contains_key(signer) => drop(held.insert(signer.address())),
            Some(signed) if signed.open.contains_key(signer) => drop(open.insert(signer.address())),
            _ => {}
        }
        (held, open)
    });
    let of_files = signers_of_files(threshold, files);
    let blind = !threshold.identities.is_empty() && !matches!(files, Look::Found(_) | Look::Absent(_));
    let possible = held.union(&open).count() + of_files.len();
    let (found, of) = (held.len() + of_files.len(), named.len());
    let others = match threshold.identities.len() {
        0 => String::new(),
        others => format!(" and {others} who sign files"),
    };
    (found < minimum)
        .then(|| (format!("{found} of the {minimum} signatures demanded of {of} accounts{others}"), blind || possible >= minimum))
}

/// Returns who of those whom a threshold names signed the files, each once, however many signatures or names they have.
fn signers_of_files<'f>(threshold: &Threshold, files: &'f Look<Vec<FoundSignature>>) -> Vec<&'f OmsSigner> {
    let mut signers: Vec<&OmsSigner> = Vec::new();
    let named = |one: &&FoundSignature| threshold.identities.iter().any(|identity| identity.is(one));
    for signer in files.found().into_iter().flatten().filter(named).filter_map(FoundSignature::signer) {
        if !signers.iter().any(|known| known.is_same(signer)) {
            signers.push(signer);
        }
    }
    signers
}

fn as_count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
