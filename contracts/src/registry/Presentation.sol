// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4883} from "../interfaces/IERC4883.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IModelRenderer} from "../interfaces/IModelRenderer.sol";
import {IRoyaltyVault} from "../interfaces/IRoyaltyVault.sol";
import {ContentURI} from "../libraries/ContentURI.sol";
import {RoyaltyReceivers} from "../libraries/RoyaltyReceivers.sol";
import {ModelFacts} from "../types/ModelRecord.sol";
import {ON_CHAIN} from "../types/ModelTypes.sol";
import {Statements} from "./Statements.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What wallets and marketplaces ask a token: where its metadata is, how it looks, who is owed a royalty
abstract contract Presentation is Statements {
    uint16 internal constant _WHOLE_BPS = 10_000;

    IModelRenderer private immutable _RENDERER;
    IRoyaltyVault private immutable _VAULT;
    address private immutable _RECEIVER;

    /// @dev An Arweave transaction id, {ON_CHAIN}, or zero for IPFS.
    mapping(uint256 tokenId => bytes32) private _pointers;

    constructor(IRoyaltyVault vault, IModelRenderer renderer_) {
        if (address(renderer_) != address(0) && address(renderer_).code.length == 0) {
            revert ModelRegistryInvalidRenderer(address(renderer_));
        }
        _RENDERER = renderer_;
        _VAULT = vault;
        // A vault without code, or one that does not know its receivers, fails here.
        _RECEIVER = address(vault) == address(0) ? address(0) : vault.receiverImplementation();
    }

    /// @inheritdoc IModelRegistry
    function setTokenURI(uint256 tokenId, bytes32 pointer) external {
        _checkAuthorized(_ownerOf(tokenId), msg.sender, tokenId);
        if (pointer == ON_CHAIN) _requireRenderer();
        _pointers[tokenId] = pointer;
        emit MetadataUpdate(tokenId);
    }

    /// @notice Returns who is owed what for a sale: the token's royalty, rounded down, to its receiver. Nobody for an unknown token.
    ///
    /// IMPORTANT: ERC-2981 only tells what is owed. No contract makes a market pay it.
    /// @inheritdoc IERC2981
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 royaltyAmount) {
        ModelFacts facts = _factsOf(tokenId);
        if (!_isStored(facts)) return (address(0), 0);
        receiver =
            _RECEIVER == address(0) ? facts.creatorOf() : RoyaltyReceivers.predict(address(_VAULT), _RECEIVER, address(this), tokenId);
        royaltyAmount = Math.mulDiv(salePrice, facts.royaltyBpsOf(), _WHOLE_BPS);
    }

    /// @inheritdoc IERC4883
    function renderTokenById(uint256 tokenId) external view returns (string memory body) {
        _requireOwned(tokenId);
        return _requireRenderer().renderTokenById(address(this), tokenId);
    }

    /// @inheritdoc IModelRegistry
    function contractURI() external view returns (string memory uri) {
        return address(_RENDERER) == address(0) ? "" : _RENDERER.contractURI(address(this));
    }

    /// @inheritdoc IModelRegistry
    function renderer() external view returns (IModelRenderer) {
        return _RENDERER;
    }

    /// @inheritdoc IModelRegistry
    function royaltyVault() external view returns (IRoyaltyVault) {
        return _VAULT;
    }

    /// @notice Returns where the record is: `ipfs://` with the content id built from the record digest; `ar://` or a data URI after
    /// {setTokenURI}.
    /// @inheritdoc IERC721Metadata
    function tokenURI(uint256 tokenId) public view override(ERC721, IERC721Metadata) returns (string memory) {
        _storedFacts(tokenId);
        bytes32 pointer = _pointers[tokenId];
        if (pointer == 0) return ContentURI.ipfs(_recordDigestOf(tokenId));
        return pointer == ON_CHAIN ? _RENDERER.tokenURI(address(this), tokenId) : ContentURI.arweave(pointer);
    }

    function _requireRenderer() private view returns (IModelRenderer) {
        if (address(_RENDERER) == address(0)) revert ModelRegistryNoRenderer();
        return _RENDERER;
    }
}
