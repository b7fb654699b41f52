//! A simulated life of models: published, fine-tuned, merged, licensed, sold, paid for, disputed and recalled.
//!
//! What every account has in the end is computed here from prices, shares and what its transactions cost, not read from what the verbs print.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use modelmark_chain::{ChainId, Contract, Wallet};
use serde_json::{Value, json};

use crate::chains::Elsewhere;
use crate::environment::{Outcome, TestEnvironment};
use crate::seaport;

// Development accounts and whom each of them plays.
const ADA: usize = 0;
const BOB: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
const EVE: usize = 4;
const LICENSEE: usize = 5;
const FIRST_OWNER: usize = 6;
const SECOND_OWNER: usize = 7;
const KEEPER: usize = 8;

const COIN: i128 = 1_000_000_000_000_000_000;
// Prices that divide badly, so that every rounding shows.
const LICENSE: &str = "0.050000000000007777";
const FIRST_SALE: &str = "1.000000000000003333";
const SECOND_SALE: &str = "1.999999999999999999";
const SEAPORT_SALE: &str = "3.000000000000000019";
const ROYALTY: i128 = 500;

/// The chain, who stands where on it, and what everybody should have gained by trade.
struct Life {
    environment: TestEnvironment,
    chain: Elsewhere,
    accounts: Vec<Address>,
    before: Vec<i128>,
    first_block: u64,
    gains: BTreeMap<usize, i128>,
}

impl Life {
    fn new() -> Self {
        let (environment, chain) = (TestEnvironment::new(), Elsewhere::start(31337));
        let accounts = (0..10).map(|n| Wallet::development(ChainId::DEVELOPMENT, n).unwrap().address()).collect();
        let mut life = Self { environment, chain, accounts, before: Vec::new(), first_block: 0, gains: BTreeMap::new() };
        life.run(ADA, &["deploy"]).expect_code(0);
        life.before = life.accounts.iter().map(|account| life.balance(*account)).collect();
        life.first_block = life.newest_block() + 1;
        life
    }

    /// Runs a verb that sends or signs, as an account.
    fn run(&self, account: usize, args: &[&str]) -> Outcome {
        self.look(&[args, &["--dev-account", &account.to_string()]].concat())
    }

    /// Runs a verb that only looks.
    fn look(&self, args: &[&str]) -> Outcome {
        self.environment.run(&[args, &["--rpc-url", &self.chain.url]].concat())
    }

    fn token(&self, account: usize, args: &[&str]) -> String {
        let published = self.run(account, &[args, &["--royalty", "5%", "--json"]].concat()).expect_code(0).json();
        published["token"].as_str().unwrap().to_owned()
    }

    fn owner(&self, token: &str) -> Address {
        self.look(&["show", token, "--json"]).expect_code(0).json()["chain"]["owner"].as_str().unwrap().parse().unwrap()
    }

    fn balance(&self, account: Address) -> i128 {
        number(&self.chain.ask("eth_getBalance", json!([account, "latest"])))
    }

    fn newest_block(&self) -> u64 {
        number(&self.chain.ask("eth_blockNumber", json!([]))).try_into().unwrap()
    }

    /// What an account paid for its transactions since the beginning.
    fn fees(&self) -> BTreeMap<Address, i128> {
        let mut fees = BTreeMap::new();
        for block in self.first_block..=self.newest_block() {
            let block = self.chain.ask("eth_getBlockByNumber", json!([format!("{block:#x}"), false]));
            for hash in block["transactions"].as_array().unwrap() {
                let receipt = self.chain.ask("eth_getTransactionReceipt", json!([hash]));
                assert_eq!(receipt["status"], "0x1", "{receipt}");
                let sender = receipt["from"].as_str().unwrap().parse().unwrap();
                *fees.entry(sender).or_default() += number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
            }
        }
        fees
    }

    fn pays(&mut self, from: usize, to: usize, amount: i128) {
        *self.gains.entry(from).or_default() -= amount;
        *self.gains.entry(to).or_default() += amount;
    }

    /// Lists a token on our market and has it bought.
    fn sell(&mut self, token: &str, price: &str, seller: usize, buyer: usize) -> i128 {
        let order = self.run(seller, &["market", "list", token, "--price", price]).expect_code(0).stdout;
        self.environment.write("order.json", order);
        self.run(buyer, &["market", "buy", "order.json"]).expect_code(0);
        self.sold(token, price, seller, buyer)
    }

    /// Lists a token for Seaport and fills the order there.
    fn sell_on_seaport(&mut self, seaport: Address, token: &str, price: &str, seller: usize, buyer: usize) -> i128 {
        let place = format!("--seaport={seaport}");
        let order = self.run(seller, &["market", "list", token, "--price", price, &place]).expect_code(0).json();
        seaport::fill(&self.chain, seaport, &order, self.accounts[buyer], wei(price).try_into().unwrap());
        self.sold(token, price, seller, buyer)
    }

    /// Books a sale; returns the royalty, which is nobody's until it is split.
    fn sold(&mut self, token: &str, price: &str, seller: usize, buyer: usize) -> i128 {
        assert_eq!(self.owner(token), self.accounts[buyer]);
        let royalty = wei(price) * ROYALTY / 10_000;
        self.pays(buyer, seller, wei(price) - royalty);
        *self.gains.entry(buyer).or_default() -= royalty;
        royalty
    }

    /// Splits what a token earned: half a percent to whoever asks, of the rest each parent its share, the remainder to the creator. Returns the parents' parts.
    fn split(&mut self, token: &str, creator: usize, earned: i128, shares: &[i128]) -> Vec<i128> {
        self.run(KEEPER, &["royalty", "distribute", token]).expect_code(0);
        let reward = earned * 50 / 10_000;
        let parts: Vec<i128> = shares.iter().map(|share| (earned - reward) * share / 10_000).collect();
        *self.gains.entry(KEEPER).or_default() += reward;
        *self.gains.entry(creator).or_default() += earned - reward - parts.iter().sum::<i128>();
        parts
    }

    fn receiver(&self, token: &str) -> Address {
        let shown = self.look(&["royalty", "show", token, "--json"]).expect_code(0).json();
        shown["earnings"]["receiver"].as_str().unwrap().parse().unwrap()
    }

    /// Everybody has what they had, with what trade brought and without what transactions cost; the contracts have nothing.
    fn assert_accounted(&self, receivers: &[Address], seaport: Address) {
        let fees = self.fees();
        for (n, account) in self.accounts.iter().enumerate() {
            let gained = self.gains.get(&n).copied().unwrap_or_default();
            let paid = fees.get(account).copied().unwrap_or_default();
            assert_eq!(self.balance(*account), self.before[n] + gained - paid, "account {n} gained {gained} and paid {paid}");
        }
        assert_eq!(self.gains.values().sum::<i128>(), 0, "{:?}", self.gains);
        let contracts = [Contract::LineageVault, Contract::Licensing, Contract::ModelMarket, Contract::ModelRegistry];
        for holder in contracts.map(|contract| contract.address()).iter().chain(receivers).chain([&seaport]) {
            assert_eq!(self.balance(*holder), 0, "{holder} keeps what is somebody's");
        }
    }
}

fn number(value: &Value) -> i128 {
    i128::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// Reads a price with 18 decimals.
fn wei(price: &str) -> i128 {
    let (coins, rest) = price.split_once('.').unwrap();
    assert_eq!(rest.len(), 18);
    coins.parse::<i128>().unwrap() * COIN + rest.parse::<i128>().unwrap()
}

#[test]
fn every_wei_of_a_life_is_accounted_for_and_a_recall_taints_what_came_after() {
    let mut life = Life::new();
    for model in ["base", "other", "tune", "merged"] {
        life.environment.model(model);
    }
    let base = life.token(ADA, &["publish", "base"]);
    let other = life.token(EVE, &["publish", "other"]);
    let tune = life.token(BOB, &["derive", "tune", "--from", &format!("{base},10%")]);
    let (from_tune, from_other) = (format!("{tune},20%"), format!("{other},7%"));
    let merged = life.token(CLEO, &["derive", "merged", "--relation", "merge", "--from", &from_tune, "--from", &from_other]);

    // A licence is sold, then the token itself: twice on our market, once on another.
    life.environment.write("terms.md", "use it for a year");
    let offer = ["license", "offer", &merged, "--terms", "terms.md", "--price", LICENSE, "--days", "365", "--scopes", "use,commercial"];
    let offer = life.run(CLEO, &offer).expect_code(0).stdout;
    life.environment.write("offer.json", offer);
    life.run(LICENSEE, &["license", "buy", "offer.json"]).expect_code(0);
    *life.gains.entry(LICENSEE).or_default() -= wei(LICENSE);
    let seaport = seaport::deploy(&life.chain);
    let sales = [
        life.sell(&merged, FIRST_SALE, CLEO, FIRST_OWNER),
        life.sell(&merged, SECOND_SALE, FIRST_OWNER, SECOND_OWNER),
        life.sell_on_seaport(seaport, &merged, SEAPORT_SALE, SECOND_OWNER, FIRST_OWNER),
    ];
    let account = life.accounts[LICENSEE].to_checksum(None);
    life.look(&["license", "show", &merged, "--account", &account, "--scopes", "use,commercial"]).expect_words(&["until", "ALLOWED"]);

    // What it earned reaches everybody behind it, whoever owns it now.
    let earned = wei(LICENSE) + sales.iter().sum::<i128>();
    let [of_tune, of_other] = life.split(&merged, CLEO, earned, &[2_000, 700])[..] else { panic!("two parents") };
    let of_base = life.split(&tune, BOB, of_tune, &[1_000])[0];
    life.split(&base, ADA, of_base, &[]);
    life.split(&other, EVE, of_other, &[]);
    for account in [ADA, BOB, CLEO, EVE, KEEPER] {
        life.run(account, &["royalty", "withdraw"]).expect_code(0);
    }

    // Somebody finds a fault, and the one who made the base agrees.
    let verify = |model: &str, more: &[&str]| life.look(&[&["verify", model], more].concat());
    life.environment.write("findings.md", "it repeats other people's letters");
    life.run(DORA, &["status", "set", &base, "disputed", "--reason", "findings.md"]).expect_code(0);
    let curator = life.accounts[DORA].to_checksum(None);
    for model in ["base", "tune", "merged"] {
        verify(model, &[]).expect_code(0);
        verify(model, &["--curator", &curator]).expect_code(4).expect_words(&["disputed, says", &curator, "REFUSED BY POLICY"]);
    }
    life.run(ADA, &["status", "set", &base, "recalled", "--reason", "findings.md"]).expect_code(0);
    verify("base", &[]).expect_code(4).expect_words(&["FAIL status.token", "recalled, says its creator"]);
    verify("tune", &[]).expect_code(4).expect_words(&["FAIL status.lineage", &format!("finetune of {base}: recalled")]);
    verify("merged", &[]).expect_code(4).expect_words(&[&format!("merge of {tune}, finetune of {base}: recalled, says its creator")]);
    verify("merged", &["--accept-recalled", "--full"]).expect_code(0);
    verify("other", &["--curator", &curator]).expect_code(0);

    let receivers = [&base, &other, &tune, &merged].map(|token| life.receiver(token));
    life.assert_accounted(&receivers, seaport);
}
