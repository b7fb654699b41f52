//! What a policy file demands of contract, chain, parents, measurements, files, age, copies and signers of files; what could not be seen never passes.

use alloy::primitives::{Address, B256, U256};
use modelmark_chain::{Authenticity, Block, ChainId, Relation, Status as Word, TokenRef};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_formats::FindingCode;
use modelmark_remote::Receipt;
use modelmark_verify::{
    Ancestor, Ancestry, ChainLevel, ChainView, Code, Descent, Evidence, Finality, Form, Look, Noticed, Policy, Report, Rules, SeenWeights,
    Standing, Status, Surveyed, Verdict, judge,
};

use crate::fixture::publish;

const OTHER: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

fn judged(rules: &str, change: impl FnOnce(&mut Evidence)) -> Report {
    let rules = Rules::read(format!("version = 1\n{rules}").as_bytes(), Form::Toml).unwrap();
    let mut evidence = publish("demands", 0).evidence();
    change(&mut evidence);
    judge(&evidence, &Policy { file: Some(Box::new(rules)), ..Policy::default() })
}

/// Asserts what one rule finds, and that the verdict follows.
#[track_caller]
fn finds(code: Code, status: Status, rules: &str, change: impl FnOnce(&mut Evidence)) {
    let report = judged(rules, change);
    assert_eq!(report.check(code).unwrap().status, status, "{report:#?}");
    let refused = matches!(report.verdict, Verdict::PolicyRefused | Verdict::CouldNotLook | Verdict::DoesNotVerify);
    assert_eq!(refused, matches!(status, Status::Fail | Status::Unknown), "{report:#?}");
}

fn as_it_is(_: &mut Evidence) {}

fn no_token(evidence: &mut Evidence) {
    evidence.token = Look::Unreachable("down".to_owned());
}

#[test]
fn contracts() {
    let token = publish("demands", 0).token().token;
    let address = token.contract();
    for (rules, status) in [
        (format!("collections = [\"{address}\"]"), Status::Pass),
        (format!("collections = [\"eip155:31337:{address}\", \"{OTHER}\"]"), Status::Pass),
        (format!("collections = [\"eip155:1:{address}\"]"), Status::Fail),
        (format!("collections = [\"{OTHER}\"]"), Status::Fail),
        ("assurance = \"canonical\"".to_owned(), Status::Pass),
    ] {
        finds(Code::PolicyContract, status, &format!("[contract]\n{rules}"), as_it_is);
    }
    let listed = |evidence: &mut Evidence| {
        if let Look::Found(token) = &mut evidence.token {
            token.authenticity = Authenticity::Listed { name: "x".to_owned() };
        }
    };
    finds(Code::PolicyContract, Status::Fail, "[contract]\nassurance = \"collection\"", listed);
    finds(Code::PolicyContract, Status::Pass, "[contract]\nassurance = \"listed\"", listed);
    finds(Code::PolicyContract, Status::Unknown, "[contract]\nassurance = \"listed\"", no_token);
}

#[test]
fn chains() {
    finds(Code::PolicyChain, Status::Pass, "[chain]\nallow = [\"eip155:1\", \"eip155:31337\"]", as_it_is);
    finds(Code::PolicyChain, Status::Fail, "[chain]\nallow = [\"eip155:1\"]", as_it_is);
    finds(Code::PolicyChain, Status::Unknown, "[chain]\nallow = [\"eip155:1\"]", no_token);
    let seen = |level, finality| {
        move |evidence: &mut Evidence| {
            evidence.seen = Some(ChainView { level, agreement: None, block: Block { number: 9, hash: B256::ZERO, time: 1 }, finality });
        }
    };
    let (agreement, finalized) = ("[chain]\nassurance = \"agreement\"", "[chain]\nfinality = \"safe\"");
    finds(Code::PolicyAssurance, Status::Fail, agreement, seen(ChainLevel::Endpoint, Finality::Finalized));
    finds(Code::PolicyAssurance, Status::Pass, agreement, seen(ChainLevel::Agreement, Finality::Latest));
    finds(Code::PolicyAssurance, Status::Fail, finalized, seen(ChainLevel::Agreement, Finality::Latest));
    finds(Code::PolicyAssurance, Status::Pass, finalized, seen(ChainLevel::Endpoint, Finality::Finalized));
    finds(Code::PolicyAssurance, Status::Unknown, agreement, |evidence| evidence.seen = None);
}

fn token(n: u64) -> TokenRef {
    TokenRef::new(ChainId::DEVELOPMENT, Address::repeat_byte(1), U256::from(n).into())
}

fn digest(n: u64) -> Sha256Digest {
    Sha256Digest::of(&n.to_be_bytes())
}

fn ancestor(descent: &Descent, n: u64) -> Ancestor {
    let standing = Standing { creator: Word::Active, curators: Look::NotAsked };
    Ancestor { descent: descent.clone(), weights: digest(n), record: digest(n + 100), standing }
}

/// Made from 1 by merging, which is a finetune of 2; and from 3 in another registry.
fn family(evidence: &mut Evidence) {
    let parent = Descent::default().then(Relation::Merge, token(1));
    let above = parent.then(Relation::FineTune, token(2));
    let beyond = Descent::default().then(Relation::Merge, token(3));
    let ancestors = vec![ancestor(&parent, 1), ancestor(&above, 2)];
    evidence.ancestry =
        Look::Found(Ancestry { ancestors, beyond: vec![(beyond, "it is in another registry".to_owned())], cut_short: None });
}

fn related(evidence: &mut Evidence) {
    family(evidence);
    if let Look::Found(ancestry) = &mut evidence.ancestry {
        ancestry.beyond.clear();
    }
}

#[test]
fn parents_that_are_demanded() {
    let demand = |rule: String| format!("[parents]\nrequire = [{{ {rule} }}]");
    for (rule, status) in [
        (format!("token = \"{}\"", token(1)), Status::Pass),
        (format!("token = \"{}\", relation = \"merge\", depth = 1", token(1)), Status::Pass),
        (format!("token = \"{}\", relation = \"adapter\"", token(1)), Status::Fail),
        (format!("token = \"{}\"", token(2)), Status::Pass),
        (format!("token = \"{}\", depth = 1", token(2)), Status::Fail),
        (format!("weights = \"{}\"", digest(2).to_0x()), Status::Pass),
        (format!("record = \"{}\"", digest(102).to_0x()), Status::Pass),
        (format!("weights = \"{}\", record = \"{}\"", digest(1).to_0x(), digest(102).to_0x()), Status::Fail),
        (format!("token = \"{}\"", token(9)), Status::Fail),
    ] {
        finds(Code::PolicyParents, status, &demand(rule), related);
    }
    // A CID names weights too.
    let cid = ContentId::raw(b"weights");
    let held = move |evidence: &mut Evidence| {
        related(evidence);
        if let Look::Found(ancestry) = &mut evidence.ancestry {
            ancestry.ancestors[0].weights = cid.digest();
        }
    };
    finds(Code::PolicyParents, Status::Pass, &demand(format!("weights = \"{cid}\"")), held);
    // What nobody saw may be it.
    finds(Code::PolicyParents, Status::Unknown, &demand(format!("token = \"{}\"", token(9))), family);
    finds(Code::PolicyParents, Status::Unknown, &demand(format!("weights = \"{}\", depth = 1", digest(9).to_0x())), family);
    finds(Code::PolicyParents, Status::Fail, &demand(format!("token = \"{}\", depth = 1", token(9))), family);
    finds(Code::PolicyParents, Status::Unknown, &demand(format!("token = \"{}\"", token(1))), |evidence| {
        evidence.ancestry = Look::NotAsked
    });
}

#[test]
fn parents_that_are_forbidden() {
    let forbid = |rule: String| format!("[parents]\nforbid = [{{ {rule} }}]");
    for (rule, status) in [
        (format!("token = \"{}\"", token(2)), Status::Fail),
        (format!("token = \"{}\", depth = 1", token(2)), Status::Pass),
        (format!("weights = \"{}\"", digest(1).to_0x()), Status::Fail),
        (format!("token = \"{}\"", token(9)), Status::Pass),
        ("relation = \"distilled\"".to_owned(), Status::Pass),
        ("relation = \"merge\"".to_owned(), Status::Fail),
        (String::new(), Status::Fail),
    ] {
        finds(Code::PolicyParents, status, &forbid(rule), related);
    }
    finds(Code::PolicyParents, Status::Fail, &forbid(format!("token = \"{}\"", token(3))), family);
    finds(Code::PolicyParents, Status::Unknown, &forbid(format!("token = \"{}\"", token(9))), family);
    finds(Code::PolicyParents, Status::Unknown, &forbid(format!("weights = \"{}\", depth = 1", digest(9).to_0x())), family);
    let cut = |evidence: &mut Evidence| {
        related(evidence);
        if let Look::Found(ancestry) = &mut evidence.ancestry {
            ancestry.cut_short = Some("more than 256 ancestors".to_owned());
        }
    };
    let report = judged(&forbid(format!("token = \"{}\", depth = 1", token(9))), cut);
    assert_eq!(report.check(Code::PolicyParents).unwrap().status, Status::Pass, "all parents were looked at");
    let report = judged(&forbid(format!("token = \"{}\"", token(9))), cut);
    assert_eq!(report.check(Code::PolicyParents).unwrap().status, Status::Unknown);
}

#[test]
fn no_ancestors_are_no_answer_to_a_demand() {
    let demand = format!("[parents]\nrequire = [{{ token = \"{}\" }}]", token(1));
    finds(Code::PolicyParents, Status::Fail, &demand, as_it_is);
}

#[test]
fn generations_and_other_registries() {
    let recalled = |evidence: &mut Evidence| {
        related(evidence);
        if let Look::Found(ancestry) = &mut evidence.ancestry {
            ancestry.ancestors[1].standing.creator = Word::Recalled;
        }
    };
    finds(Code::StatusLineage, Status::Fail, "", recalled);
    finds(Code::StatusLineage, Status::Fail, "[status]\ngenerations = 2", recalled);
    finds(Code::StatusLineage, Status::Pass, "[status]\ngenerations = 1", recalled);
    finds(Code::StatusLineage, Status::Pass, "", family);
    finds(Code::StatusLineage, Status::Fail, "[status]\nelsewhere = \"deny\"", family);
    assert_eq!(judged("[status]\nelsewhere = \"warn\"", family).notes.len(), 1);
}

#[test]
fn measurements_that_the_record_lacks() {
    finds(Code::PolicyMetrics, Status::Fail, "[[metrics]]\nmetric = \"accuracy\"\nmin = 0.9", as_it_is);
    finds(Code::PolicyMetrics, Status::Unknown, "[[metrics]]\nmetric = \"accuracy\"", |evidence| {
        evidence.record = Look::Absent("not in the store".to_owned());
    });
}

#[test]
fn formats_and_findings() {
    let safetensors = "[formats]\nallow = [\"safetensors\"]";
    finds(Code::PolicyFormats, Status::Pass, safetensors, as_it_is);
    finds(Code::PolicyFormats, Status::Fail, "[formats]\nallow = [\"gguf\"]", as_it_is);
    finds(Code::PolicyFormats, Status::Unknown, safetensors, |evidence| evidence.surveyed = Look::NotAsked);
    finds(Code::PolicyFormats, Status::Fail, safetensors, |evidence| evidence.surveyed = Look::Found(Surveyed::default()));
    // A pickle beside the safetensors files is what a careless loader takes.
    let pickle = |evidence: &mut Evidence| {
        if let Look::Found(surveyed) = &mut evidence.surveyed {
            surveyed.weights.push(SeenWeights { path: "pytorch_model.bin".to_owned(), format: Some("pytorch".to_owned()) });
            surveyed.findings.push(Noticed { code: FindingCode::PickleBeside, line: "pytorch_model.bin: a pickle".to_owned() });
        }
    };
    finds(Code::PolicyFormats, Status::Fail, safetensors, pickle);
    finds(Code::PolicyFindings, Status::Fail, "[code]\ndeny-findings = [\"pickle.beside\"]", pickle);
    finds(Code::PolicyFindings, Status::Pass, "[code]\ndeny-findings = [\"code.beside\"]", pickle);
    finds(Code::PolicyFindings, Status::Pass, "[code]\nallow-findings = [\"pickle.beside\"]", pickle);
    finds(Code::PolicyFindings, Status::Fail, "[code]\nallow-findings = [\"code.template\"]", pickle);
    finds(Code::PolicyFindings, Status::Unknown, "[code]\nallow-findings = [\"code.template\"]", |evidence| {
        evidence.surveyed = Look::NotAsked
    });
}

#[test]
fn a_record_without_a_time_has_no_age() {
    finds(Code::PolicyAge, Status::Unknown, "[age]\nmax-days = 30", as_it_is);
}

#[test]
fn places() {
    let keep = "[storage]\nkeep = \"2 of {ipfs, s3, arweave}\"";
    let receipt = |place: &str, expires: Option<&str>| Receipt {
        expires: expires.map(str::to_owned),
        ..Receipt::now(ContentId::raw(b"model"), place, 1)
    };
    let at = |places: Vec<Receipt>| move |evidence: &mut Evidence| evidence.receipts = Look::Found(places);
    finds(Code::PolicyStorage, Status::Unknown, keep, |evidence| evidence.receipts = Look::NotAsked);
    finds(Code::PolicyStorage, Status::Fail, keep, at(vec![receipt("s3://a", None), receipt("s3://b", None)]));
    finds(
        Code::PolicyStorage,
        Status::Pass,
        keep,
        at(vec![receipt("s3://a", None), receipt("pinning+https://pins.example/", Some("2027-01-01T00:00:00Z"))]),
    );
    // A word that has run out, or of which nobody can tell whether it has, counts for nothing.
    finds(
        Code::PolicyStorage,
        Status::Fail,
        keep,
        at(vec![receipt("s3://a", None), receipt("pinning+https://pins.example/", Some("2026-01-01T00:00:00Z"))]),
    );
    finds(
        Code::PolicyStorage,
        Status::Fail,
        keep,
        at(vec![receipt("s3://a", None), receipt("pinning+https://pins.example/", Some("soon"))]),
    );
    finds(Code::PolicyStorage, Status::Fail, "[storage]\nkeep = \"all\"", at(Vec::new()));
}
