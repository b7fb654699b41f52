//! Amounts as people write them: coins of a chain with decimals, or the smallest units of a token whose decimals nobody asked for.

use alloy::primitives::U256;
use modelmark_chain::{Address, Chain, Wei, is_erc20};

use crate::commands::mint::explain;
use crate::error::{CommandError, Result};

/// Decimals of every EVM chain's own currency.
const DECIMALS: usize = 18;

/// Reads an amount: coins such as `0.05` of the chain's own currency, or whole units of a token. `option` is what errors call it.
pub(crate) fn amount(option: &str, text: &str, currency: Address) -> Result<U256> {
    let wrong = |wanted: &str| CommandError::usage(format!("{option} {text}: write {wanted}"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !currency.is_zero() {
        let units = digits(text).then(|| text.parse().ok()).flatten();
        return units.ok_or_else(|| wrong("whole units of the token, such as 5000000"));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
        return Err(wrong("coins, such as 0.05, with at most 18 decimals"));
    }
    format!("{whole}{fraction:0<DECIMALS$}").parse().map_err(|_| wrong("coins, such as 0.05"))
}

/// Refuses a currency that is no ERC-20 token; zero is the chain's own. `option` is what errors call it.
pub(crate) async fn check_currency(chain: &Chain, option: &str, currency: Address) -> Result<()> {
    if currency.is_zero() || is_erc20(chain, currency).await.map_err(explain)? {
        return Ok(());
    }
    Err(CommandError::refused(format!("{option}: no ERC-20 token answers at {currency} on {}; nothing was signed or sent", chain.id())))
}

/// Shows an amount.
pub(crate) fn shown(amount: U256, currency: Address, chain: &Chain) -> String {
    match currency.is_zero() {
        true => format!("{} {}", Wei::new(amount).coins(), chain.id().coin()),
        false => format!("{amount} units of {currency}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "an amount that is not read is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn coins_and_units_are_read_exactly() {
        let coins = |text: &str| amount("--price", text, Address::ZERO);
        assert_eq!(coins("0.05").unwrap(), U256::from(50_000_000_000_000_000_u64));
        assert_eq!(coins("2").unwrap(), U256::from(2_000_000_000_000_000_000_u64));
        assert_eq!(coins("0.000000000000000001").unwrap(), U256::from(1));
        for bad in ["", ".5", "1.", "-1", "1e3", "0.0000000000000000001", "1,5"] {
            assert!(coins(bad).is_err(), "{bad}");
        }
        let units = |text: &str| amount("--price", text, Address::repeat_byte(1));
        assert_eq!(units("5000000").unwrap(), U256::from(5_000_000));
        assert!(units("0.5").is_err());
    }
}
