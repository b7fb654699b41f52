//! Putting the contracts on a chain, through the CREATE2 factory, so that they have the same address everywhere.

use std::collections::BTreeMap;
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::primitives::{Address, Bytes};
use alloy::rpc::types::TransactionRequest;
use serde::Serialize;

use crate::contracts::{CREATE2_FACTORY, Collection, Creation};
use crate::transaction::{Fees, MAX_TRIES, Receipt, Sent, Step, shows, step_aside};
use crate::{Chain, ChainError, Contract, Costs, Gas, Wallet, Wei};

/// How long a refusal waits for the contract to turn up all the same: a slot of Ethereum, and a little.
const A_BLOCK: Duration = Duration::from_secs(15);

/// What is to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deployment {
    /// Every contract that has one place on every chain: [`Contract::ALL`].
    Canonical,
    /// A curated collection: an access manager of its own administrator, and a registry under it. What a registry needs too, if missing.
    Curated {
        /// ERC-721 name.
        name: String,
        /// ERC-721 symbol.
        symbol: String,
        /// First administrator of the access manager.
        admin: Address,
    },
}

/// What a deployment would send and cost. Nothing is sent before [`DeployPlan::execute`].
#[derive(Clone, Debug)]
pub struct DeployPlan {
    chain: Chain,
    creations: Vec<(Creation, Step)>,
    addresses: Deployed,
    fees: Fees,
    costs: Costs,
}

/// Where the contracts are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deployed {
    /// The registry.
    pub registry: Address,
    /// The licence book.
    pub license_book: Address,
    /// The contracts of this deployment that have one place on every chain.
    pub contracts: BTreeMap<Contract, Address>,
    /// The access manager of a curated collection.
    pub access_manager: Option<Address>,
    /// The block in which the registry was deployed, when it was deployed now: its logs begin there.
    pub deployed_in: Option<u64>,
    /// What was paid.
    pub spent: Wei,
}

/// Deploys what is missing, whatever it costs. For the development chain; elsewhere, show the costs of a [`DeployPlan`] first.
///
/// # Errors
/// As [`DeployPlan::new`] and [`DeployPlan::execute`].
pub async fn deploy(chain: &Chain, wallet: &Wallet, what: &Deployment) -> Result<Deployed, ChainError> {
    DeployPlan::new(chain, wallet, what).await?.execute(wallet).await
}

/// Tells whether there is code at the address of every contract of [`Contract::ALL`]. That it is ours follows from the addresses.
///
/// One small question for all of them: a contract that is never deployed looks at the size of their code. `false` when the endpoint does not answer that.
pub async fn is_deployed(chain: &Chain) -> bool {
    let Ok(block) = chain.block().await else { return false };
    let request = TransactionRequest::default().input(missing_code(Contract::ALL.iter().map(|contract| contract.address())).into());
    let missing: Result<Bytes, ChainError> = chain.ask("eth_call", (request, BlockId::from(block.hash))).await;
    missing.is_ok_and(|word| word.len() == 32 && word.iter().all(|byte| *byte == 0))
}

/// Returns init code that returns 0 as a word when there is code at each of these addresses, and 1 when there is not.
fn missing_code(addresses: impl Iterator<Item = Address>) -> Bytes {
    const PUSH1: u8 = 0x60;
    const PUSH20: u8 = 0x73;
    const EXTCODESIZE: u8 = 0x3b;
    const ISZERO: u8 = 0x15;
    const OR: u8 = 0x17;
    const MSTORE: u8 = 0x52;
    const RETURN: u8 = 0xf3;
    let mut code = vec![PUSH1, 0];
    for address in addresses {
        code.push(PUSH20);
        code.extend_from_slice(address.as_slice());
        code.extend([EXTCODESIZE, ISZERO, OR]);
    }
    code.extend([PUSH1, 0, MSTORE, PUSH1, 32, PUSH1, 0, RETURN]);
    code.into()
}

impl DeployPlan {
    /// Plans the deployment of what is not there yet.
    ///
    /// # Errors
    /// The key is not allowed on this chain, the CREATE2 factory is not there, or the endpoint cannot be asked.
    pub async fn new(chain: &Chain, wallet: &Wallet, what: &Deployment) -> Result<Self, ChainError> {
        wallet.check_usable_on(chain.id())?;
        let (wanted, addresses) = what.creations();
        let (block, _) = chain.newest().await?;
        let mut creations: Vec<(Creation, Step)> = Vec::new();
        for creation in wanted {
            if chain.code(creation.address(), &block).await?.is_empty() {
                let step = plan_step(chain, wallet, &creation, creations.is_empty()).await?;
                creations.push((creation, step));
            }
        }
        if !creations.is_empty() && chain.code(CREATE2_FACTORY, &block).await?.is_empty() {
            return Err(ChainError::NoFactory { chain: chain.id(), factory: CREATE2_FACTORY });
        }
        let fees = Fees::current(chain).await?;
        let steps = creations.iter().map(|(_, step)| step);
        let costs = fees.costs(wallet.address(), steps, chain.balance(wallet.address()).await?);
        Ok(Self { chain: chain.clone(), creations, addresses, fees, costs })
    }

    /// Returns what the plan costs at most; without steps when everything is there.
    #[must_use]
    pub const fn costs(&self) -> &Costs {
        &self.costs
    }

    /// Returns where the contracts are, or will be.
    #[must_use]
    pub const fn addresses(&self) -> &Deployed {
        &self.addresses
    }

    /// Deploys what was missing. What somebody else deploys in the meantime is skipped: it is the same contract.
    ///
    /// # Errors
    /// `wallet` cannot pay, the transactions are not confirmed in time, or the endpoint cannot be asked.
    pub async fn execute(&self, wallet: &Wallet) -> Result<Deployed, ChainError> {
        let mut deployed = self.addresses.clone();
        if !self.creations.is_empty() {
            wallet.check_is(self.costs.account)?;
            self.costs.check(&self.chain)?;
        }
        for (creation, step) in &self.creations {
            let done = self.run(creation, step, wallet, &mut deployed.spent).await?;
            if creation.address() == deployed.registry {
                deployed.deployed_in = done.map(|receipt| receipt.block());
            }
        }
        Ok(deployed)
    }

    /// Creates one contract; `None` when it turned up meanwhile.
    async fn run(&self, creation: &Creation, step: &Step, wallet: &Wallet, spent: &mut Wei) -> Result<Option<Receipt>, ChainError> {
        for attempt in 0..MAX_TRIES {
            let outcome = step.send(&self.chain, wallet, self.fees).await;
            if let Ok(Sent::Done(receipt) | Sent::Refused(receipt, _)) = &outcome {
                *spent = spent.saturating_add(receipt.spent());
            }
            let patience = match &outcome {
                Ok(Sent::Done(_)) => self.chain.patience().deadline,
                Ok(Sent::Refused(..)) | Err(ChainError::Reverted { .. }) => A_BLOCK.min(self.chain.patience().deadline),
                Ok(Sent::Overtaken) | Err(_) => Duration::ZERO,
            };
            let there = shows(&self.chain, patience, || self.is_there(creation)).await?;
            match outcome {
                Ok(Sent::Done(receipt)) if there => return Ok(Some(receipt)),
                Ok(Sent::Done(_)) => return Err(self.chain.nonsense("the deployment", "a successful receipt, but no code")),
                _ if there => return Ok(None),
                Ok(Sent::Overtaken) => step_aside(wallet.address(), attempt).await,
                Ok(Sent::Refused(_, reason)) => return Err(ChainError::Reverted { what: step.what.clone(), reason }),
                Err(error) => return Err(error),
            }
        }
        Err(ChainError::Contended { what: step.what.clone(), account: wallet.address() })
    }

    async fn is_there(&self, creation: &Creation) -> Result<bool, ChainError> {
        let (newest, _) = self.chain.newest().await?;
        Ok(!self.chain.code(creation.address(), &newest).await?.is_empty())
    }
}

impl Deployment {
    /// Returns the contracts in the order in which they need each other, and their addresses.
    fn creations(&self) -> (Vec<Creation>, Deployed) {
        let canonical: Vec<_> = match self {
            Self::Canonical => Contract::ALL.to_vec(),
            Self::Curated { .. } => Contract::before_a_registry().collect(),
        };
        let mut creations: Vec<_> = canonical.iter().map(|contract| contract.creation()).collect();
        let mut addresses = Deployed {
            registry: Contract::ModelRegistry.address(),
            license_book: Contract::LicenseBook.address(),
            contracts: canonical.iter().map(|contract| (*contract, contract.address())).collect(),
            access_manager: None,
            deployed_in: None,
            spent: Wei::default(),
        };
        if let Self::Curated { name, symbol, admin } = self {
            let manager = Creation::access_manager(*admin);
            let collection = Collection::new(name, symbol, manager.address());
            addresses.access_manager = Some(manager.address());
            addresses.registry = collection.address();
            creations.extend([manager, collection.creation()]);
        }
        (creations, addresses)
    }
}

async fn plan_step(chain: &Chain, wallet: &Wallet, creation: &Creation, first: bool) -> Result<Step, ChainError> {
    let (what, input) = (format!("deploy {}", creation.name), creation.factory_input());
    // The first step depends on none before it. A missing factory is no error of the estimate, and is found later.
    if first {
        return Step::estimated(chain, wallet.address(), &what, CREATE2_FACTORY, input).await;
    }
    let limit = creation_gas(&input);
    Ok(Step::bounded(&what, CREATE2_FACTORY, input, limit))
}

/// Returns more gas than any creation with this input takes: the transaction, its data, storing all of it as code, and a constructor.
fn creation_gas(input: &Bytes) -> Gas {
    let bytes = u64::try_from(input.len()).unwrap_or(u64::MAX);
    Gas::new(bytes.saturating_mul(16 + 200 + 1).saturating_add(53_000 + 500_000))
}
