#![doc = include_str!("../README.md")]

pub mod arweave;
pub mod azurite;
pub mod foreign;
pub mod hub;
pub mod model;
pub mod moto;
pub mod tools;
