//! Evidence as a file: what is read back is judged as what was written, and what is no evidence is refused.

use std::sync::LazyLock;

use alloy::primitives::B256;
use modelmark_chain::{Address, Authenticity, Collection, Judgement, Relation, Status as Word, TokenId, TokenRef};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_formats::FindingCode;
use modelmark_record::{Signer, WalletQuestion};
use modelmark_verify::{
    Ancestor, Ancestry, Binding, ChainLevel, Claims, Descent, Evidence, EvidenceError, Finding, ForeignToken, FoundSignature, Look,
    MAX_EVIDENCE_BYTES, MetadataBytes, Noticed, OmsEvidence, OmsSigner, Policy, Rules, Scope, Standing, Surveyed, Trial, Unread, Verdict,
    WalletAnswer, WalletWord, WeightsClaim, judge,
};
use proptest::prelude::*;

use crate::fixture::{Published, brought, publish};
use crate::total::{change, policy};

/// Something in every field.
fn full(published: &Published) -> Evidence {
    let mut evidence = published.evidence();
    let token = |number: u64| {
        TokenRef::new(published.token().token.chain(), Address::repeat_byte(3), TokenId::from(alloy::primitives::U256::from(number)))
    };
    let judgement =
        Judgement { curator: Address::repeat_byte(4), status: Word::Disputed, until: Some(u64::MAX), evidence: B256::repeat_byte(5) };
    let standing = Standing { creator: Word::Deprecated, curators: Look::Found(vec![judgement]) };
    let descent = Descent(vec![(Relation::Merge, token(1)), (Relation::FineTune, token(2))]);
    evidence.ancestry = Look::Found(Ancestry {
        ancestors: vec![Ancestor {
            descent: descent.clone(),
            weights: Sha256Digest::of(b"w"),
            record: Sha256Digest::of(b"r"),
            standing: standing.clone(),
        }],
        beyond: vec![(descent, "it is in another registry".to_owned())],
        cut_short: Some("more than enough".to_owned()),
    });
    if let Look::Found(token) = &mut evidence.token {
        token.standing = standing;
        token.authenticity = Authenticity::Collection { collection: Collection::canonical(), canonical_license_book: true };
    }
    let claim = WeightsClaim { token: token(7), creator: "0x".to_owned(), block: u64::MAX, committed: Some(3) };
    evidence.claims = Look::Found(Claims { claims: vec![claim], unranked: Some("gone".to_owned()) });
    evidence.surveyed = Look::Found(Surveyed {
        findings: vec![Noticed { code: FindingCode::PickleBeside, line: "a.bin\u{1b}[31m\0".to_owned() }],
        weights: Vec::new(),
    });
    evidence.unread = Some(Unread { files: vec![("a".to_owned(), 7)], weights: true });
    let oms = OmsEvidence {
        signer: Some("Ada".to_owned()),
        identity: Some(OmsSigner::Keyless { identity: "ada@example.com".to_owned(), issuer: "https://issuer.example".to_owned() }),
        files: 2,
        refused: vec!["why".to_owned()],
        notes: vec!["note".to_owned()],
    };
    let key = OmsEvidence { identity: Some(OmsSigner::Key(Sha256Digest::of(b"k"))), ..oms.clone() };
    let certificate = OmsSigner::Certificate { subject: "CN=a".to_owned(), key: Sha256Digest::of(b"k") };
    evidence.signed = Look::Found(vec![
        FoundSignature { source: "model.sig".to_owned(), vouched: Some(Sha256Digest::of(b"roots")), found: key },
        FoundSignature { source: "b".to_owned(), vouched: None, found: OmsEvidence { identity: Some(certificate), ..oms.clone() } },
    ]);
    evidence.oms = Look::Found(oms);
    let wallet: Signer = format!("eip155:1:{}", Address::repeat_byte(6)).parse().unwrap();
    let question = WalletQuestion { wallet, digest: B256::repeat_byte(8), signature: serde_json::from_value("0x0102".into()).unwrap() };
    evidence.wallets = vec![
        WalletAnswer { question: question.clone(), word: Look::Found(WalletWord { accepts: true, block: 4 }) },
        WalletAnswer { question, word: Look::Absent("no wallet".to_owned()) },
    ];
    evidence.bundle = Look::Found("proven".to_owned());
    evidence.named = Some(token(9));
    evidence.unread_signatures = Some("lost".to_owned());
    evidence.notes = vec!["note".to_owned()];
    evidence
}

fn foreign(published: &Published, binding: Binding, contract: Authenticity) -> Evidence {
    let metadata = MetadataBytes { bytes: vec![0, 255, 1], source: "memory".to_owned(), binding };
    let token = ForeignToken {
        token: published.token().token,
        contract,
        owner: Address::repeat_byte(1),
        block: 2,
        metadata: Look::Found(metadata),
        models: vec![published.manifest.clone()],
        version_0: Some(ContentId::raw(b"weights")),
    };
    Evidence { token: Look::NotAsked, foreign: Some(token), ..published.evidence() }
}

/// Writes and reads it.
#[track_caller]
fn again(evidence: &Evidence) -> Evidence {
    let bytes = evidence.to_bytes().unwrap();
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| jsonschema::validator_for(&Evidence::schema()).unwrap());
    let value = serde_json::from_slice(&bytes).unwrap();
    assert!(SCHEMA.is_valid(&value), "{:?}", SCHEMA.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>());
    let read = Evidence::from_bytes(&bytes).unwrap();
    assert_eq!(read.to_bytes().unwrap(), bytes);
    read
}

#[test]
fn everything_is_read_back_as_it_was() {
    let published = publish("stored", 0);
    let evidence = full(&published);
    assert_eq!(again(&evidence), evidence);
    assert_eq!(again(&Evidence::default()), Evidence::default());
    let id = ContentId::raw(b"metadata");
    let listed = || Authenticity::Listed { name: "a".to_owned() };
    for (binding, contract) in [
        (Binding::InUri, Authenticity::Foreign),
        (Binding::Cid(id), Authenticity::Proxy { target: Address::repeat_byte(9) }),
        (Binding::Folder(id), listed()),
        (Binding::Other(id), Authenticity::NoCode),
        (Binding::Item("TlTfaHIzUoVZ9AvmMn6_CKzyXo0Ecs7KCIoCbNwSNSk".parse().unwrap()), Authenticity::Canonical),
        (Binding::OtherItem("why".to_owned()), listed()),
        (Binding::Mutable("https://a.example".to_owned()), listed()),
        (Binding::Nothing("why".to_owned()), listed()),
    ] {
        let evidence = foreign(&published, binding, contract);
        assert_eq!(again(&evidence), evidence);
    }
    for code in FindingCode::ALL {
        assert_eq!(Finding::from(*code).code(), *code);
    }
}

proptest! {
    #[test]
    fn what_is_read_back_is_judged_the_same(changes in proptest::collection::vec((0_u8..40, ".{0,40}"), 0..6), rules in 0_u8..32) {
        static PUBLISHED: LazyLock<Published> = LazyLock::new(|| publish("stored", 0));
        let published = &*PUBLISHED;
        let mut evidence = published.evidence();
        for (which, text) in &changes {
            change(&mut evidence, published, *which, text);
        }
        let Ok(bytes) = evidence.to_bytes() else {
            prop_assert!(evidence.scope != Scope::Whole);
            return Ok(());
        };
        let (read, policy) = (Evidence::from_bytes(&bytes).unwrap(), policy(rules));
        let (before, after) = (judge(&evidence, &policy), judge(&read, &policy));
        prop_assert_eq!(serde_json::to_string(&before).unwrap(), serde_json::to_string(&after).unwrap());
        let trial = Trial::of(&read, &policy);
        // A verification that came to something good looked at what comes before, too.
        if before.verdict.exit_code() != 0 || evidence.ancestry != Look::NotAsked {
            prop_assert_eq!((trial.would_be, &trial.checks), (before.verdict, &before.checks));
        }
        prop_assert!(trial.exit_code() != 0, "a trial never says that something verified");
    }

    #[test]
    fn garbage_is_refused_in_one_line(at in 0_usize..20_000, byte in any::<u8>()) {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| full(&publish("stored", 0)).to_bytes().unwrap());
        let mut bytes = BYTES.clone();
        let at = at % bytes.len();
        bytes[at] = byte;
        match Evidence::from_bytes(&bytes) {
            Ok(evidence) => drop(judge(&evidence, &Policy::default())),
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{error}"),
        }
    }
}

#[test]
fn a_trial_is_no_report_and_says_whose_word_it_is() {
    let evidence = publish("stored", 0).evidence();
    let trial = serde_json::to_value(Trial::of(&evidence, &Policy::default())).unwrap();
    assert!(jsonschema::validator_for(&Trial::schema()).unwrap().is_valid(&trial));
    assert!(serde_json::from_value::<modelmark_verify::Report>(trial.clone()).is_err());
    assert_eq!(
        (&trial["verdict"], &trial["wouldBe"], &trial["assurance"]["chain"]),
        (&serde_json::Value::Null, &"verified".into(), &"evidence".into())
    );
    assert_eq!(trial["assurance"]["stated"]["chain"], serde_json::to_value(ChainLevel::Endpoint).unwrap());
    let strict = Rules { claim: modelmark_verify::ClaimRules { first: true }, ..Rules::default() };
    let refused = Trial::of(&evidence, &Policy { file: Some(Box::new(strict)), ..Policy::default() });
    assert_eq!((refused.would_be, refused.exit_code()), (Verdict::PolicyRefused, 4));
    assert_eq!(Trial::of(&Evidence::default(), &Policy::default()).exit_code(), 3);
}

/// What the policy of that time did not ask for, another one does not take for good; and who is not followed is not heard.
#[test]
fn what_was_not_looked_at_does_not_pass() {
    let published = publish("stored", 0);
    let would = |evidence: &Evidence, policy: &Policy| Trial::of(evidence, policy).would_be;
    let following = |number: u8| Policy { curators: vec![Address::repeat_byte(number)], ..Policy::default() };
    let mut evidence = published.evidence();
    assert_eq!(would(&evidence, &following(4)), Verdict::CouldNotLook);
    let says = |status| Judgement { curator: Address::repeat_byte(4), status, until: None, evidence: B256::ZERO };
    for (status, followed) in [(Word::Active, Verdict::Verified), (Word::Disputed, Verdict::PolicyRefused)] {
        let Look::Found(token) = &mut evidence.token else { unreachable!() };
        token.standing.curators = Look::Found(vec![says(status)]);
        assert_eq!(would(&evidence, &following(4)), followed);
        assert_eq!(judge(&evidence, &following(4)).checks, Trial::of(&evidence, &following(4)).checks);
        assert_eq!(would(&evidence, &Policy::default()), Verdict::Verified);
        assert_eq!(would(&evidence, &following(5)), Verdict::CouldNotLook);
    }
    let unwalked = Evidence { ancestry: Look::NotAsked, ..published.evidence() };
    assert_eq!(would(&unwalked, &Policy::default()), Verdict::CouldNotLook);
    let stopped = Evidence { stopped: true, model: Look::NotAsked, ..published.evidence() };
    assert_eq!(would(&stopped, &Policy::default()), Verdict::CouldNotLook);
    let denied = Policy { licenses: vec!["MIT".parse().unwrap()], ..Policy::default() };
    assert_eq!(Trial::of(&stopped, &denied).checks, judge(&stopped, &denied).checks);
}

#[test]
fn what_is_no_evidence_is_refused() {
    let published = publish("stored", 0);
    let good = String::from_utf8(full(&published).to_bytes().unwrap()).unwrap();
    let refused = |text: String, words: &str| {
        let error = Evidence::from_bytes(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let value: serde_json::Value = serde_json::from_str(&good).unwrap();
    // A key that means nothing, wherever it stands.
    for pointer in [
        "",
        "/evidence",
        "/evidence/token/found",
        "/evidence/token/found/standing",
        "/evidence/seen",
        "/evidence/seen/block",
        "/evidence/ancestry/found",
        "/evidence/ancestry/found/ancestors/0/descent/0",
        "/evidence/record/found",
        "/evidence/model/found",
        "/evidence/oms/found/identity/keyless",
        "/evidence/wallets/0/question",
        "/evidence/receipts/found/0",
        "/evidence/unread",
    ] {
        let mut more = value.clone();
        let place = more.pointer_mut(pointer).and_then(serde_json::Value::as_object_mut).unwrap();
        place.insert("more".to_owned(), 1.into());
        refused(more.to_string(), "unknown field `more`");
    }
    for (from, to, words) in [
        ("\"version\": 1", "\"version\": 2", "version 2"),
        ("modelmark-evidence", "modelmark-bundle", "modelmark-bundle"),
        ("\"stopped\": false,", "", "missing field"),
        ("\"stopped\": false,", "\"stopped\": false, \"stopped\": false,", "duplicate field"),
        ("\"endpoint\"", "\"hearsay\"", "unknown variant"),
        ("0x0505", "0x05zz", "no digest of a document"),
    ] {
        assert!(good.contains(from), "{from}");
        refused(good.replacen(from, to, 1), words);
    }
    refused(format!("{good}{{}}"), "trailing characters");
    refused("[".repeat(100_000), "no evidence");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    refused(format!("{{\"format\":\"modelmark-evidence\",\"version\":1,\"evidence\":{deep}}}"), "no evidence");
    refused(good.replacen("\"proven\"", &deep, 1), "no evidence");
    refused(" ".repeat(MAX_EVIDENCE_BYTES + 1), "bytes");
    // More of what a judge has to check than is read is not written either.
    let mut many = published.evidence();
    many.signatures = vec![brought(Vec::new()); 257];
    assert_eq!(many.to_bytes(), Err(EvidenceError::TooLarge { what: "signature documents", most: 256 }));
    let part = Evidence { scope: Scope::Partial, ..published.evidence() };
    assert_eq!(part.to_bytes(), Err(EvidenceError::Part));
}
