//! An embedded EVM development chain behind standard JSON-RPC, kept on disk
