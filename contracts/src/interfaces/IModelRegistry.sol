// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelData, ModelInput, Relation} from "../types/ModelTypes.sol";
import {ILicenseBook} from "./ILicenseBook.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

/// @title Provenance tokens of AI models
/// @notice One ERC-721 token per model. The id is computed from what the creator states, so the same statement has the same id on
/// every chain and nobody can take another's id: the creator is part of it and has to consent to the mint.
///
/// IMPORTANT: a token proves that `creator` made this statement at `mintedAt`. It does not prove that the creator trained the model:
/// anyone can hash a public file and register it under their own address.
interface IModelRegistry is IERC721Metadata, IERC2981, IERC4906, IERC5267 {
    /// @notice Emitted for each mint, after ERC-721's `Transfer`.
    event ModelInitialized(
        uint256 indexed id, address indexed creator, bytes32 indexed weightsDigest, bytes32 recordDigest, uint32 licenceId, Kind kind
    );

    /// @notice Emitted for each parent of the same registry, whatever the relation. The parent was minted before the child.
    event ModelFineTuned(uint256 indexed id, uint256 indexed parentId, Relation relation, uint16 shareBps, bytes32 evidence);

    /// @notice Emitted for each parent of another registry. Nothing about it was checked: it is the creator's claim. It has an event
    /// of its own so that no external claim can pass for an edge to a token of this registry.
    event ExternalParentClaimed(
        uint256 indexed id,
        uint64 indexed chainId,
        address indexed registry,
        uint256 parentId,
        Relation relation,
        uint16 shareBps,
        bytes32 evidence
    );

    /// @notice Emitted when a token continues a series. The first token of a series has version 1 and no such event.
    /// @param series The id of the series' first token.
    /// @param version Counts the tokens of the series in the order of their mints.
    /// @param previous The token this one is the next version of: not always the newest of the series.
    event ModelVersionMinted(uint256 indexed id, bytes32 indexed series, uint64 version, uint256 previous);

    /// @notice Emitted for each mint. `record` is the record's canonical bytes when they are put in the log, else empty.
    event ProvenanceDataRecorded(uint256 indexed id, bytes32 recordDigest, bytes record);

    /// @notice Emitted when a creator lowers a royalty.
    event RoyaltyDecreased(uint256 indexed id, uint16 previousBps, uint16 bps);

    /// @notice The direct mint was not called by the creator.
    error ModelRegistryNotCreator(address caller, address creator);

    /// @notice The collection is curated and its authority does not let this account submit mints.
    error ModelRegistryUnauthorizedSubmitter(address caller);

    /// @notice The signature is not the creator's over this mint.
    error ModelRegistryInvalidSignature(address creator);

    /// @notice The creator's signature was valid until `deadline`, which has passed.
    error ModelRegistryExpiredSignature(uint256 deadline);

    /// @notice This statement already has its token.
    error ModelRegistryAlreadyMinted(uint256 tokenId);

    /// @notice The weights digest or the record digest is zero.
    error ModelRegistryMissingDigest();

    /// @notice The framework is neither zero nor a well-formed short string.
    error ModelRegistryInvalidFramework(bytes32 framework);

    /// @notice The licence is not in the licence book.
    error ModelRegistryUnknownLicense(bytes32 license);

    /// @notice The royalty is above the maximum.
    error ModelRegistryRoyaltyTooHigh(uint16 bps, uint16 maximum);

    /// @notice The new royalty is not below the current one.
    error ModelRegistryRoyaltyNotDecreased(uint16 current, uint16 given);

    /// @notice There are more parents than the maximum.
    error ModelRegistryTooManyParents(uint256 given, uint256 maximum);

    /// @notice The parent at `index` does not come strictly after the one before it.
    error ModelRegistryUnorderedParents(uint256 index);

    /// @notice The parent at `index` has only one of chain id and registry, or names this very registry as if it were another.
    error ModelRegistryMisplacedParent(uint256 index);

    /// @notice The parent has no token in this registry.
    error ModelRegistryUnknownParent(uint256 parentId);

    /// @notice The shares promised to parents exceed the whole.
    error ModelRegistrySharesTooHigh(uint256 shareBps);

    /// @notice More than one parent of this registry is a previous version: a token belongs to one series.
    error ModelRegistrySeveralPreviousVersions(uint256 tokenId);

    /// @notice The creator is neither creator nor owner of the previous version.
    error ModelRegistryNotSeriesAuthor(address creator, uint256 previous);

    /// @notice The constructor was given an authority without code.
    error ModelRegistryInvalidAuthority(address authority);

    /// @notice The constructor was given a licence book without code.
    error ModelRegistryInvalidLicenseBook(address book);

    /// @notice Mints a model's token to `to`. Only the model's creator may call.
    ///
    /// NOTE: `to` is not asked whether it can handle the token: a contract without ERC-721 support keeps it for ever.
    /// @return tokenId The id that {tokenIdOf} computes.
    function mintProvenanceNFT(address to, ModelInput calldata model) external returns (uint256 tokenId);

    /// @notice Mints a model's token with the creator's signature over {mintAuthDigest}. Anyone may call; nothing is left to the caller.
    ///
    /// NOTE: there is no nonce, as a statement can be minted once only. A creator who signed two mints of one statement gets the one
    /// that arrives first; minting it directly makes every signature over it void.
    /// @param deadline Last second, in Unix time, at which the signature counts.
    /// @param signature 65-byte ECDSA signature with low s, else whatever the creator's ERC-1271 contract accepts.
    function mintProvenanceNFT(address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId);

    /// @notice Points `tokenURI` at a copy of the record on Arweave, or back at IPFS. Only the token's owner or an approved account.
    ///
    /// IMPORTANT: no contract can see what Arweave holds. The record is the one whose SHA-256 is `recordDigest`: a reader has to
    /// check that, and a copy that does not match is not the record.
    /// @param arweaveId Arweave transaction id, or zero for `ipfs://`.
    function setTokenURI(uint256 tokenId, bytes32 arweaveId) external;

    /// @notice Lowers a token's royalty for good. Only the creator, also after the token was sold.
    function decreaseRoyalty(uint256 tokenId, uint16 bps) external;

    /// @notice Returns what the registry knows about a token.
    function getModelData(uint256 tokenId) external view returns (ModelData memory data);

    /// @notice Returns the token's licence: its SPDX expression and where the terms are.
    function viewLicense(uint256 tokenId) external view returns (string memory spdx, string memory uri);

    /// @notice Returns the id of the first token of the series that a token belongs to: its own id when it has no previous version.
    function seriesOf(uint256 tokenId) external view returns (bytes32 series);

    /// @notice Returns how many tokens a series has: 0 when `series` is not the id of a series' first token.
    function versionCount(bytes32 series) external view returns (uint64 versions);

    /// @notice Returns the token id of a statement, minted or not. Looks at nothing but the argument.
    function tokenIdOf(ModelInput calldata model) external pure returns (uint256 tokenId);

    /// @notice Returns the EIP-712 digest that a creator signs to let anyone mint.
    function mintAuthDigest(address to, ModelInput calldata model, uint256 deadline) external view returns (bytes32 digest);

    /// @notice Returns the contract that decides who may submit mints: zero when everyone may.
    function authority() external view returns (address);

    /// @notice Returns the book that licences are looked up in.
    function licenseBook() external view returns (ILicenseBook);
}
