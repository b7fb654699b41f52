//! The ten funded accounts. Their keys are public knowledge, shared by every Ethereum development tool: never send value to them on a real chain.

use alloy::primitives::{Address, B256, U256, address, b256, uint};
use alloy::signers::local::PrivateKeySigner;

/// The mnemonic that the accounts are derived from, with path `m/44'/60'/0'/0/<index>`.
pub const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// What every development account owns in genesis, in wei (10000 ether).
pub const DEV_BALANCE: U256 = uint!(10_000_000_000_000_000_000_000_U256);

/// A development account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevAccount {
    /// The address.
    pub address: Address,
    /// The secp256k1 private key: public knowledge.
    pub private_key: B256,
}

/// The development accounts, in order of derivation.
pub const DEV_ACCOUNTS: [DevAccount; 10] = [
    DevAccount {
        address: address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        private_key: b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    },
    DevAccount {
        address: address!("70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        private_key: b256!("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
    },
    DevAccount {
        address: address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
        private_key: b256!("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"),
    },
    DevAccount {
        address: address!("90F79bf6EB2c4f870365E785982E1f101E93b906"),
        private_key: b256!("7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"),
    },
    DevAccount {
        address: address!("15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
        private_key: b256!("47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"),
    },
    DevAccount {
        address: address!("9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
        private_key: b256!("8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"),
    },
    DevAccount {
        address: address!("976EA74026E726554dB657fA54763abd0C3a0aa9"),
        private_key: b256!("92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"),
    },
    DevAccount {
        address: address!("14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
        private_key: b256!("4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"),
    },
    DevAccount {
        address: address!("23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
        private_key: b256!("dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"),
    },
    DevAccount {
        address: address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"),
        private_key: b256!("2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"),
    },
];

/// Returns the signer of a development account, or `None` for any other address.
pub(crate) fn signer(address: Address) -> Option<PrivateKeySigner> {
    let account = DEV_ACCOUNTS.iter().find(|account| account.address == address)?;
    PrivateKeySigner::from_bytes(&account.private_key).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use alloy::signers::local::{MnemonicBuilder, coins_bip39::English};

    use super::*;

    #[test]
    fn the_table_is_what_the_mnemonic_derives() {
        for (index, account) in (0..).zip(DEV_ACCOUNTS) {
            let derived = MnemonicBuilder::<English>::default().phrase(DEV_MNEMONIC).index(index).unwrap().build().unwrap();
            assert_eq!(derived.address(), account.address);
            assert_eq!(derived.to_bytes(), account.private_key);
            assert_eq!(signer(account.address).unwrap().address(), account.address);
        }
    }

    #[test]
    fn nobody_else_has_a_signer() {
        assert!(signer(Address::ZERO).is_none());
    }
}
