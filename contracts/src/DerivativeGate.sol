// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDerivativeGate} from "./interfaces/IDerivativeGate.sol";
import {ILicenseTerms} from "./interfaces/ILicenseTerms.sol";
import {ILicensing} from "./interfaces/ILicensing.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {Conflict} from "./types/LicenseFlags.sol";
import {SCOPE_DERIVE} from "./types/LicenseTypes.sol";
import {ModelInput, Parent} from "./types/ModelTypes.sol";

/// @title Derivatives under their parents' terms
/// @dev One gate for each reader of licences; it keeps nothing, and serves any number of collections.
contract DerivativeGate is IDerivativeGate {
    ILicenseTerms private immutable _TERMS;
    ILicensing private immutable _LICENSING;
    address private immutable _READER;

    constructor(ILicenseTerms terms, ILicensing licensing, address reader_) {
        (_TERMS, _LICENSING, _READER) = (terms, licensing, reader_);
    }

    /// @inheritdoc IDerivativeGate
    function mintProvenanceNFT(IModelRegistry registry, address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId)
    {
        for (uint256 i = 0; i < model.parents.length; ++i) {
            Conflict conflict = conflictOf(registry, model, i);
            if (conflict != Conflict.None) revert DerivativeGateConflict(i, conflict);
        }
        return registry.mintProvenanceNFT(to, model, deadline, signature);
    }

    /// @inheritdoc IDerivativeGate
    function reader() external view returns (address) {
        return _READER;
    }

    /// @dev A parent of another registry on this chain is asked as one of the same; what such a registry says is its own.
    /// @inheritdoc IDerivativeGate
    function conflictOf(IModelRegistry registry, ModelInput calldata model, uint256 index) public view returns (Conflict conflict) {
        Parent calldata parent = model.parents[index];
        if (parent.chainId != 0) {
            if (parent.chainId != block.chainid) revert DerivativeGateOutOfSight(index);
            registry = IModelRegistry(parent.registry);
        }
        if (registry.creatorOf(parent.tokenId) == model.creator) return Conflict.None;
        (string memory spdx,) = registry.viewLicense(parent.tokenId);
        conflict = _TERMS.conflictOf(_READER, keccak256(bytes(spdx)), model.license);
        if (conflict != Conflict.None && _LICENSING.hasAccess(registry, parent.tokenId, model.creator, SCOPE_DERIVE)) {
            return Conflict.None;
        }
    }
}
