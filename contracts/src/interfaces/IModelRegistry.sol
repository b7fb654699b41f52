// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelData, ModelDigests, ModelInput, Relation, Status} from "../types/ModelTypes.sol";
import {ICreatorToken} from "./ICreatorToken.sol";
import {IERC4883} from "./IERC4883.sol";
import {IERC4907} from "./IERC4907.sol";
import {IERC5192} from "./IERC5192.sol";
import {ILicenseBook} from "./ILicenseBook.sol";
import {IModelRenderer} from "./IModelRenderer.sol";
import {IRoyaltyVault} from "./IRoyaltyVault.sol";
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
interface IModelRegistry is IERC721Metadata, IERC2981, IERC4883, IERC4906, IERC4907, IERC5192, IERC5267, ICreatorToken {
    /// @notice Emitted for each mint, after ERC-721's `Transfer`. `licenceId` is zero for a mint into the log, which looks no licence up.
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

    /// @notice Emitted when a record's canonical bytes are put in the log. They are the bytes with this SHA-256: it was checked.
    event ProvenanceDataRecorded(uint256 indexed id, bytes32 recordDigest, bytes record);

    /// @notice Emitted when a creator lowers a royalty.
    event RoyaltyDecreased(uint256 indexed id, uint16 previousBps, uint16 bps);

    /// @notice Emitted when the statement of a token that was minted into the log enters storage.
    event ModelStored(uint256 indexed id);

    /// @notice Emitted when a creator says how a token stands.
    /// @param reason Digest of a document that gives the reason, or zero; for `Superseded` the id of the token that takes its place.
    event StatusChanged(uint256 indexed id, Status previous, Status status, bytes32 reason);

    /// @notice Emitted when an account may act as a creator, or may no longer.
    event DelegateChanged(address indexed creator, address indexed delegate, bool allowed);

    /// @notice Emitted when the collection's metadata changes (ERC-7572). Never in our contracts: a renderer is fixed.
    event ContractURIUpdated();

    /// @notice The caller is neither the creator nor a delegate of the creator.
    error ModelRegistryNotCreator(address caller, address creator);

    /// @notice The collection's authority does not let this account call this function, or there is no authority that could.
    error ModelRegistryUnauthorized(address caller);

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

    /// @notice The status does not come after the current one, or is not a creator's to set.
    error ModelRegistryStatusNotForward(Status current, Status given);

    /// @notice The token was minted into the log: its statement has to be put in storage first, see {store}.
    error ModelRegistryNotStored(uint256 tokenId);

    /// @notice The token's statement is in storage already.
    error ModelRegistryAlreadyStored(uint256 tokenId);

    /// @notice A mint into the log has a royalty or a descriptive field, which the id does not commit to.
    error ModelRegistryNotBare();

    /// @notice The bytes are not the record with this digest.
    error ModelRegistryRecordMismatch(uint256 tokenId, bytes32 recordDigest);

    /// @notice The token is bound to its owner.
    error ModelRegistryLocked(uint256 tokenId);

    /// @notice The collection has no renderer.
    error ModelRegistryNoRenderer();

    /// @notice There is no contract at the transfer validator's address.
    error ModelRegistryInvalidTransferValidator(address validator);

    /// @notice The constructor was given a renderer without code.
    error ModelRegistryInvalidRenderer(address renderer);

    /// @notice The constructor was given an authority without code.
    error ModelRegistryInvalidAuthority(address authority);

    /// @notice The constructor was given a licence book without code.
    error ModelRegistryInvalidLicenseBook(address book);

    /// @notice Mints a model's token to `to`. Only the model's creator or a delegate may call.
    ///
    /// NOTE: `to` is not asked whether it can handle the token: a contract without ERC-721 support keeps it for ever.
    /// @return tokenId The id that {tokenIdOf} computes.
    function mintProvenanceNFT(address to, ModelInput calldata model) external returns (uint256 tokenId);

    /// @notice Mints a model's token with the creator's signature over {mintAuthDigest}. Anyone may call; nothing is left to the caller.
    ///
    /// NOTE: there is no nonce, as a statement can be minted once only. A creator who signed two mints of one statement gets the one
    /// that arrives first; minting it directly makes every signature over it void.
    /// @param deadline Last second, in Unix time, at which the signature counts.
    /// @param signature 65-byte ECDSA signature with low s; whatever the creator's ERC-1271 contract accepts; or for an ERC-7913 key its
    /// length in two bytes, the key (verifier's address and what the verifier calls a key), and what the verifier accepts.
    function mintProvenanceNFT(address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId);

    /// @notice Mints a model's token and leaves what is said about it in the log: less than half the gas. Only the creator or a delegate.
    ///
    /// The id commits to the statement, so that anyone who has it can {store} it later. Until then the token can be held and sold, and
    /// everything that reads the statement reverts with {ModelRegistryNotStored}. No royalty and no descriptive field: the id does
    /// not commit to those. The licence is looked up when the statement is stored.
    function mintLogOnly(address to, ModelInput calldata model) external returns (uint256 tokenId);

    /// @notice Mints many models of one creator into the log, as {mintLogOnly} does: what they share is said once. They have no parents.
    ///
    /// NOTE: one that is minted already, or named twice, fails all of them.
    function mintLogOnlyBatch(address to, address creator, bytes32 license, Kind kind, ModelDigests[] calldata models) external;

    /// @notice Puts the statement of a token that was minted into the log in storage. Anyone may call: the id says what it is.
    function store(ModelInput calldata model) external returns (uint256 tokenId);

    /// @notice Puts a record in the log, where no gateway can lose it. Anyone may call: the bytes have to be those of the digest.
    function publishRecord(uint256 tokenId, bytes calldata record) external;

    /// @notice Chooses what `tokenURI` returns: the record's copy on Arweave, metadata made on chain, or the record on IPFS. Only the
    /// token's owner or an approved account.
    ///
    /// IMPORTANT: no contract can see what Arweave holds. The record is the one whose SHA-256 is `recordDigest`: a reader has to
    /// check that, and a copy that does not match is not the record.
    /// @param pointer Arweave transaction id, 1 for metadata made on chain by {renderer}, or zero for `ipfs://`.
    function setTokenURI(uint256 tokenId, bytes32 pointer) external;

    /// @notice Lowers a token's royalty for good. Only the creator or a delegate, also after the token was sold.
    function decreaseRoyalty(uint256 tokenId, uint16 bps) external;

    /// @notice Warns of a token: `Deprecated`, `Superseded` or `Recalled`, never back. Only the creator or a delegate, also after a sale.
    /// @param reason Digest of a document that gives the reason, or zero; for `Superseded` the id of the token that takes its place.
    function setStatus(uint256 tokenId, Status status, bytes32 reason) external;

    /// @notice Lets `delegate` act as the caller wherever this registry asks for a creator, or no longer.
    ///
    /// IMPORTANT: a delegate can mint statements in the creator's name. Meant for contracts that can do one thing only.
    function setDelegate(address delegate, bool allowed) external;

    /// @notice As {setDelegate}, with the creator's EIP-712 signature over
    /// `Delegation(address creator,address delegate,bool allowed,uint256 nonce,uint256 deadline)`. Anyone may call.
    /// @param deadline Last second, in Unix time, at which the signature counts.
    function setDelegate(address creator, address delegate, bool allowed, uint256 deadline, bytes calldata signature) external;

    /// @notice Binds a token to its owner for good. Only the owner: an approval to sell is none to make unsaleable.
    function lock(uint256 tokenId) external;

    /// @notice Returns what the registry knows about a token.
    function getModelData(uint256 tokenId) external view returns (ModelData memory data);

    /// @notice Returns who stated what a token says.
    function creatorOf(uint256 tokenId) external view returns (address creator);

    /// @notice Tells whether `account` is `creator` or a delegate of theirs.
    function actsFor(address account, address creator) external view returns (bool);

    /// @notice Returns the creator's address that an ERC-7913 key has: the last 20 bytes of its keccak256.
    /// @param key The verifier's address and what the verifier calls a key.
    function creatorOfKey(bytes calldata key) external pure returns (address creator);

    /// @notice Returns the token's licence: its SPDX expression and where the terms are.
    function viewLicense(uint256 tokenId) external view returns (string memory spdx, string memory uri);

    /// @notice Returns the id of the first token of the series that a token belongs to: its own id when it has no previous version.
    function seriesOf(uint256 tokenId) external view returns (bytes32 series);

    /// @notice Returns how many tokens a series has: 0 when `series` is not the id of a series' first token.
    function versionCount(bytes32 series) external view returns (uint64 versions);

    /// @notice Returns the token of a series that was minted last: 0 when `series` is not the id of a series' first token.
    ///
    /// NOTE: the newest mint may be a correction of an older version.
    function headOf(bytes32 series) external view returns (uint256 tokenId);

    /// @notice Returns the token id of a statement, minted or not. Looks at nothing but the argument.
    function tokenIdOf(ModelInput calldata model) external pure returns (uint256 tokenId);

    /// @notice Returns the EIP-712 digest that a creator signs to let anyone mint.
    function mintAuthDigest(address to, ModelInput calldata model, uint256 deadline) external view returns (bytes32 digest);

    /// @notice Returns the collection's metadata as a data URI (ERC-7572): empty without a renderer.
    function contractURI() external view returns (string memory uri);

    /// @notice Returns the contract that decides who may submit mints and sets the transfer validator: zero in an open collection, where
    /// everyone may mint and nobody can set one.
    function authority() external view returns (address);

    /// @notice Returns the book that licences are looked up in.
    function licenseBook() external view returns (ILicenseBook);

    /// @notice Returns the contract that splits royalties: zero when they go to the creator.
    function royaltyVault() external view returns (IRoyaltyVault);

    /// @notice Returns what makes metadata on chain, or zero.
    function renderer() external view returns (IModelRenderer);
}
