//! The provenance record of a model: canonical bytes, ERC-721 metadata, signatures
