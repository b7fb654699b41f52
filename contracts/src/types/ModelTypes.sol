// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a token stands for. Part of the token id: new kinds are added at the end only.
enum Kind {
    Model,
    Adapter,
    Dataset
}

/// @dev The pointer that stands for metadata made on chain. No Arweave id is this number: they are SHA-256 digests.
bytes32 constant ON_CHAIN = bytes32(uint256(1));

/// @notice Where a token stands in its life. Every token is minted `Active`; its creator moves it up to `Recalled` at most. The last two
/// are a curator's words about a token, kept elsewhere.
enum Status {
    Active,
    Deprecated,
    Superseded,
    Recalled,
    Disputed,
    Revoked
}

/// @notice How a token came from a parent. Part of the token id through the parents hash: new relations are added at the end only.
enum Relation {
    Version,
    FineTune,
    Adapter,
    Merge,
    Quantized,
    Pruned,
    Distilled,
    Converted
}

/// @notice One edge of the lineage, fixed when the child is minted.
/// @param chainId 0 for a token of the same registry, else the EIP-155 chain id of an external registry.
/// @param registry Zero for a token of the same registry, else the external ERC-721 contract.
/// @param tokenId The parent's token id in its registry.
/// @param relation How the child came from this parent.
/// @param shareBps The share of the child's revenue that the child's creator promises this parent, in 1/10 000.
/// @param evidence Digest of a document that supports the edge, or zero.
struct Parent {
    uint64 chainId;
    address registry;
    uint256 tokenId;
    Relation relation;
    uint16 shareBps;
    bytes32 evidence;
}

/// @notice All that a creator states about a model when it is minted.
/// @param weightsDigest SHA-256 inside the content id of the weights.
/// @param recordDigest SHA-256 of the provenance record's canonical bytes, which are also the ERC-721 metadata.
/// @param datasetDigest SHA-256 inside the content id of the first training dataset, or zero.
/// @param architectureDigest Digest that describes the architecture, or zero.
/// @param framework Framework name and version as an OpenZeppelin `ShortString` (text from the left, length in the last byte), or zero.
/// @param metrics Short canonical text or digest of the evaluation results, or zero.
/// @param license keccak256 of the SPDX expression's text, which must be in the licence book.
/// @param kind What the token stands for.
/// @param royaltyBps ERC-2981 royalty in 1/10 000, at most 1 000.
/// @param creator Who made the model and must consent to the mint.
/// @param parents Lineage edges, strictly ascending by (chainId, registry, tokenId), at most 16.
struct ModelInput {
    bytes32 weightsDigest;
    bytes32 recordDigest;
    bytes32 datasetDigest;
    bytes32 architectureDigest;
    bytes32 framework;
    bytes32 metrics;
    bytes32 license;
    Kind kind;
    uint16 royaltyBps;
    address creator;
    Parent[] parents;
}

/// @notice What sets models apart that are minted into the log together. The fields mean what they mean in `ModelInput`.
struct ModelDigests {
    bytes32 weightsDigest;
    bytes32 recordDigest;
}

/// @notice What the registry knows about a token. The fields mean what they mean in `ModelInput`.
/// @param mintedAt Unix time of the mint, in seconds. Zero for a token that was minted into the log and stored later.
/// @param licenseId The licence's id in this registry's licence book.
struct ModelData {
    bytes32 weightsDigest;
    bytes32 recordDigest;
    bytes32 datasetDigest;
    bytes32 architectureDigest;
    bytes32 framework;
    bytes32 metrics;
    address creator;
    uint40 mintedAt;
    uint24 licenseId;
    Kind kind;
    Status status;
    uint16 royaltyBps;
}
