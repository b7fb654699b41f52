// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelId} from "../../src/libraries/ModelId.sol";
import {Kind, ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";

contract ModelIdTest is Base {
    function parentsHash(Parent[] calldata parents) external pure returns (bytes32) {
        return ModelId.hashParents(parents);
    }

    /// @dev The plain twin of the assembly in {ModelId-hashParents}.
    function plainParentsHash(Parent[] calldata parents) external pure returns (bytes32) {
        return parents.length == 0 ? bytes32(0) : keccak256(abi.encode(parents));
    }

    function test_ParentsHash_OfNoneIsZero() public view {
        assertEq(this.parentsHash(new Parent[](0)), bytes32(0), "hash");
    }

    function testFuzz_ParentsHash_IsThatOfTheEncoding(uint256 seed, uint256 count) public view {
        Parent[] memory parents = new Parent[](bound(count, 0, 16));
        for (uint256 i = 0; i < parents.length; ++i) {
            uint256 noise = uint256(keccak256(abi.encode(seed, i)));
            parents[i] = Parent({
                chainId: uint64(noise),
                registry: address(uint160(noise >> 64)),
                tokenId: uint256(keccak256(abi.encode(noise))),
                relation: Relation(noise % 8),
                shareBps: uint16(noise >> 224),
                evidence: bytes32(noise)
            });
        }
        assertEq(this.parentsHash(parents), this.plainParentsHash(parents), "hash");
    }

    /// @dev The plain twin of the assembly in {ModelId-tokenId}.
    function testFuzz_TokenId_IsTheHashOfTheEncoding(bytes32 noise, uint8 kind, address author, bytes32 parentsHash_) public pure {
        Kind kind_ = Kind(kind % (uint8(type(Kind).max) + 1));
        (bytes32 weights, bytes32 record, bytes32 license) = (keccak256(abi.encode(noise)), ~noise, noise);
        bytes32 plain = keccak256(abi.encode(ModelId.TYPEHASH, weights, record, parentsHash_, license, kind_, author));
        assertEq(ModelId.tokenId(weights, record, parentsHash_, license, kind_, author), uint256(plain), "id");
    }

    function test_TokenId_TypehashIsThatOfItsFields() public pure {
        string memory type_ =
            "Model(bytes32 weightsDigest,bytes32 recordDigest,bytes32 parentsHash,bytes32 license,uint8 kind,address creator)";
        assertEq(ModelId.TYPEHASH, keccak256(bytes(type_)), "typehash");
    }

    /// @dev Everything that makes a statement moves the id; what merely describes it does not.
    function testFuzz_TokenId_BindsTheStatement(uint256 which, bytes32 noise) public view {
        vm.assume(noise != 0);
        ModelInput memory model = childOf(1, 42, Relation.FineTune);
        uint256 id = registry.tokenIdOf(model);
        which = bound(which, 0, 11);
        if (which == 0) model.weightsDigest ^= noise;
        if (which == 1) model.recordDigest ^= noise;
        if (which == 2) model.license ^= noise;
        if (which == 3) model.kind = Kind.Dataset;
        if (which == 4) model.creator = address(uint160(model.creator) ^ 1);
        if (which == 5) model.parents[0].tokenId ^= uint256(noise);
        if (which == 6) model.parents = new Parent[](0);
        if (which == 7) model.datasetDigest = noise;
        if (which == 8) model.architectureDigest = noise;
        if (which == 9) model.framework = noise;
        if (which == 10) model.metrics = noise;
        if (which == 11) model.royaltyBps += 1;
        assertTrue((registry.tokenIdOf(model) == id) == (which >= 7), "id");
    }
}
