// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parent} from "../types/ModelTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title What a picture shows of a token beside what its registry stores: names that its creator gave, a depth that anybody proved
/// @notice A registry stores digests, and a name on a marketplace has to come from somewhere. A creator gives a token its name, family and
/// number of parameters once, for good, so that nothing is renamed after a sale. The depth is no claim: it follows from the parents that
/// the token's id commits to.
///
/// IMPORTANT: names are the creator's words and nobody else's. Anybody can call a model by a famous name: look at who the creator is.
interface IModelLabels {
    /// @notice What a creator calls a model. Empty and zero for what the creator did not say.
    /// @param parameters How many parameters the model has.
    struct Label {
        string name;
        string family;
        uint64 parameters;
    }

    /// @notice Emitted when a creator names a token.
    event Labelled(address indexed registry, uint256 indexed tokenId, string name, string family, uint64 parameters);

    /// @notice Emitted when a token's depth is proven for the first time.
    event DepthProven(address indexed registry, uint256 indexed tokenId, uint16 depth);

    /// @notice The caller is neither the token's creator nor a delegate of the creator.
    error ModelLabelsNotCreator(address caller, address creator);

    /// @notice The token has its names.
    error ModelLabelsAlreadyLabelled(uint256 tokenId);

    /// @notice The token would have no name, or one that is too long, or too long a family.
    error ModelLabelsInvalidLength(uint256 name, uint256 family);

    /// @notice Licence and parents are not those that the token's id commits to.
    error ModelLabelsNotTheStatement(uint256 tokenId);

    /// @notice The depth of this parent is not known yet: prove it first.
    error ModelLabelsUnknownDepth(uint256 parentId);

    /// @notice Names a token, once. Only its creator or a delegate. Afterwards `setTokenURI` tells marketplaces that there is news.
    /// @param label The name has 1 to 64 bytes, the family at most 32.
    function setLabel(IModelRegistry registry, uint256 tokenId, Label calldata label) external;

    /// @notice Proves how many generations of the same registry stand above a token. Anyone may call: `multicall` from the root down.
    ///
    /// Parents in other registries do not count: nothing about them was checked.
    /// @param license keccak256 of the licence's SPDX expression.
    /// @param parents The parents that the token was minted with.
    /// @return depth 0 without local parents, else one more than the deepest of them.
    function proveDepth(IModelRegistry registry, uint256 tokenId, bytes32 license, Parent[] calldata parents)
        external
        returns (uint16 depth);

    /// @notice Returns what a token's creator calls it.
    function labelOf(address registry, uint256 tokenId) external view returns (Label memory label);

    /// @notice Returns a token's depth, and whether it was proven.
    function depthOf(address registry, uint256 tokenId) external view returns (bool known, uint16 depth);
}
