//! The life of a token: deployed, planned, minted, found, read.

use modelmark_chain::{
    Address, Chain, ChainError, ChainId, Collection, Contract, DeployPlan, Deployment, ExternalRegistry, License, Lineage,
    MintAuthorization, ModelInput, ModelInputError, Parent, ReadAt, Registry, Relation, VersionOf, Wallet, Wei, deploy, is_deployed,
    mint_auth_hash, token_id_of,
};
use modelmark_digest::Sha256Digest;

use crate::chains::on_both_chains;
use crate::samples::{id, mint, parent, registry, statement, wallet};

on_both_chains! {
    async fn deployment_is_idempotent_and_lands_where_rust_says(chain: Chain) {
        assert!(!is_deployed(&chain).await);
        let plan = DeployPlan::new(&chain, &wallet(0), &Deployment::Canonical).await.unwrap();
        assert_eq!(plan.costs().steps.len(), Contract::ALL.len());
        assert!(plan.costs().total > Wei::default() && plan.costs().balance > plan.costs().total);
        let deployed = plan.execute(&wallet(0)).await.unwrap();
        assert_eq!(deployed.registry, Collection::canonical().address());
        let block = chain.block().await.unwrap();
        for (contract, address) in &deployed.contracts {
            assert!(!chain.code(*address, &block).await.unwrap().is_empty(), "{contract}");
        }
        assert!(deployed.deployed_in.is_some() && deployed.spent > Wei::default() && deployed.spent <= plan.costs().total);
        assert!(is_deployed(&chain).await);
        let again = deploy(&chain, &wallet(1), &Deployment::Canonical).await.unwrap();
        assert_eq!((again.registry, again.deployed_in, again.spent), (deployed.registry, None, Wei::default()));
    }

    async fn a_statement_becomes_a_token_and_is_read_back(chain: Chain) {
        let registry = registry(&chain).await;
        let (creator, input) = (wallet(2), statement("base", &wallet(2)));
        assert!(registry.find_by_weights(input.weights).await.unwrap().is_empty());
        assert_eq!(registry.model(token_id_of(&input)).await.unwrap(), None);

        let plan = registry.plan_mint(&creator, wallet(3).address(), &input).await.unwrap();
        assert_eq!(plan.already(), None);
        let what: Vec<_> = plan.costs().steps.iter().map(|step| (step.what.as_str(), step.estimated)).collect();
        assert_eq!(what, [("register the licence", true), ("mint the token", false)]);
        let minted = plan.execute(&creator).await.unwrap();
        let receipt = minted.by_us.unwrap();
        assert!(minted.spent > Wei::default() && minted.spent <= plan.costs().total);
        assert_eq!(minted.token.id(), token_id_of(&input));

        let model = registry.model(minted.token.id()).await.unwrap().unwrap();
        assert!(model.is_bound() && model.is_of(&input));
        assert_eq!((model.owner, model.creator), (wallet(3).address(), creator.address()));
        assert_eq!((model.weights, model.record, model.dataset, model.architecture), (input.weights, input.record, input.dataset, None));
        assert_eq!((model.framework.as_ref(), model.metrics), (input.framework.as_ref(), input.metrics));
        assert_eq!(model.license.spdx(), "ISC");
        // Each token has a receiver of its own, so that a payment tells which token it is for.
        let vault = registry.royalty_vault().await.unwrap().unwrap();
        let receiver = vault.earnings(minted.token.id(), Address::ZERO).await.unwrap().receiver;
        assert_eq!((model.royalty.receiver, model.royalty.share), (receiver, input.royalty));
        assert_eq!((model.minted.tx, model.minted.block), (receipt.tx, receipt.block));
        assert!(model.token_uri.starts_with("ipfs://bafkrei"));
        assert_eq!(registry.royalty_info(minted.token.id(), Wei::from(1_000)).await.unwrap(), (receiver, Wei::from(50)));

        let claims = registry.find_by_weights(input.weights).await.unwrap();
        let [claim] = claims.as_slice() else { panic!("{claims:?}") };
        assert_eq!((claim.token_id, claim.creator, claim.record, claim.tx), (minted.token.id(), creator.address(), input.record, receipt.tx));
    }

    async fn a_second_mint_finds_the_first_and_sends_nothing(chain: Chain) {
        let registry = registry(&chain).await;
        let (creator, input) = (wallet(0), statement("once", &wallet(0)));
        let stale = registry.plan_mint(&creator, creator.address(), &input).await.unwrap();
        let first = mint(&registry, &creator, &input).await;
        let again = registry.plan_mint(&creator, creator.address(), &input).await.unwrap();
        assert_eq!(again.already(), Some(again.token()));
        assert!(again.costs().steps.is_empty() && again.costs().total == Wei::default());
        // A plan made before the other mint finds the token as well.
        for plan in [again, stale] {
            let minted = plan.execute(&creator).await.unwrap();
            assert_eq!((minted.token.id(), minted.by_us), (first, None));
        }
        assert_eq!(registry.find_by_weights(input.weights).await.unwrap().len(), 1);
    }

    async fn lineage_and_versions_are_read_from_the_mint(chain: Chain) {
        let registry = registry(&chain).await;
        let author = wallet(1);
        let base = mint(&registry, &author, &statement("base", &author)).await;
        let other = mint(&registry, &author, &statement("other", &author)).await;
        let foreign = Parent {
            external: Some(ExternalRegistry { chain: 1.try_into().unwrap(), contract: Address::repeat_byte(7) }),
            ..parent(id(5), Relation::Quantized, 1)
        };
        let mut input = statement("next", &author);
        input.lineage = Lineage::new(vec![foreign, parent(base, Relation::Version, 100), parent(other, Relation::Merge, 250)]).unwrap();
        let next = mint(&registry, &author, &input).await;
        let model = registry.model(next).await.unwrap().unwrap();
        assert_eq!(model.lineage, input.lineage);
        assert_eq!(model.version, Some(VersionOf { series: base, version: 2, previous: base }));
        assert!(model.is_bound());
        assert_eq!(registry.model(base).await.unwrap().unwrap().version, None);
    }

    async fn a_common_licence_is_in_the_book_from_the_start(chain: Chain) {
        let registry = registry(&chain).await;
        let common = ModelInput { license: License::new("Apache-2.0", None).unwrap(), ..statement("common", &wallet(2)) };
        let plan = registry.plan_mint(&wallet(2), wallet(2).address(), &common).await.unwrap();
        let what: Vec<_> = plan.costs().steps.iter().map(|step| step.what.as_str()).collect();
        assert_eq!(what, ["mint the token"]);
        plan.execute(&wallet(2)).await.unwrap();
        assert_eq!(registry.model(token_id_of(&common)).await.unwrap().unwrap().license.spdx(), "Apache-2.0");
    }

    async fn a_relayer_mints_with_the_creators_consent_only(chain: Chain) {
        let registry = registry(&chain).await;
        let (creator, relayer) = (wallet(4), wallet(5));
        let input = statement("relayed", &creator);
        mint(&registry, &wallet(0), &statement("registers the licence", &wallet(0))).await;
        let consent = registry.authorize_mint(&creator, wallet(6).address(), &input, u64::MAX / 2).unwrap();

        let mut bent = consent.clone();
        bent.to = relayer.address();
        let error = registry.plan_relayed_mint(&relayer, &bent).await.unwrap_err().to_string();
        assert!(error.contains("the signature is not that of the creator"), "{error}");
        // The same consent signed for another chain, and for another registry.
        for (there, contract) in [(ChainId::try_from(1).unwrap(), registry.address()), (chain.id(), relayer.address())] {
            let digest = mint_auth_hash(there, contract, consent.to, &input, consent.deadline);
            let replayed = MintAuthorization { signature: creator.sign_digest(&digest).unwrap().into(), ..consent.clone() };
            let error = registry.plan_relayed_mint(&relayer, &replayed).await.unwrap_err().to_string();
            assert!(error.contains("the signature is not that of the creator"), "{error}");
        }
        let late = registry.authorize_mint(&creator, wallet(6).address(), &input, 1).unwrap();
        let error = registry.plan_relayed_mint(&relayer, &late).await.unwrap_err().to_string();
        assert!(error.contains("valid until 1 (Unix time)"), "{error}");

        let minted = registry.plan_relayed_mint(&relayer, &consent).await.unwrap().execute(&relayer).await.unwrap();
        let model = registry.model(minted.token.id()).await.unwrap().unwrap();
        assert_eq!((model.owner, model.creator), (wallet(6).address(), creator.address()));
    }

    async fn refusals_are_sentences(chain: Chain) {
        let registry = registry(&chain).await;
        let author = wallet(0);
        mint(&registry, &author, &statement("base", &author)).await;
        let refuse = async |change: &dyn Fn(&mut modelmark_chain::ModelInput)| {
            let mut input = statement("refused", &author);
            change(&mut input);
            registry.plan_mint(&author, author.address(), &input).await.unwrap_err()
        };
        let orphan = refuse(&|input| input.lineage = Lineage::new(vec![parent(id(77), Relation::FineTune, 0)]).unwrap()).await;
        assert!(matches!(&orphan, ChainError::Reverted { reason, .. } if reason.error == Some("ModelRegistryUnknownParent")), "{orphan:?}");
        assert_eq!(orphan.to_string(), "mint the token: the parent 77 has no token in this registry");
        let zero = refuse(&|input| input.weights = Sha256Digest::from([0; 32])).await.to_string();
        assert!(zero.contains("digest is zero"), "{zero}");
        let license = refuse(&|input| input.license = License::new("not a\nlicence", None).unwrap()).await.to_string();
        assert!(license.contains("not a tidy SPDX expression"), "{license}");
        let royalty = refuse(&|input| input.royalty = 1_001.try_into().unwrap()).await;
        assert!(matches!(royalty, ChainError::Model(ModelInputError::Royalty(_))));
        let stranger = refuse(&|input| input.creator = wallet(1).address()).await.to_string();
        assert!(stranger.contains(&wallet(1).address().to_string()), "{stranger}");
    }

    async fn terms_of_a_named_licence_are_those_of_the_record(chain: Chain) {
        let registry = registry(&chain).await;
        let author = wallet(0);
        let of = |name: &str, uri: &str| {
            let license = License::new("LicenseRef-Lab-Terms", Some(uri)).unwrap();
            modelmark_chain::ModelInput { license, ..statement(name, &author) }
        };
        let first = mint(&registry, &author, &of("first", "https://lab.example/terms")).await;
        assert_eq!(registry.model(first).await.unwrap().unwrap().license.uri(), "https://lab.example/terms");
        mint(&registry, &author, &of("same terms", "https://lab.example/terms")).await;
        let other = of("other terms", "https://lab.example/other");
        let error = registry.plan_mint(&author, author.address(), &other).await.unwrap_err();
        assert!(matches!(error, ChainError::Model(ModelInputError::LicenseTaken { .. })), "{error:?}");
    }

    async fn terms_that_a_stranger_put_under_a_licence_name_are_not_minted(chain: Chain) {
        let registry = registry(&chain).await;
        let (author, squatter) = (wallet(0), wallet(1));
        let of = |name: &str, license: &str, uri: Option<&str>, creator: &Wallet| modelmark_chain::ModelInput {
            license: License::new(license, uri).unwrap(),
            ..statement(name, creator)
        };
        for license in ["LicenseRef-Lab-Terms", "MIT OR LicenseRef-Other-Terms"] {
            let input = of(license, license, None, &author);
            let early = registry.plan_mint(&author, author.address(), &input).await.unwrap();
            mint(&registry, &squatter, &of("bait", license, Some("https://squatter.example/all-yours"), &squatter)).await;
            let sent = chain.balance(author.address()).await.unwrap();
            // The plan that was made before the name was taken is refused as well.
            let late = registry.plan_mint(&author, author.address(), &input).await.unwrap_err();
            for error in [late, early.execute(&author).await.unwrap_err()] {
                assert!(matches!(error, ChainError::Model(ModelInputError::LicenseUnstated { .. })), "{error:?}");
                let sentence = error.to_string();
                for word in ["https://squatter.example/all-yours", license, "`license-uri`", "another LicenseRef- name"] {
                    assert!(sentence.contains(word), "{sentence}");
                }
            }
            assert_eq!(chain.balance(author.address()).await.unwrap(), sent, "nothing was sent");
            // Who states these terms means them.
            mint(&registry, &author, &of(license, license, Some("https://squatter.example/all-yours"), &author)).await;
        }
        // A name that is in the book without terms misleads nobody, nor does SPDX's own page.
        for license in ["LicenseRef-Bare", "Apache-2.0"] {
            for name in ["one", "two"] {
                mint(&registry, &author, &of(&format!("{name} {license}"), license, None, &author)).await;
            }
        }
    }

    async fn the_largest_mint_stays_within_the_plan(chain: Chain) {
        let registry = registry(&chain).await;
        let author = wallet(0);
        let base = mint(&registry, &author, &statement("base", &author)).await;
        let mut parents = vec![parent(base, Relation::Version, 1)];
        for number in 1..=15 {
            let contract = Address::repeat_byte(0xee);
            let external = Some(ExternalRegistry { chain: u64::MAX.try_into().unwrap(), contract });
            parents.push(Parent { external, ..parent(id(u64::MAX - number), Relation::Merge, 600) });
        }
        let mut input = statement("largest", &author);
        input.architecture = input.dataset;
        input.lineage = Lineage::new(parents).unwrap();
        // A licence that is not in the book yet, so that the mint cannot be estimated beforehand.
        input.license = License::new("(MIT AND BSD-3-Clause) OR ISC", None).unwrap();
        let plan = registry.plan_mint(&author, author.address(), &input).await.unwrap();
        assert!(!plan.costs().steps[1].estimated);
        let minted = plan.execute(&author).await.unwrap();
        assert!(minted.by_us.is_some() && minted.spent <= plan.costs().total);
        assert!(registry.model(minted.token.id()).await.unwrap().unwrap().is_bound());
    }

    async fn a_sender_looks_at_the_newest_block_whatever_readers_look_at(chain: Chain) {
        let registry = registry(&chain).await;
        let (author, input) = (wallet(0), statement("newest", &wallet(0)));
        let behind = Registry::at(&chain.at(ReadAt::Number(1)), registry.address());
        let token = mint(&behind, &author, &input).await;
        assert_eq!(behind.plan_mint(&author, author.address(), &input).await.unwrap().already().unwrap().id(), token);
        assert!(registry.exists(token).await.unwrap());
    }

    async fn a_plan_is_executed_by_its_own_account(chain: Chain) {
        let registry = registry(&chain).await;
        let plan = registry.plan_mint(&wallet(0), wallet(0).address(), &statement("mine", &wallet(0))).await.unwrap();
        let error = plan.execute(&wallet(1)).await.unwrap_err();
        assert!(matches!(error, ChainError::Wallet(modelmark_chain::WalletError::OtherAccount { .. })), "{error:?}");
    }

    async fn where_no_registry_is_the_error_says_so(chain: Chain) {
        for address in [Collection::canonical().address(), wallet(0).address()] {
            let registry = Registry::at(&chain, address);
            let input = statement("nowhere", &wallet(0));
            for error in [
                registry.exists(id(1)).await.unwrap_err(),
                registry.model(id(1)).await.unwrap_err(),
                registry.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap_err(),
            ] {
                assert!(matches!(error, ChainError::NoContract { .. }), "{error:?}");
            }
        }
    }

    async fn a_key_without_money_sends_nothing(chain: Chain) {
        let registry = registry(&chain).await;
        let poor = modelmark_chain::Wallet::from_hex(&zeroize::Zeroizing::new("11".repeat(32))).unwrap();
        let input = statement("poor", &poor);
        let plan = registry.plan_mint(&poor, poor.address(), &input).await.unwrap();
        let error = plan.execute(&poor).await.unwrap_err();
        assert!(matches!(error, ChainError::Funds { .. }), "{error:?}");
        assert!(error.to_string().contains("has 0 ETH"), "{error}");
    }
}
