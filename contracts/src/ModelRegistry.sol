// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreatorToken} from "./interfaces/ICreatorToken.sol";
import {IERC4883} from "./interfaces/IERC4883.sol";
import {IERC4907} from "./interfaces/IERC4907.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {ILicenseBook} from "./interfaces/ILicenseBook.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IModelRenderer} from "./interfaces/IModelRenderer.sol";
import {IRoyaltyVault} from "./interfaces/IRoyaltyVault.sol";
import {MintAuth} from "./libraries/MintAuth.sol";
import {ModelId} from "./libraries/ModelId.sol";
import {CollectionTerms} from "./registry/CollectionTerms.sol";
import {Lineage} from "./registry/Lineage.sol";
import {Presentation} from "./registry/Presentation.sol";
import {Statements} from "./registry/Statements.sol";
import {Kind, ModelDigests, ModelInput} from "./types/ModelTypes.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title Provenance tokens of AI models
/// @dev No upgrade, no owner, no burn: what is written about a model stays. This file holds the ways to mint; `registry/` the rest.
contract ModelRegistry is Lineage, Multicall {
    /// @dev ERC-4906 has no functions, so that its identifier is fixed by its text.
    bytes4 private constant _ERC4906 = 0x49064906;

    constructor(
        string memory name_,
        string memory symbol_,
        address authority_,
        ILicenseBook book,
        IRoyaltyVault vault,
        IModelRenderer renderer_
    ) ERC721(name_, symbol_) EIP712("modelmark", "1") CollectionTerms(authority_) Statements(book) Presentation(vault, renderer_) {}

    /// @inheritdoc IModelRegistry
    function mintProvenanceNFT(address to, ModelInput calldata model) external returns (uint256 tokenId) {
        address creator = model.creator;
        _checkActsFor(creator);
        return _mintStored(to, model, creator, ModelId.hashParents(model.parents));
    }

    /// @inheritdoc IModelRegistry
    function mintProvenanceNFT(address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId)
    {
        bytes32 parentsHash = ModelId.hashParents(model.parents);
        bytes32 digest = _hashTypedDataV4(MintAuth.hash(to, model, parentsHash, deadline));
        address creator = model.creator;
        _checkSignature(creator, digest, deadline, signature);
        return _mintStored(to, model, creator, parentsHash);
    }

    /// @inheritdoc IModelRegistry
    function mintLogOnly(address to, ModelInput calldata model) external returns (uint256 tokenId) {
        address creator = model.creator;
        _checkActsFor(creator);
        _checkAuthority(true);
        _checkBare(model);
        bytes32 parentsHash = ModelId.hashParents(model.parents);
        tokenId = _mintModel(to, model, creator, parentsHash, 0);
        if (parentsHash != 0) _linkParents(tokenId, creator, model.parents);
    }

    /// @inheritdoc IModelRegistry
    function mintLogOnlyBatch(address to, address creator, bytes32 license, Kind kind, ModelDigests[] calldata models) external {
        _checkActsFor(creator);
        _checkAuthority(true);
        for (uint256 i = 0; i < models.length; ++i) {
            (bytes32 weightsDigest, bytes32 recordDigest) = (models[i].weightsDigest, models[i].recordDigest);
            uint256 tokenId = ModelId.tokenId(weightsDigest, recordDigest, 0, license, kind, creator);
            _mintToken(to, tokenId, weightsDigest, recordDigest);
            emit ModelInitialized(tokenId, creator, weightsDigest, recordDigest, 0, kind);
        }
    }

    /// @inheritdoc IModelRegistry
    function tokenIdOf(ModelInput calldata model) external pure returns (uint256 tokenId) {
        return ModelId.tokenId(model, ModelId.hashParents(model.parents));
    }

    /// @inheritdoc IModelRegistry
    function mintAuthDigest(address to, ModelInput calldata model, uint256 deadline) external view returns (bytes32 digest) {
        return _hashTypedDataV4(MintAuth.hash(to, model, ModelId.hashParents(model.parents), deadline));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == _ERC4906 || interfaceId == type(IERC2981).interfaceId || interfaceId == type(IERC4883).interfaceId
            || interfaceId == type(IERC4907).interfaceId || interfaceId == type(IERC5192).interfaceId
            || interfaceId == type(ICreatorToken).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev Mints after the creator's consent was established. Calls nobody's code but the authority's and the licence book's, both
    /// before the first write: `_mint`, unlike `_safeMint`, does not call the recipient.
    function _mintStored(address to, ModelInput calldata model, address creator, bytes32 parentsHash) private returns (uint256 tokenId) {
        _checkAuthority(true);
        uint24 licenseId = _licenseOf(model);
        tokenId = _mintModel(to, model, creator, parentsHash, licenseId);
        _store(tokenId, model, creator, block.timestamp, licenseId);
        _describe(tokenId, model);
        if (parentsHash != 0) _linkParents(tokenId, creator, model.parents);
    }

    /// @dev Makes the token and tells the world, and stores nothing that is said about it.
    function _mintModel(address to, ModelInput calldata model, address creator, bytes32 parentsHash, uint24 licenseId)
        private
        returns (uint256 tokenId)
    {
        (bytes32 weightsDigest, bytes32 recordDigest) = (model.weightsDigest, model.recordDigest);
        tokenId = ModelId.tokenId(model, parentsHash);
        _mintToken(to, tokenId, weightsDigest, recordDigest);
        emit ModelInitialized(tokenId, creator, weightsDigest, recordDigest, licenseId, model.kind);
    }

    function _mintToken(address to, uint256 tokenId, bytes32 weightsDigest, bytes32 recordDigest) private {
        if (weightsDigest == 0 || recordDigest == 0) revert ModelRegistryMissingDigest();
        if (_ownerOf(tokenId) != address(0)) revert ModelRegistryAlreadyMinted(tokenId);
        _mint(to, tokenId);
    }
}
