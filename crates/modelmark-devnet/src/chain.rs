//! The chain: its store, the transactions that wait, and the one place where blocks are added.

use std::sync::{Mutex, MutexGuard, PoisonError};

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Transaction as _, TxEnvelope};
use alloy::primitives::{Address, B256};

use crate::assemble::{changes, next_header, seal, state_root};
use crate::block::{Block, Body, SealedHeader};
use crate::clock::Clock;
use crate::execute::{Checks, execute, signed};
use crate::filters::Filters;
use crate::pool::Pool;
use crate::rpc::RpcError;
use crate::store::{Append, Snapshot, StateChanges, Store};
use crate::trie::Nodes;
use crate::{Config, DevnetError, genesis};

/// A running chain.
#[derive(Debug)]
pub(crate) struct Chain {
    store: Store,
    chain_id: u64,
    gas_limit: u64,
    /// Held while a block is made, so that blocks are made one after the other.
    pool: Mutex<Pool>,
    filters: Mutex<Filters>,
    /// Held while the chain itself chooses a nonce and uses it.
    sending: Mutex<()>,
}

impl Chain {
    pub(crate) fn new(store: Store, config: Config) -> Result<Self, DevnetError> {
        genesis::ensure(&store, config)?;
        Ok(Self {
            store,
            chain_id: config.chain_id,
            gas_limit: config.gas_limit,
            pool: Mutex::default(),
            filters: Mutex::default(),
            sending: Mutex::default(),
        })
    }

    pub(crate) const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot, DevnetError> {
        self.store.snapshot()
    }

    pub(crate) fn filters(&self) -> MutexGuard<'_, Filters> {
        self.filters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one sender after the other choose a nonce; what was chosen must be submitted before the guard goes.
    pub(crate) fn sending(&self) -> MutexGuard<'_, ()> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a transaction that waits for an earlier nonce.
    pub(crate) fn waiting(&self, hash: B256) -> Option<Recovered<TxEnvelope>> {
        self.pool().get(hash).cloned()
    }

    /// Returns the nonce that the next transaction of a sender should have, when the state says `nonce`.
    pub(crate) fn next_nonce(&self, sender: Address, nonce: u64) -> u64 {
        self.pool().next_nonce(sender, nonce)
    }

    /// Returns the next block as it would be if it were made now, empty.
    pub(crate) fn pending(&self, snapshot: &Snapshot) -> Result<SealedHeader, DevnetError> {
        let head = snapshot.head()?;
        let (timestamp, _) = snapshot.clock()?.tick(head.header.timestamp);
        Ok(SealedHeader::seal(next_header(&head, self.gas_limit, timestamp)))
    }

    /// Takes a transaction in: mines it, and after it those of the sender that waited for it, or lets it wait when its nonce is ahead.
    ///
    /// # Errors
    ///
    /// The error that geth gives for a transaction that may not be in a block.
    pub(crate) fn submit(&self, transaction: Recovered<TxEnvelope>) -> Result<B256, RpcError> {
        let mut pool = self.pool();
        let hash = *transaction.hash();
        let sender = transaction.signer();
        let snapshot = self.snapshot()?;
        let head = snapshot.head()?;
        let nonce = snapshot.account(sender, head.header.number)?.map_or(0, |account| account.nonce);
        if transaction.nonce() > nonce {
            let pending = self.pending(&snapshot)?;
            execute(snapshot.state_at(head.header.number), self.chain_id, &pending.header, signed(&transaction), Checks::Waiting)
                .map_err(|refusal| RpcError::of_refusal(refusal, sender))?;
            pool.insert(transaction)?;
            return Ok(hash);
        }
        self.mine_transaction(&snapshot, &head, transaction)?;
        self.mine_waiting(&mut pool, sender)?;
        Ok(hash)
    }

    /// Adds an empty block.
    pub(crate) fn mine_empty(&self) -> Result<(), RpcError> {
        let _making = self.pool();
        let snapshot = self.snapshot()?;
        let head = snapshot.head()?;
        let (timestamp, clock) = snapshot.clock()?.tick(head.header.timestamp);
        let sealed = SealedHeader::seal(next_header(&head, self.gas_limit, timestamp));
        let block = Block { sealed, body: Body::default() };
        let (changes, nodes) = (StateChanges::default(), Nodes::new());
        Ok(self.store.append(&Append { block: &block, changes: &changes, nodes: &nodes, clock, chain_id: None })?)
    }

    /// Changes the clock; `change` sees it together with the last block's timestamp.
    pub(crate) fn adjust_clock(&self, change: impl FnOnce(Clock, u64) -> Result<Clock, RpcError>) -> Result<Clock, RpcError> {
        let _making = self.pool();
        let snapshot = self.snapshot()?;
        let clock = change(snapshot.clock()?, snapshot.head()?.header.timestamp)?;
        self.store.set_clock(clock)?;
        Ok(clock)
    }

    /// Remembers the chain as it is.
    pub(crate) fn remember(&self) -> Result<u64, DevnetError> {
        let _making = self.pool();
        self.store.remember()
    }

    /// Goes back to a remembered chain; what waits is forgotten, and filters go on from the new last block.
    pub(crate) fn go_back(&self, id: u64) -> Result<bool, DevnetError> {
        let mut pool = self.pool();
        let found = self.store.go_back(id)?;
        if found {
            pool.clear();
            let head = self.snapshot()?.head()?;
            self.filters().go_back(head.header.number);
        }
        Ok(found)
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mines what waited for the nonce that was just used; one that may no longer be mined is dropped, as a pool does.
    fn mine_waiting(&self, pool: &mut Pool, sender: Address) -> Result<(), RpcError> {
        loop {
            let snapshot = self.snapshot()?;
            let head = snapshot.head()?;
            let nonce = snapshot.account(sender, head.header.number)?.map_or(0, |account| account.nonce);
            let Some(next) = pool.take(sender, nonce) else { return Ok(()) };
            if self.mine_transaction(&snapshot, &head, next).is_err() {
                return Ok(());
            }
        }
    }

    /// Makes the block that holds this transaction.
    fn mine_transaction(&self, snapshot: &Snapshot, head: &SealedHeader, transaction: Recovered<TxEnvelope>) -> Result<(), RpcError> {
        let parent = head.header.number;
        let (timestamp, clock) = snapshot.clock()?.tick(head.header.timestamp);
        let header = next_header(head, self.gas_limit, timestamp);
        let sender = transaction.signer();
        let outcome = execute(snapshot.state_at(parent), self.chain_id, &header, signed(&transaction), Checks::Block)
            .map_err(|refusal| RpcError::of_refusal(refusal, sender))?;
        let changes = changes(snapshot, parent, outcome.state)?;
        let mut nodes = Nodes::new();
        let root = state_root(snapshot, head.header.state_root, &changes, &mut nodes)?;
        let block = seal(header, root, transaction, outcome.result);
        Ok(self.store.append(&Append { block: &block, changes: &changes, nodes: &nodes, clock, chain_id: None })?)
    }
}
