//! Looking at a real chain and a real store: what is there is found, and what lies is caught.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use alloy::rpc::client::RpcClient;
use modelmark_chain::{
    AddressBook, Chain, ChainId, Deployment, Lineage, ModelInput, Parent, Registry, Relation, TokenId, TokenRef, Wallet,
};
use modelmark_devnet::{Config, Devnet};
use modelmark_digest::{CidProfile, Codec, Observer, Request};
use modelmark_storage::{MemoryStore, Store};
use modelmark_verify::{Code, Policy, Report, Sources, Status, Verdict, verify};
use tempfile::TempDir;

use crate::fixture::{Published, publish, publish_as};

struct World {
    registry: Registry,
    store: MemoryStore,
    model: TempDir,
    token: TokenRef,
}

async fn registry() -> Registry {
    let client = RpcClient::new(Devnet::in_memory(Config::default()).unwrap(), true);
    let chain = Chain::over(client, "devnet", None).await.unwrap();
    let deployer = Wallet::development(chain.id(), 9).unwrap();
    modelmark_chain::deploy(&chain, &deployer, &Deployment::Canonical).await.unwrap();
    Registry::canonical(&chain)
}

async fn mint(registry: &Registry, published: &Published) -> TokenRef {
    let plan = registry.plan_mint(&published.wallet, published.wallet.address(), &published.input()).await.unwrap();
    plan.execute(&published.wallet).await.unwrap().token
}

fn keep(store: &MemoryStore, published: &Published) {
    let record = store.put(Codec::Raw, published.record.bytes()).unwrap();
    let document = store.put(Codec::Raw, &published.document).unwrap();
    store.attach(&record, &document).unwrap();
}

async fn world(seed: &str) -> World {
    let (registry, store, published) = (registry().await, MemoryStore::new(), publish(seed, 0));
    let token = mint(&registry, &published).await;
    keep(&store, &published);
    World { registry, store, model: modelmark_testkit::model::small(seed).unwrap(), token }
}

impl World {
    async fn verify(&self, token: Option<TokenRef>, policy: &Policy) -> Report {
        self.verify_watched(token, policy, Arc::new(())).await
    }

    async fn verify_watched(&self, token: Option<TokenRef>, policy: &Policy, observer: Arc<dyn Observer + Send + Sync>) -> Report {
        let book = AddressBook::default();
        let sources = Sources {
            path: Some(self.model.path()),
            request: Request::default(),
            observer,
            token,
            ..Sources::new(Ok(&self.registry), &book, &self.store)
        };
        verify(sources, policy).await.unwrap()
    }
}

#[tokio::test]
async fn a_published_model_is_found_by_its_weights_and_by_its_token() {
    let world = world("found").await;
    for token in [None, Some(world.token)] {
        let report = world.verify(token, &Policy::default()).await;
        assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
        assert_eq!(report.token, Some(world.token.to_string()));
    }
}

/// Puts code into the model after it was looked over and before it is hashed.
struct Smuggler(std::path::PathBuf);

impl Observer for Smuggler {
    fn planned(&self, _files: u64, _bytes: u64) {
        // Past the tick of a coarse file system clock.
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(&self.0, r#"{"auto_map":{"AutoModel":"modeling.TinyModel"},"model_type":"tiny"}"#).unwrap();
    }
}

#[tokio::test]
async fn what_is_hashed_is_what_was_looked_at_for_code() {
    let world = world("smuggled").await;
    let deny = Policy { deny_code: true, ..Policy::default() };
    let smuggler = Smuggler(world.model.path().join("config.json"));
    let report = world.verify_watched(Some(world.token), &deny, Arc::new(smuggler)).await;
    assert_eq!(report.verdict, Verdict::CouldNotLook, "{report:#?}");
    assert!(report.check(Code::CodeNone).is_some_and(|check| check.status == Status::Unknown), "{report:#?}");
}

/// Takes the newest block from the chain while the files are read, and puts others in its place.
struct Reorganiser {
    devnet: Devnet,
    before: serde_json::Value,
    times: AtomicU32,
}

impl Observer for Reorganiser {
    fn planned(&self, _files: u64, _bytes: u64) {
        if self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |times| times.checked_sub(1)).is_ok() {
            let ask = |method: &str, params| self.devnet.request(method, params).unwrap();
            assert_eq!(ask("evm_revert", serde_json::json!([self.before])), true);
            // Another time makes another hash.
            ask("evm_increaseTime", serde_json::json!([100]));
            ask("evm_mine", serde_json::json!([]));
        }
    }
}

/// A token that is in the removed block only is not there any more at the second look; one that is older is.
#[tokio::test]
async fn a_block_that_the_chain_removes_is_looked_at_once_more() {
    for (older, times, verdict) in [(true, 1, Verdict::Verified), (false, 1, Verdict::DoesNotVerify)] {
        let devnet = Devnet::in_memory(Config::default()).unwrap();
        let chain = Chain::over(RpcClient::new(devnet.clone(), true), "devnet", None).await.unwrap();
        modelmark_chain::deploy(&chain, &Wallet::development(chain.id(), 9).unwrap(), &Deployment::Canonical).await.unwrap();
        let (registry, store, published) = (Registry::canonical(&chain), MemoryStore::new(), publish("removed", 0));
        let snapshot = || devnet.request("evm_snapshot", serde_json::json!([])).unwrap();
        let before = snapshot();
        let token = mint(&registry, &published).await;
        let before = if older { snapshot() } else { before };
        devnet.request("evm_mine", serde_json::json!([])).unwrap();
        keep(&store, &published);
        let world = World { registry, store, model: modelmark_testkit::model::small("removed").unwrap(), token };
        let reorganiser = Arc::new(Reorganiser { devnet, before, times: AtomicU32::new(times) });
        let report = world.verify_watched(Some(token), &Policy::default(), reorganiser.clone()).await;
        assert_eq!(report.verdict, verdict, "{report:#?}");
        assert_eq!(reorganiser.times.load(Ordering::SeqCst), 0);
        // What the report names is a block that is there.
        let seen = report.assurance.unwrap().block;
        assert_eq!(chain.at(modelmark_chain::ReadAt::Number(seen.number)).block().await.unwrap().hash.to_string(), seen.hash);
    }
}

#[tokio::test]
async fn a_changed_card_does_not_lose_the_token() {
    let world = world("card").await;
    std::fs::write(world.model.path().join("README.md"), "changed").unwrap();
    let report = world.verify(None, &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::DoesNotVerify);
    assert!(report.check(Code::ModelFiles).unwrap().details[0].starts_with("README.md: "), "{report:#?}");
}

#[tokio::test]
async fn changed_weights_have_no_token() {
    let world = world("weights").await;
    std::fs::write(world.model.path().join("model.safetensors"), modelmark_testkit::model::safetensors("other")).unwrap();
    let report = world.verify(None, &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::DoesNotVerify);
    assert_eq!(report.check(Code::TokenExists).map(|check| check.status), Some(Status::Fail));
}

#[tokio::test]
async fn an_unknown_token_and_an_address_without_registry_do_not_verify() {
    let world = world("unknown").await;
    let absent = TokenRef::new(world.token.chain(), world.token.contract(), TokenId::from(alloy::primitives::U256::from(1)));
    let nowhere = TokenRef::new(world.token.chain(), alloy::primitives::Address::repeat_byte(7), world.token.id());
    for token in [absent, nowhere] {
        let report = world.verify(Some(token), &Policy::default()).await;
        assert_eq!(report.verdict, Verdict::DoesNotVerify, "{report:#?}");
    }
}

#[tokio::test]
async fn a_stranger_s_claim_is_told_and_a_pinned_creator_is_found_behind_it() {
    let (registry, store) = (registry().await, MemoryStore::new());
    // The copier is first; the creator that the policy names comes second.
    let (copier, creator) = (publish("claimed", 1), publish("claimed", 0));
    mint(&registry, &copier).await;
    let token = mint(&registry, &creator).await;
    keep(&store, &copier);
    keep(&store, &creator);
    let world = World { registry, store, model: modelmark_testkit::model::small("claimed").unwrap(), token };
    let open = world.verify(None, &Policy::default()).await;
    assert!(open.notes.iter().any(|note| note.contains("2 creators")), "{open:#?}");
    let account = modelmark_record::Account::from(creator.wallet.address());
    let pinned = world.verify(None, &Policy { creators: vec![account], ..Policy::default() }).await;
    assert_eq!((pinned.verdict, pinned.token), (Verdict::Verified, Some(token.to_string())));
    let stranger = modelmark_record::Account::from(alloy::primitives::Address::repeat_byte(9));
    let refused = world.verify(None, &Policy { creators: vec![stranger], ..Policy::default() }).await;
    assert_eq!(refused.verdict, Verdict::PolicyRefused);
}

#[tokio::test]
async fn the_newest_of_many_versions_is_found() {
    let world = world("versions").await;
    let model = world.model.path();
    let wallet = Wallet::development(world.token.chain(), 0).unwrap();
    for n in 0..20 {
        std::fs::write(model.join("README.md"), format!("version {n}")).unwrap();
        let next = crate::fixture::publish_at(model, &wallet);
        mint(&world.registry, &next).await;
        keep(&world.store, &next);
    }
    let report = world.verify(None, &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[tokio::test]
async fn a_stranger_s_earlier_claim_hides_neither_tampering_nor_policy() {
    let (registry, store) = (registry().await, MemoryStore::new());
    // The squatter's record is nowhere to be had.
    let (squatter, creator) = (publish("squatted", 1), publish("squatted", 0));
    mint(&registry, &squatter).await;
    let token = mint(&registry, &creator).await;
    keep(&store, &creator);
    let world = World { registry, store, model: modelmark_testkit::model::small("squatted").unwrap(), token };
    let mit = Policy { licenses: vec!["MIT".parse().unwrap()], ..Policy::default() };
    assert_eq!(world.verify(None, &mit).await.verdict, Verdict::PolicyRefused);
    std::fs::write(world.model.path().join("README.md"), "changed").unwrap();
    let report = world.verify(None, &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::DoesNotVerify, "{report:#?}");
    assert!(report.check(Code::ModelFiles).unwrap().details[0].starts_with("README.md: "));
}

#[tokio::test]
async fn ancestors_are_followed_so_far_and_no_further() {
    let mut world = world("line").await;
    let published = publish("line", 0);
    for generation in 1..=17 {
        let parent = Parent {
            external: None,
            token_id: world.token.id(),
            relation: Relation::FineTune,
            share: 0.try_into().unwrap(),
            evidence: Default::default(),
        };
        let input = ModelInput { lineage: Lineage::new(vec![parent]).unwrap(), ..published.input() };
        let plan = world.registry.plan_mint(&published.wallet, published.wallet.address(), &input).await.unwrap();
        world.token = plan.execute(&published.wallet).await.unwrap().token;
        let report = world.verify(Some(world.token), &Policy::default()).await;
        let (verdict, status, words) = match generation {
            1 => (Verdict::Verified, Status::Pass, "the one ancestor".to_owned()),
            ..17 => (Verdict::Verified, Status::Pass, format!("any of {generation} ancestors")),
            _ => (Verdict::CouldNotLook, Status::Unknown, "more than 16 generations".to_owned()),
        };
        let check = report.check(Code::StatusLineage).unwrap();
        assert!((report.verdict, check.status) == (verdict, status) && check.message.contains(&words), "{generation}: {report:#?}");
    }
}

#[tokio::test]
async fn a_link_added_to_the_model_is_no_pass() {
    let world = world("link").await;
    std::os::unix::fs::symlink("/etc/hostname", world.model.path().join("extra")).unwrap();
    let report = world.verify(Some(world.token), &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::DoesNotVerify);
    assert!(report.check(Code::ModelFiles).unwrap().message.contains("extra is a symbolic link"), "{report:#?}");
}

#[tokio::test]
async fn the_profile_of_the_record_decides_how_the_files_are_looked_at() {
    let (registry, store) = (registry().await, MemoryStore::new());
    let model = modelmark_testkit::model::small("profile").unwrap();
    // The weights alone have one CID in both profiles, the folder has not; with large weights, not even they.
    for large in ["notes.txt", "model.safetensors.part", "weights.bin"] {
        std::fs::write(model.path().join(large), vec![7; 700_000]).unwrap();
        if large == "weights.bin" {
            std::fs::remove_file(model.path().join("model.safetensors")).unwrap();
        }
        let wallet = Wallet::development(ChainId::DEVELOPMENT, 0).unwrap();
        let published = publish_as(model.path(), CidProfile::UnixfsV1Of2025, &wallet);
        let token = mint(&registry, &published).await;
        keep(&store, &published);
        for named in [None, Some(token)] {
            let book = AddressBook::default();
            let sources = Sources { path: Some(model.path()), token: named, ..Sources::new(Ok(&registry), &book, &store) };
            let report = verify(sources, &Policy::default()).await.unwrap();
            assert_eq!(report.verdict, Verdict::Verified, "{large} {report:#?}");
            assert_eq!(report.token, Some(token.to_string()));
            assert_eq!(report.cid, Some(published.manifest.cid.to_string()));
        }
    }
}

/// A file that costs nothing to make, and hours to read.
fn sparse(path: &std::path::Path) {
    std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap().set_len(4 << 40).unwrap();
}

#[tokio::test]
async fn what_is_longer_than_the_record_says_is_not_read() {
    let status = |report: &Report, code| report.check(code).unwrap().status;
    let world = world("sparse").await;
    // Beside the model, it changes nothing else about what is said.
    sparse(&world.model.path().join("extra.txt"));
    let report = world.verify(Some(world.token), &Policy::default()).await;
    assert_eq!((report.verdict, &report.cid), (Verdict::DoesNotVerify, &None), "{report:#?}");
    for (code, expected) in [
        (Code::ModelExtra, Status::Fail),
        (Code::ModelCid, Status::Fail),
        (Code::ModelFiles, Status::Pass),
        (Code::WeightsCid, Status::Pass),
        (Code::WeightsTensors, Status::Pass),
        (Code::CodeNone, Status::Pass),
    ] {
        assert_eq!(status(&report, code), expected, "{report:#?}");
    }
    std::fs::remove_file(world.model.path().join("extra.txt")).unwrap();
    // In the place of the weights.
    sparse(&world.model.path().join("model.safetensors"));
    let report = world.verify(Some(world.token), &Policy::default()).await;
    let files = report.check(Code::ModelFiles).unwrap();
    assert_eq!((report.verdict, files.status), (Verdict::DoesNotVerify, Status::Fail), "{report:#?}");
    assert!(files.details[0].contains("model.safetensors is 4398046511104 bytes, the record says"), "{files:?}");
    assert_eq!(
        [Code::ModelMissing, Code::ModelExtra, Code::WeightsCid].map(|code| status(&report, code)),
        [Status::Pass, Status::Pass, Status::Fail]
    );
    // A record that is brought says so before anything is asked, and what it says of the weights finds the token.
    let book = AddressBook::default();
    let record = publish("sparse", 0).record.bytes().to_vec();
    let sources = Sources {
        path: Some(world.model.path()),
        record: Some(modelmark_verify::RecordBytes { bytes: record, source: "memory".to_owned() }),
        ..Sources::new(Ok(&world.registry), &book, &world.store)
    };
    let report = verify(sources, &Policy::default()).await.unwrap();
    assert_eq!((status(&report, Code::TokenExists), status(&report, Code::ModelFiles)), (Status::Pass, Status::Fail), "{report:#?}");
    // Nobody says how long it is: nobody reads it.
    let report = world.verify(None, &Policy::default()).await;
    assert_eq!(report.verdict, Verdict::CouldNotLook, "{report:#?}");
    assert!(report.check(Code::ModelFiles).unwrap().message.contains("holes"), "{report:#?}");
}

#[tokio::test]
async fn files_that_are_told_by_name_and_size_are_told_the_same_whenever_the_record_is_known() {
    let world = world("shorter").await;
    std::fs::write(world.model.path().join("README.md"), "short").unwrap();
    std::fs::write(world.model.path().join("more.txt"), "more").unwrap();
    let named = world.verify(Some(world.token), &Policy::default()).await;
    assert_eq!(named, world.verify(Some(world.token), &Policy::default()).await);
    let found = world.verify(None, &Policy::default()).await;
    for code in [Code::ModelFiles, Code::ModelExtra, Code::ModelMissing, Code::ModelCid, Code::WeightsCid] {
        assert_eq!(named.check(code).unwrap().status, found.check(code).unwrap().status, "{code}");
    }
    assert_eq!(named.check(Code::ModelExtra).unwrap().details, ["more.txt"]);
}
