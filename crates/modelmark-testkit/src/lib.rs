#![doc = include_str!("../README.md")]

pub mod hub;
pub mod model;
pub mod tools;
