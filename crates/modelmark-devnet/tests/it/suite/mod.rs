//! What every Ethereum node must get right, as far as clients of contracts depend on it. The same tests run on three nodes.

mod blocks;
mod calls;
mod errors;
mod fees;
mod filters;
mod logs;
mod sending;
mod state;

/// Makes one test per node out of each function.
macro_rules! on_every_node {
    ($($module:ident :: $test:ident),* $(,)?) => {
        mod in_process {
            $(#[tokio::test] async fn $test() { super::$module::$test(&crate::node::Node::in_process()).await })*
        }
        mod over_http {
            $(#[tokio::test] async fn $test() { super::$module::$test(&crate::node::Node::over_http().await).await })*
        }
        mod real_anvil {
            $(#[tokio::test] async fn $test() {
                if let Some(node) = crate::node::Node::anvil().await {
                    super::$module::$test(&node).await;
                }
            })*
        }
    };
}

on_every_node! {
    blocks::are_chained_and_committed_to,
    blocks::are_found_by_every_name,
    blocks::that_do_not_exist_are_null,
    calls::run_on_any_block,
    calls::answer_reverts_with_their_data,
    calls::estimate_what_a_transaction_needs,
    calls::suppose_another_state,
    calls::list_what_is_accessed,
    errors::have_the_codes_of_the_specification,
    errors::say_why_a_transaction_is_refused,
    errors::refuse_what_nobody_may_send,
    fees::follow_the_rule,
    fees::have_a_history,
    filters::report_what_is_new,
    logs::are_found_by_address_and_topic,
    logs::are_found_by_block,
    sending::deploys_with_every_type_of_transaction,
    sending::destroys_only_what_it_created,
    sending::mines_reverts,
    sending::fills_in_for_a_development_account,
    sending::waits_for_an_earlier_nonce,
    sending::deploys_through_the_factory,
    sending::delegates_an_account,
    state::is_kept_for_every_block,
    state::of_the_development_accounts,
    state::signs_for_development_accounts,
}
