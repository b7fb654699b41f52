//! Which contracts are ours, and which only look like it.

use alloy::primitives::{B256, Bytes, hex};
use alloy::providers::Provider as _;
use alloy::sol;
use alloy::sol_types::SolCall as _;
use modelmark_chain::{
    Address, AddressBook, Authenticity, Chain, ChainId, Collection, CollectionTerms, Contract, Deployed, Deployment, Entry, ReadAt,
    Registry, Wei, authenticity, deploy, is_deployed, token_id_of,
};

use crate::chains::{mined, on_both_chains};
use crate::differential::ask;
use crate::samples::{mint, registry, statement, wallet};

sol!(CollectionFactory, "../../contracts/artifacts/CollectionFactory.json");

on_both_chains! {
    async fn the_canonical_registry_is_known_by_its_address(chain: Chain) {
        let book = AddressBook::default();
        let address = Collection::canonical().address();
        assert_eq!(authenticity(&chain, address, &book).await.unwrap(), Authenticity::NoCode);
        registry(&chain).await;
        assert_eq!(authenticity(&chain, address, &book).await.unwrap(), Authenticity::Canonical);
        // Seen at a block before the deployment, it is not there.
        assert_eq!(authenticity(&chain.at(ReadAt::Number(0)), address, &book).await.unwrap(), Authenticity::NoCode);
    }

    async fn a_curated_collection_is_known_by_what_it_says_of_itself(chain: Chain) {
        let admin = wallet(0);
        let what = Deployment::Curated { name: "Lab \"X\"".into(), symbol: "LAB".into(), admin: admin.address() };
        let deployed = deploy(&chain, &admin, &what).await.unwrap();
        assert!(!is_deployed(&chain).await, "what a registry needs is there, the rest is not");
        let collection = Collection::new("Lab \"X\"", "LAB", deployed.access_manager.unwrap());
        let known = authenticity(&chain, deployed.registry, &AddressBook::default()).await.unwrap();
        assert!(known.is_our_code());
        assert_eq!(known, Authenticity::Collection { collection, canonical_license_book: true });

        // Its administrator may submit mints; a stranger's are refused, although the creator consents.
        let lab = Registry::at(&chain, deployed.registry);
        mint(&lab, &admin, &statement("of the lab", &admin)).await;
        let stranger = wallet(1);
        let error = lab.plan_mint(&stranger, stranger.address(), &statement("stranger's", &stranger)).await.unwrap_err().to_string();
        assert!(error.contains("curated"), "{error}");
    }

    async fn a_collection_of_the_factory_is_known_by_its_address(chain: Chain) {
        registry(&chain).await;
        let terms = CollectionTerms { name: "Ada's models \u{1f9ee}".into(), symbol: "ADA".into(), authority: Address::ZERO };
        assert_eq!(authenticity(&chain, terms.address(), &AddressBook::default()).await.unwrap(), Authenticity::NoCode);
        let create = CollectionFactory::createCall { authority: terms.authority, name: terms.name.clone(), symbol: terms.symbol.clone() };
        send(&chain, Contract::CollectionFactory.address(), create.abi_encode().into()).await;
        let known = authenticity(&chain, terms.address(), &AddressBook::default()).await.unwrap();
        assert!(known.is_our_code());
        assert_eq!(known, Authenticity::FactoryCollection { terms: terms.clone() });
        let is_ours = CollectionFactory::isCollectionCall { account: terms.address() };
        assert!(ask(&chain, Contract::CollectionFactory.address(), is_ours).await);
        // Minted in it, a statement has the id that it has everywhere.
        let (collection, input) = (Registry::at(&chain, terms.address()), statement("in a collection", &wallet(3)));
        assert_eq!(mint(&collection, &wallet(3), &input).await, token_id_of(&input));
        assert!(collection.model(token_id_of(&input)).await.unwrap().unwrap().is_bound());

        // The same code elsewhere is somebody else's proxy: whoever made it, the factory did not.
        let code = chain.code(terms.address(), &chain.block().await.unwrap()).await.unwrap();
        let copy = deploy_runtime(&chain, &code).await;
        let target = Contract::ModelRegistry.address();
        assert_eq!(authenticity(&chain, copy, &AddressBook::default()).await.unwrap(), Authenticity::Proxy { target });
        assert!(!ask(&chain, Contract::CollectionFactory.address(), CollectionFactory::isCollectionCall { account: copy }).await);
    }

    async fn look_alikes_are_foreign(chain: Chain) {
        registry(&chain).await;
        // Runtime code copied from ours, deployed by somebody else at another address.
        let (ours, block) = (Collection::canonical().address(), chain.block().await.unwrap());
        let copy = deploy_runtime(&chain, &chain.code(ours, &block).await.unwrap()).await;
        let mut book = AddressBook::default();
        assert_eq!(authenticity(&chain, copy, &book).await.unwrap(), Authenticity::Foreign);
        book.insert(chain.id(), copy, Entry { name: "vouched for".into(), deployed_in: None });
        assert_eq!(authenticity(&chain, copy, &book).await.unwrap(), Authenticity::Listed { name: "vouched for".into() });
        // A contract that answers nothing, and one that answers everything with one byte.
        for code in [hex!("00").as_slice(), &hex!("600160005360016000f3")] {
            let foreign = deploy_runtime(&chain, code).await;
            assert_eq!(authenticity(&chain, foreign, &AddressBook::default()).await.unwrap(), Authenticity::Foreign);
        }
    }

    async fn proxies_are_named_even_when_the_book_has_them(chain: Chain) {
        let target = Address::repeat_byte(0x42);
        let minimal = [hex!("363d3d373d3d3d363d73").as_slice(), target.as_slice(), &hex!("5af43d82803e903d91602b57fd5bf3")].concat();
        let mut proxies = vec![deploy_runtime(&chain, &minimal).await];
        // Constructors that write the slots of EIP-1967, EIP-1822 and of what was before them: PUSH20 target, PUSH32 slot, SSTORE, then one byte of code.
        for slot in [
            hex!("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"),
            hex!("a3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"),
            hex!("c5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7"),
            hex!("7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3"),
        ] {
            let init = [&[0x73_u8][..], target.as_slice(), &[0x7f], slot.as_slice(), &hex!("5560016000f3")].concat();
            proxies.push(create(&chain, &init).await);
        }
        // A diamond, which has the same facet for everything: PUSH20 target, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
        let diamond = [&[0x73_u8][..], target.as_slice(), &hex!("5f5260205ff3")].concat();
        proxies.push(deploy_runtime(&chain, &diamond).await);
        for proxy in proxies {
            let mut book = AddressBook::default();
            book.insert(chain.id(), proxy, Entry { name: "listed".into(), deployed_in: None });
            assert_eq!(authenticity(&chain, proxy, &book).await.unwrap(), Authenticity::Proxy { target });
        }
    }
}

/// The committed deployments file of the development chain. After the contracts changed, write it again with `MODELMARK_BLESS=1`.
#[test]
fn the_committed_addresses_are_those_of_the_artifacts() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/deployments/31337.json");
    // On a development chain the block differs from run to run.
    let deployed = Deployed {
        registry: Contract::ModelRegistry.address(),
        license_book: Contract::LicenseBook.address(),
        contracts: Contract::ALL.iter().map(|contract| (*contract, contract.address())).collect(),
        access_manager: None,
        deployed_in: None,
        spent: Wei::default(),
    };
    let mut book = AddressBook::default();
    book.add(ChainId::DEVELOPMENT, "modelmark", &deployed);
    let wanted = book.to_json(ChainId::DEVELOPMENT).unwrap();
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), wanted, "the contracts changed: run this test with MODELMARK_BLESS=1");
}

/// Deploys a contract whose code is `runtime`.
async fn deploy_runtime(chain: &Chain, runtime: &[u8]) -> Address {
    let length = u16::try_from(runtime.len()).unwrap().to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN; the runtime code follows.
    let init = [&[0x61_u8][..], length.as_slice(), &hex!("80600c6000396000f3"), runtime].concat();
    create(chain, &init).await
}

/// Creates a contract through the CREATE2 factory with a salt of its own.
async fn create(chain: &Chain, init: &[u8]) -> Address {
    let salt = B256::repeat_byte(0x55);
    send(chain, modelmark_chain::CREATE2_FACTORY, Bytes::from([salt.as_slice(), init].concat())).await;
    modelmark_chain::CREATE2_FACTORY.create2(salt, alloy::primitives::keccak256(init))
}

/// Sends a call from an account that the development chain signs for.
pub(crate) async fn send(chain: &Chain, to: Address, input: Bytes) {
    let request =
        alloy::rpc::types::TransactionRequest::default().from(wallet(9).address()).to(to).gas_limit(8_000_000).input(input.into());
    let hash: B256 = chain.provider().raw_request("eth_sendTransaction".into(), (request,)).await.unwrap();
    mined(chain, hash).await;
}
