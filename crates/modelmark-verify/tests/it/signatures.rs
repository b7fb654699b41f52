//! Signatures of several accounts over one record, and what a policy demands of them; documents by ethers (see `vectors/record`).

use modelmark_record::CanonicalRecord;
use modelmark_verify::{
    Check, Code, Look, Policy, RequiredSigner, SignatureFile, Status, Verdict, WalletAnswer, WalletWord, judge_signatures, wallet_questions,
};
use serde_json::Value;

use crate::fixture::{brought, lying};

const VECTORS: &str = include_str!("../../../../vectors/record/record.json");
const CREATOR: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const CONTRIBUTOR: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

struct Cosigned {
    record: CanonicalRecord,
    both: Vec<u8>,
    wrong: Vec<Value>,
}

fn cosigned() -> Cosigned {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let text = |key: &str| vectors["cosigned"][key].as_str().unwrap().as_bytes().to_vec();
    let record = CanonicalRecord::parse(&text("canonical")).unwrap();
    Cosigned { record, both: text("document"), wrong: vectors["cosigned"]["wrong"].as_array().unwrap().clone() }
}

impl Cosigned {
    fn judged(&self, files: &[SignatureFile], policy: &Policy) -> (Check, Check) {
        self.judged_with(files, &[], policy)
    }

    fn judged_with(&self, files: &[SignatureFile], wallets: &[WalletAnswer], policy: &Policy) -> (Check, Check) {
        let mut checks = judge_signatures(&self.record, files, wallets, policy).into_iter();
        let (all, policy) = (checks.next().unwrap(), checks.next().unwrap());
        assert_eq!((all.code, policy.code, checks.next()), (Code::RecordSignatures, Code::PolicySignatures, None));
        (all, policy)
    }

    /// A document with the `n`th signature only.
    fn only(&self, n: usize) -> Vec<u8> {
        let mut document: Value = serde_json::from_slice(&self.both).unwrap();
        let kept = document["signatures"][n].take();
        document["signatures"] = Value::Array(vec![kept]);
        // Keys come out sorted, and all is ASCII: these are the canonical bytes.
        serde_json::to_vec(&document).unwrap()
    }
}

fn policy(signatures: usize, signers: Vec<RequiredSigner>) -> Policy {
    Policy { signatures, signers, ..Policy::default() }
}

fn account(address: &str) -> RequiredSigner {
    RequiredSigner::Account(format!("eip155:1:{address}").parse().unwrap())
}

#[test]
fn creator_and_contributors_count_once_each_whatever_documents_they_stand_in() {
    let cosigned = cosigned();
    let everybody = vec![RequiredSigner::Creator, RequiredSigner::Contributors, account(CREATOR), account(CONTRIBUTOR)];
    let (all, demanded) = cosigned.judged(&[brought(cosigned.both.clone())], &policy(2, everybody.clone()));
    assert_eq!((all.status, demanded.status), (Status::Pass, Status::Pass));
    assert_eq!(all.message, "signed by the creator and by 1 of 1 contributors");
    let apart = [lying(cosigned.only(1)), brought(cosigned.only(0)), brought(cosigned.both.clone())];
    assert_eq!(cosigned.judged(&apart, &policy(2, everybody)).1.status, Status::Pass);
    let (_, more) = cosigned.judged(&apart, &policy(3, Vec::new()));
    assert_eq!((more.status, more.details), (Status::Fail, vec!["2 of the 3 signatures that the policy demands".to_owned()]));
    assert_eq!(cosigned.judged(&apart, &Policy::default()).1.status, Status::Skipped);
}

#[test]
fn who_is_missing_is_named() {
    let cosigned = cosigned();
    let creator = [brought(cosigned.only(0))];
    for (signer, status, named) in [
        (RequiredSigner::Creator, Status::Pass, ""),
        (RequiredSigner::Contributors, Status::Fail, CONTRIBUTOR),
        (account(CONTRIBUTOR), Status::Fail, CONTRIBUTOR),
        // A contract wallet at the same address is another signer.
        (RequiredSigner::Account(format!("eip155:10:{CREATOR}").parse().unwrap()), Status::Fail, "eip155:10"),
    ] {
        let check = cosigned.judged(&creator, &policy(0, vec![signer])).1;
        assert!(check.status == status && check.details.concat().contains(named), "{check:?}");
    }
    let (all, demanded) = cosigned.judged(&[brought(cosigned.only(1))], &policy(0, vec![RequiredSigner::Creator]));
    assert_eq!((all.status, all.message.as_ref()), (Status::Pass, "not signed by the creator and by 1 of 1 contributors"));
    assert_eq!(Verdict::of(&[all, demanded]), Verdict::PolicyRefused);
}

#[test]
fn no_threshold_hides_a_wrong_signature() {
    let cosigned = cosigned();
    for wrong in &cosigned.wrong {
        let (why, code) = (wrong["why"].as_str().unwrap(), wrong["code"].as_str().unwrap());
        let document = wrong["document"].as_str().unwrap().as_bytes().to_vec();
        let (all, demanded) = cosigned.judged(&[brought(cosigned.both.clone()), brought(document.clone())], &policy(2, Vec::new()));
        assert_eq!((all.status, demanded.status), (Status::Fail, Status::Pass), "{why}");
        assert!(all.details.len() == 1 && all.details[0].contains(&format!(": {code}: ")), "{why}: {all:?}");
        assert_eq!(Verdict::of(&[all, demanded]), Verdict::DoesNotVerify, "{why}");
        // What lies in a store may be anybody's.
        if !matches!(code, "other-record" | "count") {
            let (all, _) = cosigned.judged(&[brought(cosigned.both.clone()), lying(document)], &Policy::default());
            assert!(all.status == Status::Pass && all.details[0].contains(code), "{why}: {all:?}");
        }
    }
    let (all, _) = cosigned.judged(&[brought(b"{}".to_vec())], &Policy::default());
    assert!(all.status == Status::Fail && all.details[0].starts_with("memory: document: "), "{all:?}");
}

#[test]
fn what_only_a_chain_can_tell_is_unknown() {
    let cosigned = cosigned();
    let text = String::from_utf8(cosigned.only(1)).unwrap();
    let wallet = text.replace("eip712", "erc1271").replace("eip155:1:", "eip155:10:").into_bytes();
    let files = [brought(cosigned.only(0)), brought(wallet)];
    let (all, demanded) = cosigned.judged(&files, &policy(2, vec![RequiredSigner::Contributors]));
    assert_eq!((all.status, demanded.status), (Status::Unknown, Status::Unknown));
    assert!(all.details[0].contains("eip155:10") && demanded.details.len() == 2);
    assert_eq!(cosigned.judged(&files, &policy(3, Vec::new())).1.status, Status::Fail, "even then there are two");
}

#[test]
fn a_wallet_s_word_counts_for_the_question_that_it_was_asked() {
    let cosigned = cosigned();
    let text = String::from_utf8(cosigned.only(1)).unwrap();
    let on = |chain: &str| brought(text.replace("eip712", "erc1271").replace("eip155:1:", &format!("eip155:{chain}:")).into_bytes());
    let files = [brought(cosigned.only(0)), on("10"), on("10")];
    let questions = wallet_questions(&cosigned.record, &files);
    let [question] = questions.as_slice() else { unreachable!("one question, once: {questions:?}") };
    let said = |word| [WalletAnswer { question: question.clone(), word }];
    let everybody = policy(2, vec![RequiredSigner::Contributors, RequiredSigner::Account(question.wallet.clone())]);
    for (word, status, demanded, told) in [
        (Look::Found(WalletWord { accepts: true, block: 7 }), Status::Pass, Status::Pass, ""),
        (Look::Found(WalletWord { accepts: false, block: 7 }), Status::Fail, Status::Fail, ": wallet-refuses: "),
        (Look::Unreachable("down".to_owned()), Status::Unknown, Status::Unknown, "could not be asked: down"),
    ] {
        let (all, policy) = cosigned.judged_with(&files, &said(word.clone()), &everybody);
        assert_eq!((all.status, policy.status), (status, demanded), "{word:?}");
        assert!(all.details.concat().contains(told), "{all:?}");
    }
    // The same bytes said to be of another chain are another question.
    let yes = said(Look::Found(WalletWord { accepts: true, block: 7 }));
    let (all, _) = cosigned.judged_with(&[on("8453")], &yes, &everybody);
    assert_eq!(all.status, Status::Unknown);
}
