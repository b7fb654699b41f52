// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conflict} from "../types/LicenseFlags.sol";
import {ModelInput} from "../types/ModelTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title Derivatives under their parents' terms
/// @notice Lets a model into a curated collection when each parent it names allows it: by its licence, in the reading that this gate
/// follows; or by a grant to the model's creator; or because the parent is by the same creator. The collection's authority gives this contract, and nobody
/// else, the right to submit mints.
///
/// IMPORTANT: a parent that a creator keeps quiet about is not seen. What the parents' licences say is somebody's reading of them.
interface IDerivativeGate {
    /// @notice The parent's licence does not allow the child's, and the creator has no grant.
    error DerivativeGateConflict(uint256 index, Conflict conflict);

    /// @notice The parent is on another chain, where nobody here can look.
    error DerivativeGateOutOfSight(uint256 index);

    /// @notice Mints with the creator's signature, as the registry's function of this name, if the parents allow it. Anyone may call.
    function mintProvenanceNFT(IModelRegistry registry, address to, ModelInput calldata model, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 tokenId);

    /// @notice Returns why a parent does not allow a model, or `None`. Reverts for a parent on another chain, and for one whose statement is
    /// not in storage.
    function conflictOf(IModelRegistry registry, ModelInput calldata model, uint256 index) external view returns (Conflict conflict);

    /// @notice Returns whose reading of licences counts.
    function reader() external view returns (address);
}
