// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseBook} from "./interfaces/ILicenseBook.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ContentURI} from "./libraries/ContentURI.sol";
import {CreatorSignature} from "./libraries/CreatorSignature.sol";
import {MintAuth} from "./libraries/MintAuth.sol";
import {ModelId} from "./libraries/ModelId.sol";
import {ModelDescription, ModelFacts, ModelRecord, newFacts} from "./types/ModelRecord.sol";
import {ModelData, ModelInput, Parent, Relation} from "./types/ModelTypes.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Provenance tokens of AI models
/// @dev No proxy, no owner, no burn: what is written about a model stays. With an authority the collection is curated: an
/// AccessManager decides who may submit mints, and nothing else. The creator's consent is needed in either shape.
contract ModelRegistry is IModelRegistry, ERC721, EIP712 {
    uint16 private constant _MAX_ROYALTY_BPS = 1000;
    uint16 private constant _WHOLE_BPS = 10_000;
    uint256 private constant _MAX_PARENTS = 16;

    /// @dev ERC-4906 has no functions, so that its identifier is fixed by its text.
    bytes4 private constant _ERC4906 = 0x49064906;

    address private immutable _AUTHORITY;
    ILicenseBook private immutable _LICENSES;

    mapping(uint256 tokenId => ModelRecord) private _records;
    mapping(uint256 tokenId => ModelDescription) private _descriptions;
    mapping(uint256 tokenId => bytes32) private _arweaveIds;

    /// @dev Zero for the first token of a series.
    mapping(uint256 tokenId => bytes32) private _series;

    /// @dev Tokens of the series after its first.
    mapping(bytes32 series => uint64) private _laterVersions;

    constructor(string memory name, string memory symbol, address authority_, ILicenseBook book)
        ERC721(name, symbol)
        EIP712("modelmark", "1")
    {
        if (authority_ != address(0) && authority_.code.length == 0) revert ModelRegistryInvalidAuthority(authority_);
        if (address(book).code.length == 0) revert ModelRegistryInvalidLicenseBook(address(book));
        _AUTHORITY = authority_;
        _LICENSES = book;
    }

    /// @inheritdoc IModelRegistry
    function mintProvenanceNFT(address to, ModelInput calldata model) external returns (uint256 tokenId) {
        if (msg.sender != model.creator) revert ModelRegistryNotCreator(msg.sender, model.creator);
        return _mintModel(to, model, msg.sender, ModelId.hashParents(model.parents));
    }

    /// @inheritdoc IModelRegistry
    function mintProvenanceNFT(address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId)
    {
        if (block.timestamp > deadline) revert ModelRegistryExpiredSignature(deadline);
        bytes32 parentsHash = ModelId.hashParents(model.parents);
        bytes32 digest = _hashTypedDataV4(MintAuth.hash(to, model, parentsHash, deadline));
        if (!CreatorSignature.isValid(model.creator, digest, signature)) revert ModelRegistryInvalidSignature(model.creator);
        return _mintModel(to, model, model.creator, parentsHash);
    }

    /// @inheritdoc IModelRegistry
    function setTokenURI(uint256 tokenId, bytes32 arweaveId) external {
        _checkAuthorized(_ownerOf(tokenId), msg.sender, tokenId);
        _arweaveIds[tokenId] = arweaveId;
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc IModelRegistry
    function decreaseRoyalty(uint256 tokenId, uint16 bps) external {
        _requireOwned(tokenId);
        ModelFacts facts = _records[tokenId].facts;
        if (msg.sender != facts.creatorOf()) revert ModelRegistryNotCreator(msg.sender, facts.creatorOf());
        uint16 current = facts.royaltyBpsOf();
        if (bps >= current) revert ModelRegistryRoyaltyNotDecreased(current, bps);
        _records[tokenId].facts = facts.withRoyalty(bps);
        emit RoyaltyDecreased(tokenId, current, bps);
    }

    /// @inheritdoc IModelRegistry
    function getModelData(uint256 tokenId) external view returns (ModelData memory data) {
        _requireOwned(tokenId);
        ModelRecord storage modelRecord = _records[tokenId];
        ModelDescription storage description = _descriptions[tokenId];
        ModelFacts facts = modelRecord.facts;
        data.weightsDigest = modelRecord.weightsDigest;
        data.recordDigest = modelRecord.recordDigest;
        data.datasetDigest = description.datasetDigest;
        data.architectureDigest = description.architectureDigest;
        data.framework = description.framework;
        data.metrics = description.metrics;
        data.creator = facts.creatorOf();
        data.mintedAt = facts.mintedAtOf();
        data.licenseId = facts.licenseIdOf();
        data.kind = facts.kindOf();
        data.status = facts.statusOf();
        data.royaltyBps = facts.royaltyBpsOf();
    }

    /// @inheritdoc IModelRegistry
    function viewLicense(uint256 tokenId) external view returns (string memory spdx, string memory uri) {
        _requireOwned(tokenId);
        return _LICENSES.get(_records[tokenId].facts.licenseIdOf());
    }

    /// @notice Returns who is owed what for a sale: the creator, by the token's royalty, rounded down. Nobody for an unknown token.
    ///
    /// IMPORTANT: ERC-2981 only tells what is owed. No contract makes a market pay it.
    /// @inheritdoc IERC2981
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 royaltyAmount) {
        ModelFacts facts = _records[tokenId].facts;
        return (facts.creatorOf(), Math.mulDiv(salePrice, facts.royaltyBpsOf(), _WHOLE_BPS));
    }

    /// @inheritdoc IModelRegistry
    function seriesOf(uint256 tokenId) external view returns (bytes32 series) {
        _requireOwned(tokenId);
        return _seriesOf(tokenId);
    }

    /// @inheritdoc IModelRegistry
    function versionCount(bytes32 series) external view returns (uint64 versions) {
        uint256 first = uint256(series);
        if (_ownerOf(first) == address(0) || _series[first] != 0) return 0;
        return _laterVersions[series] + 1;
    }

    /// @inheritdoc IModelRegistry
    function tokenIdOf(ModelInput calldata model) external pure returns (uint256 tokenId) {
        return ModelId.tokenId(model, ModelId.hashParents(model.parents));
    }

    /// @inheritdoc IModelRegistry
    function mintAuthDigest(address to, ModelInput calldata model, uint256 deadline) external view returns (bytes32 digest) {
        return _hashTypedDataV4(MintAuth.hash(to, model, ModelId.hashParents(model.parents), deadline));
    }

    /// @inheritdoc IModelRegistry
    function authority() external view returns (address) {
        return _AUTHORITY;
    }

    /// @inheritdoc IModelRegistry
    function licenseBook() external view returns (ILicenseBook) {
        return _LICENSES;
    }

    /// @notice Returns where the record is: `ipfs://` with the content id built from the record digest, or `ar://` after {setTokenURI}.
    /// @inheritdoc IERC721Metadata
    function tokenURI(uint256 tokenId) public view override(ERC721, IERC721Metadata) returns (string memory) {
        _requireOwned(tokenId);
        bytes32 arweaveId = _arweaveIds[tokenId];
        return arweaveId == 0 ? ContentURI.ipfs(_records[tokenId].recordDigest) : ContentURI.arweave(arweaveId);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == _ERC4906 || interfaceId == type(IERC2981).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev Mints after the creator's consent was established. Calls nobody's code but the authority's and the licence book's, both
    /// fixed at deployment, and both before the first write: `_mint`, unlike `_safeMint`, does not call the recipient.
    function _mintModel(address to, ModelInput calldata model, address creator, bytes32 parentsHash) private returns (uint256 tokenId) {
        if (_AUTHORITY != address(0)) _checkSubmitter();
        bytes32 weightsDigest = model.weightsDigest;
        bytes32 recordDigest = model.recordDigest;
        if (weightsDigest == 0 || recordDigest == 0) revert ModelRegistryMissingDigest();
        if (model.royaltyBps > _MAX_ROYALTY_BPS) revert ModelRegistryRoyaltyTooHigh(model.royaltyBps, _MAX_ROYALTY_BPS);
        uint24 licenseId = _LICENSES.idOf(model.license);
        if (licenseId == 0) revert ModelRegistryUnknownLicense(model.license);

        tokenId = ModelId.tokenId(model, parentsHash);
        if (_ownerOf(tokenId) != address(0)) revert ModelRegistryAlreadyMinted(tokenId);
        _mint(to, tokenId);
        ModelRecord storage modelRecord = _records[tokenId];
        modelRecord.weightsDigest = weightsDigest;
        modelRecord.recordDigest = recordDigest;
        modelRecord.facts = newFacts(creator, block.timestamp, licenseId, model.kind, model.royaltyBps);
        emit ModelInitialized(tokenId, creator, weightsDigest, recordDigest, licenseId, model.kind);
        emit ProvenanceDataRecorded(tokenId, recordDigest, "");
        _describe(tokenId, model);
        if (parentsHash != 0) _linkParents(tokenId, creator, model.parents);
    }

    /// @dev Roles with an execution delay submit signed mints through `AccessManager.execute`, which this check sees as allowed.
    function _checkSubmitter() private view {
        (bool allowed,) = AuthorityUtils.canCallWithDelay(_AUTHORITY, msg.sender, address(this), msg.sig);
        if (!allowed) revert ModelRegistryUnauthorizedSubmitter(msg.sender);
    }

    function _describe(uint256 tokenId, ModelInput calldata model) private {
        if (model.datasetDigest | model.architectureDigest | model.framework | model.metrics == 0) return;
        if (!_isShortString(model.framework)) revert ModelRegistryInvalidFramework(model.framework);
        ModelDescription storage description = _descriptions[tokenId];
        if (model.datasetDigest != 0) description.datasetDigest = model.datasetDigest;
        if (model.architectureDigest != 0) description.architectureDigest = model.architectureDigest;
        if (model.framework != 0) description.framework = model.framework;
        if (model.metrics != 0) description.metrics = model.metrics;
    }

    /// @dev Says whether a word is zero or text of at most 31 bytes, its length in the last byte and nothing between.
    function _isShortString(bytes32 word) private pure returns (bool) {
        uint256 length = uint256(word) & 0xff;
        return length < 32 && (uint256(word) - length) << (8 * length) == 0;
    }

    /// @dev A parent has to be there before its child, and the child's id commits to its parents: the graph has no cycle.
    function _linkParents(uint256 tokenId, address creator, Parent[] calldata parents) private {
        uint256 length = parents.length;
        if (length > _MAX_PARENTS) revert ModelRegistryTooManyParents(length, _MAX_PARENTS);
        uint256 shareBps = 0;
        uint256 lastPlace = 0;
        uint256 lastId = 0;
        for (uint256 i = 0; i < length; ++i) {
            Parent memory parent = parents[i];
            uint256 place = uint256(parent.chainId) << 160 | uint160(parent.registry);
            if (place <= lastPlace && i != 0 && (place != lastPlace || parent.tokenId <= lastId)) revert ModelRegistryUnorderedParents(i);
            lastPlace = place;
            lastId = parent.tokenId;
            shareBps += parent.shareBps;
            if (place == 0) _linkParent(tokenId, creator, parent);
            else _claimParent(tokenId, parent, i);
        }
        if (shareBps > _WHOLE_BPS) revert ModelRegistrySharesTooHigh(shareBps);
    }

    function _linkParent(uint256 tokenId, address creator, Parent memory parent) private {
        address parentOwner = _ownerOf(parent.tokenId);
        if (parentOwner == address(0)) revert ModelRegistryUnknownParent(parent.tokenId);
        emit ModelFineTuned(tokenId, parent.tokenId, parent.relation, parent.shareBps, parent.evidence);
        if (parent.relation == Relation.Version) _continueSeries(tokenId, creator, parent.tokenId, parentOwner);
    }

    function _claimParent(uint256 tokenId, Parent memory parent, uint256 index) private {
        bool aliased = parent.chainId == block.chainid && parent.registry == address(this);
        if (parent.chainId == 0 || parent.registry == address(0) || aliased) revert ModelRegistryMisplacedParent(index);
        emit ExternalParentClaimed(
            tokenId, parent.chainId, parent.registry, parent.tokenId, parent.relation, parent.shareBps, parent.evidence
        );
    }

    function _continueSeries(uint256 tokenId, address creator, uint256 previous, address previousOwner) private {
        bool author = creator == previousOwner || creator == _records[previous].facts.creatorOf();
        if (!author) revert ModelRegistryNotSeriesAuthor(creator, previous);
        if (_series[tokenId] != 0) revert ModelRegistrySeveralPreviousVersions(tokenId);
        bytes32 series = _seriesOf(previous);
        uint64 later = _laterVersions[series] + 1;
        _laterVersions[series] = later;
        _series[tokenId] = series;
        emit ModelVersionMinted(tokenId, series, later + 1, previous);
    }

    function _seriesOf(uint256 tokenId) private view returns (bytes32 series) {
        series = _series[tokenId];
        return series == 0 ? bytes32(tokenId) : series;
    }
}
