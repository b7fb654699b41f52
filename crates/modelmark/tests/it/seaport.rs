//! A market that is not ours: Seaport 1.6, on a devnet of a test.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolCall as _;
use serde_json::{Value, json};

use crate::chains::Elsewhere;
use crate::environment::CREATOR;

sol! {
    struct OfferItem { uint8 itemType; address token; uint256 identifierOrCriteria; uint256 startAmount; uint256 endAmount; }
    struct ConsiderationItem {
        uint8 itemType; address token; uint256 identifierOrCriteria; uint256 startAmount; uint256 endAmount; address recipient;
    }
    struct OrderParameters {
        address offerer; address zone; OfferItem[] offer; ConsiderationItem[] consideration; uint8 orderType; uint256 startTime;
        uint256 endTime; bytes32 zoneHash; uint256 salt; bytes32 conduitKey; uint256 totalOriginalConsiderationItems;
    }
    struct SeaportOrder { OrderParameters parameters; bytes signature; }
    function fulfillOrder(SeaportOrder order, bytes32 fulfillerConduitKey) external payable returns (bool fulfilled);
}

/// Deploys Seaport 1.6 as OpenSea compiled it, see `vectors/seaport/README.md`.
pub(crate) fn deploy(chain: &Elsewhere) -> Address {
    let codes: Value = serde_json::from_str(include_str!("../../../../vectors/seaport/seaport.json")).unwrap();
    let deploy = |code: String| -> Address {
        let hash = chain.ask("eth_sendTransaction", json!([{"from": CREATOR, "data": code}]));
        let receipt = chain.ask("eth_getTransactionReceipt", json!([hash]));
        receipt["contractAddress"].as_str().unwrap().parse().unwrap()
    };
    let controller = deploy(codes["conduitController"].as_str().unwrap().to_owned());
    deploy(format!("{}{:0>64}", codes["seaport"].as_str().unwrap(), format!("{controller:x}")))
}

/// Fills an order as a marketplace does on behalf of `buyer`, who pays `price` in wei.
pub(crate) fn fill(chain: &Elsewhere, seaport: Address, order: &Value, buyer: Address, price: u128) {
    let input = fulfillOrderCall { order: read(order), fulfillerConduitKey: [0; 32].into() }.abi_encode();
    let fill = json!({"from": buyer, "to": seaport, "value": U256::from(price), "data": Bytes::from(input)});
    let hash = chain.ask("eth_sendTransaction", json!([fill]));
    assert_eq!(chain.ask("eth_getTransactionReceipt", json!([hash]))["status"], "0x1");
}

/// Reads an order as a marketplace does.
fn read(order: &Value) -> SeaportOrder {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| value.as_str().unwrap().parse::<U256>().unwrap();
    let kind = |value: &Value| u8::try_from(value.as_u64().unwrap()).unwrap();
    let from = &order["parameters"];
    let offer = from["offer"].as_array().unwrap().iter().map(|item| OfferItem {
        itemType: kind(&item["itemType"]),
        token: text(&item["token"]).parse().unwrap(),
        identifierOrCriteria: number(&item["identifierOrCriteria"]),
        startAmount: number(&item["startAmount"]),
        endAmount: number(&item["endAmount"]),
    });
    let consideration = from["consideration"].as_array().unwrap().iter().map(|item| ConsiderationItem {
        itemType: kind(&item["itemType"]),
        token: text(&item["token"]).parse().unwrap(),
        identifierOrCriteria: number(&item["identifierOrCriteria"]),
        startAmount: number(&item["startAmount"]),
        endAmount: number(&item["endAmount"]),
        recipient: text(&item["recipient"]).parse().unwrap(),
    });
    let parameters = OrderParameters {
        offerer: text(&from["offerer"]).parse().unwrap(),
        zone: text(&from["zone"]).parse().unwrap(),
        offer: offer.collect(),
        consideration: consideration.collect(),
        orderType: kind(&from["orderType"]),
        startTime: number(&from["startTime"]),
        endTime: number(&from["endTime"]),
        zoneHash: text(&from["zoneHash"]).parse().unwrap(),
        salt: number(&from["salt"]),
        conduitKey: text(&from["conduitKey"]).parse().unwrap(),
        totalOriginalConsiderationItems: U256::from(from["totalOriginalConsiderationItems"].as_u64().unwrap()),
    };
    SeaportOrder { parameters, signature: text(&order["signature"]).parse().unwrap() }
}
