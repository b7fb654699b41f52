//! What gas costs.

use alloy::eips::BlockNumberOrTag;

use super::params::plain_number;
use super::{Answer, Params, RpcError, at, json, quantity};
use crate::chain::Chain;
use crate::fees;

/// How many percentiles one request may name, as in geth.
const MAX_PERCENTILES: usize = 100;

pub(super) fn gas_price(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    let head = chain.snapshot()?.head()?;
    quantity(u128::from(fees::next_base_fee(&head.header)).saturating_add(fees::SUGGESTED_TIP))
}

pub(super) fn tip(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(fees::SUGGESTED_TIP)
}

pub(super) fn blob_base_fee(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(fees::BLOB_BASE_FEE)
}

pub(super) fn history(chain: &Chain, mut params: Params) -> Answer {
    let count = plain_number(&params.required()?)?;
    let newest: BlockNumberOrTag = params.required()?;
    let percentiles: Vec<f64> = params.optional()?.unwrap_or_default();
    params.finish()?;
    check_percentiles(&percentiles)?;
    let snapshot = chain.snapshot()?;
    let head = snapshot.head()?.header.number;
    let newest = at::number(&snapshot, newest)?.unwrap_or(head);
    if newest > head {
        return Err(RpcError::server(format!("request beyond head block: requested {newest}, head {head}")));
    }
    json(fees::history(&snapshot, newest, count, &percentiles)?)
}

fn check_percentiles(percentiles: &[f64]) -> Result<(), RpcError> {
    let refuse = |text: &str| Err(RpcError::server(format!("invalid reward percentile: {text}")));
    if percentiles.len() > MAX_PERCENTILES {
        return refuse("over the query limit 100");
    }
    if !percentiles.iter().all(|percentile| (0.0..=100.0).contains(percentile)) {
        return refuse("not between 0 and 100");
    }
    if !percentiles.is_sorted() {
        return refuse("not in ascending order");
    }
    Ok(())
}
