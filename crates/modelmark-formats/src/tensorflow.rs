//! TensorFlow: checkpoints (`*.index` with its `*.data-…` shards, also those of a `SavedModel`) and graphs (`saved_model.pb`, frozen graphs).

mod bundle;
mod constant;
mod element;
mod graph;
mod operators;
mod saved_model;
mod slices;
mod table;
mod tensor;

pub(crate) use bundle::FORMAT as BUNDLE;
pub(crate) use saved_model::FORMAT as GRAPH;
