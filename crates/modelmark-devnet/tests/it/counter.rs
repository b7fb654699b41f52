//! The contract of the tests.

use alloy::hex;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::{SolCall as _, SolValue as _};

use crate::node::{Node, priced};

sol! {
    #[derive(Debug, PartialEq, Eq)]
    contract Counter {
        event Moved(address indexed by, uint256 indexed to, string note);
        error TooFar(uint256 asked, uint256 limit);
        function at() external view returns (uint256);
        function moves(address by) external view returns (uint256);
        function move(uint256 to, string note) external payable;
        function reset() external;
        function fail() external;
        function spin() external;
        function environment() external view returns (uint256 number, uint256 timestamp, uint256 chain, address sender, bytes32 parent);
    }
}

/// Returns the init code of a counter that starts somewhere.
pub(crate) fn init_code(start: u64) -> Bytes {
    let mut code = hex::decode(include_str!("fixtures/Counter.hex").trim()).unwrap();
    code.extend(U256::from(start).abi_encode());
    code.into()
}

pub(crate) fn move_to(to: u64, note: &str) -> Bytes {
    Counter::moveCall { to: U256::from(to), note: note.into() }.abi_encode().into()
}

/// Deploys a counter that starts at 7.
pub(crate) async fn deploy(node: &Node) -> Address {
    let receipt = node.send(priced(node.request(0).await).with_deploy_code(init_code(7))).await;
    assert!(receipt.status());
    receipt.contract_address.unwrap()
}
