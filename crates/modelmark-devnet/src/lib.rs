//! An embedded EVM development chain behind standard JSON-RPC, kept on disk.
#![doc = include_str!("../README.md")]

mod accounts;
mod assemble;
mod block;
mod chain;
mod clock;
mod config;
mod devnet;
mod error;
mod estimate;
mod execute;
mod fees;
mod filters;
mod genesis;
mod http;
mod logs;
mod overrides;
mod pool;
mod rpc;
mod simulate;
mod store;
mod transport;
mod trie;

pub use accounts::{DEV_ACCOUNTS, DEV_BALANCE, DEV_MNEMONIC, DevAccount};
pub use config::Config;
pub use devnet::Devnet;
pub use error::DevnetError;
pub use genesis::{CREATE2_FACTORY, MULTICALL3};
pub use http::{ServeOptions, Server, serve};
pub use rpc::RpcError;
