//! Two publishers at once: of the same statement, and with the same key.

use modelmark_chain::Chain;

use crate::chains::on_both_chains;
use crate::samples::{registry, statement, wallet};

on_both_chains! {
    async fn two_mints_at_once_give_one_token(chain: Chain) {
        let registry = registry(&chain).await;
        let (creator, input) = (wallet(0), statement("raced", &wallet(0)));
        let one = registry.plan_mint(&creator, creator.address(), &input).await.unwrap();
        let two = registry.plan_mint(&creator, creator.address(), &input).await.unwrap();
        let (one, two) = tokio::join!(one.execute(&creator), two.execute(&creator));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.token, two.token);
        assert_eq!(registry.find_by_weights(input.weights).await.unwrap().len(), 1);
    }

    async fn one_key_mints_many_at_once(chain: Chain) {
        let registry = registry(&chain).await;
        let creator = wallet(0);
        let inputs: Vec<_> = (0..4).map(|n| statement(&format!("model {n}"), &creator)).collect();
        let mut tasks = Vec::new();
        for input in &inputs {
            let plan = registry.plan_mint(&creator, creator.address(), input).await.unwrap();
            let creator = creator.clone();
            tasks.push(tokio::spawn(async move { plan.execute(&creator).await }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        for input in &inputs {
            assert_eq!(registry.find_by_weights(input.weights).await.unwrap().len(), 1);
        }
    }

    async fn a_consent_that_two_relayers_submit_gives_one_token(chain: Chain) {
        let registry = registry(&chain).await;
        let input = statement("raced relay", &wallet(1));
        let consent = registry.authorize_mint(&wallet(1), wallet(1).address(), &input, u64::MAX / 2).unwrap();
        let (one, two) = (wallet(2), wallet(3));
        let plans = (registry.plan_relayed_mint(&one, &consent).await.unwrap(), registry.plan_relayed_mint(&two, &consent).await.unwrap());
        let (first, second) = tokio::join!(plans.0.execute(&one), plans.1.execute(&two));
        assert_eq!(first.unwrap().token, second.unwrap().token);
        assert_eq!(registry.find_by_weights(input.weights).await.unwrap().len(), 1);
    }
}
