// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseBook} from "../interfaces/ILicenseBook.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {CommonLicenses} from "../libraries/CommonLicenses.sol";
import {ModelId} from "../libraries/ModelId.sol";
import {ModelDescription, ModelFacts, ModelRecord, newFacts} from "../types/ModelRecord.sol";
import {ModelData, ModelInput, Status} from "../types/ModelTypes.sol";
import {Delegates} from "./Delegates.sol";
import {Holding} from "./Holding.sol";

/// @title What creators stated about models, and what only they can still change: a lower royalty, a warning
abstract contract Statements is Holding, Delegates {
    uint16 private constant _MAX_ROYALTY_BPS = 1000;

    ILicenseBook private immutable _LICENSES;

    mapping(uint256 tokenId => ModelRecord) private _records;
    mapping(uint256 tokenId => ModelDescription) private _descriptions;

    constructor(ILicenseBook book) {
        if (address(book).code.length == 0) revert ModelRegistryInvalidLicenseBook(address(book));
        string[8] memory texts = CommonLicenses.texts();
        for (uint24 i = 0; i < texts.length; ++i) {
            if (book.idOf(keccak256(bytes(texts[i]))) != i + 1) revert ModelRegistryInvalidLicenseBook(address(book));
        }
        _LICENSES = book;
    }

    /// @inheritdoc IModelRegistry
    function decreaseRoyalty(uint256 tokenId, uint16 bps) external {
        ModelFacts facts = _storedFacts(tokenId);
        _checkActsFor(facts.creatorOf());
        uint16 current = facts.royaltyBpsOf();
        if (bps >= current) revert ModelRegistryRoyaltyNotDecreased(current, bps);
        _records[tokenId].facts = facts.withRoyalty(bps);
        emit RoyaltyDecreased(tokenId, current, bps);
    }

    /// @inheritdoc IModelRegistry
    function setStatus(uint256 tokenId, Status status, bytes32 reason) external {
        ModelFacts facts = _storedFacts(tokenId);
        _checkActsFor(facts.creatorOf());
        Status current = facts.statusOf();
        if (status <= current || status > Status.Recalled) revert ModelRegistryStatusNotForward(current, status);
        _records[tokenId].facts = facts.withStatus(status);
        emit StatusChanged(tokenId, current, status, reason);
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc IModelRegistry
    function store(ModelInput calldata model) external returns (uint256 tokenId) {
        tokenId = ModelId.tokenId(model, ModelId.hashParents(model.parents));
        _requireOwned(tokenId);
        if (_isStored(_factsOf(tokenId))) revert ModelRegistryAlreadyStored(tokenId);
        _checkBare(model);
        // When it was minted is in the log only.
        _store(tokenId, model, model.creator, 0, _licenseOf(model));
        emit ModelStored(tokenId);
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc IModelRegistry
    function publishRecord(uint256 tokenId, bytes calldata record) external {
        _storedFacts(tokenId);
        bytes32 recordDigest = _recordDigestOf(tokenId);
        if (sha256(record) != recordDigest) revert ModelRegistryRecordMismatch(tokenId, recordDigest);
        emit ProvenanceDataRecorded(tokenId, recordDigest, record);
    }

    /// @inheritdoc IModelRegistry
    function getModelData(uint256 tokenId) external view returns (ModelData memory data) {
        ModelFacts facts = _storedFacts(tokenId);
        ModelRecord storage modelRecord = _records[tokenId];
        ModelDescription storage description = _descriptions[tokenId];
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
    function creatorOf(uint256 tokenId) external view returns (address creator) {
        return _storedFacts(tokenId).creatorOf();
    }

    /// @inheritdoc IModelRegistry
    function viewLicense(uint256 tokenId) external view returns (string memory spdx, string memory uri) {
        return _LICENSES.get(_storedFacts(tokenId).licenseIdOf());
    }

    /// @inheritdoc IModelRegistry
    function licenseBook() external view returns (ILicenseBook) {
        return _LICENSES;
    }

    /// @dev Returns the number of a statement's licence. May call the licence book, so it comes before the first write. The common ones
    /// are in no book under other numbers: the constructor looked.
    function _licenseOf(ModelInput calldata model) internal view returns (uint24 licenseId) {
        licenseId = CommonLicenses.idOf(model.license);
        if (licenseId != 0) return licenseId;
        licenseId = _LICENSES.idOf(model.license);
        if (licenseId == 0) revert ModelRegistryUnknownLicense(model.license);
    }

    function _store(uint256 tokenId, ModelInput calldata model, address creator, uint256 mintedAt, uint24 licenseId) internal {
        if (model.royaltyBps > _MAX_ROYALTY_BPS) revert ModelRegistryRoyaltyTooHigh(model.royaltyBps, _MAX_ROYALTY_BPS);
        ModelRecord storage modelRecord = _records[tokenId];
        modelRecord.weightsDigest = model.weightsDigest;
        modelRecord.recordDigest = model.recordDigest;
        modelRecord.facts = newFacts(creator, mintedAt, licenseId, model.kind, model.royaltyBps);
    }

    function _describe(uint256 tokenId, ModelInput calldata model) internal {
        if (model.datasetDigest | model.architectureDigest | model.framework | model.metrics == 0) return;
        if (!_isShortString(model.framework)) revert ModelRegistryInvalidFramework(model.framework);
        ModelDescription storage description = _descriptions[tokenId];
        if (model.datasetDigest != 0) description.datasetDigest = model.datasetDigest;
        if (model.architectureDigest != 0) description.architectureDigest = model.architectureDigest;
        if (model.framework != 0) description.framework = model.framework;
        if (model.metrics != 0) description.metrics = model.metrics;
    }

    /// @dev Refuses what the id does not commit to: nobody could prove it to {store} later.
    function _checkBare(ModelInput calldata model) internal pure {
        bytes32 described = model.datasetDigest | model.architectureDigest | model.framework | model.metrics;
        if (described != 0 || model.royaltyBps != 0) revert ModelRegistryNotBare();
    }

    /// @dev Returns a token's facts, which are not zero: a creator never is.
    function _storedFacts(uint256 tokenId) internal view returns (ModelFacts facts) {
        facts = _factsOf(tokenId);
        if (_isStored(facts)) return facts;
        _requireOwned(tokenId);
        revert ModelRegistryNotStored(tokenId);
    }

    function _factsOf(uint256 tokenId) internal view returns (ModelFacts facts) {
        return _records[tokenId].facts;
    }

    function _recordDigestOf(uint256 tokenId) internal view returns (bytes32) {
        return _records[tokenId].recordDigest;
    }

    function _isStored(ModelFacts facts) internal pure returns (bool) {
        return ModelFacts.unwrap(facts) != 0;
    }

    /// @dev Says whether a word is zero or text of at most 31 bytes, its length in the last byte and nothing between.
    function _isShortString(bytes32 word) private pure returns (bool) {
        uint256 length = uint256(word) & 0xff;
        return length < 32 && (uint256(word) - length) << (8 * length) == 0;
    }
}
