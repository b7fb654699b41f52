//! The token contracts from Rust: bindings, deployment, minting and reading
