//! The structs that several contracts take have one shape and, in the generated bindings, one type for each of them: here they become each other.

use crate::bindings::{BatchAnchor, DerivativeGate, LineageVault, ModelRegistry, ModelRenderer};

/// Turns the registry's parents into those of other contracts.
macro_rules! parents {
    ($($contract:ident),+) => {$(
        impl From<ModelRegistry::Parent> for $contract::Parent {
            fn from(parent: ModelRegistry::Parent) -> Self {
                let ModelRegistry::Parent { chainId, registry, tokenId, relation, shareBps, evidence } = parent;
                Self { chainId, registry, tokenId, relation, shareBps, evidence }
            }
        }
    )+};
}

/// Turns the registry's statements into those of other contracts.
macro_rules! statements {
    ($($contract:ident),+) => {$(
        impl From<ModelRegistry::ModelInput> for $contract::ModelInput {
            fn from(model: ModelRegistry::ModelInput) -> Self {
                Self {
                    weightsDigest: model.weightsDigest,
                    recordDigest: model.recordDigest,
                    datasetDigest: model.datasetDigest,
                    architectureDigest: model.architectureDigest,
                    framework: model.framework,
                    metrics: model.metrics,
                    license: model.license,
                    kind: model.kind,
                    royaltyBps: model.royaltyBps,
                    creator: model.creator,
                    parents: model.parents.into_iter().map(Into::into).collect(),
                }
            }
        }
    )+};
}

parents!(BatchAnchor, DerivativeGate, LineageVault, ModelRenderer);
statements!(BatchAnchor, DerivativeGate, LineageVault);
