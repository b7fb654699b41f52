// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BatchAnchor} from "../../src/BatchAnchor.sol";
import {Priority} from "../../src/Priority.sol";
import {InclusionProof} from "../../src/libraries/InclusionProof.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";

/// @dev What anchors cost, claims at the depth of lists of a thousand, a hundred thousand and sixteen million entries.
contract AnchorGasTest is Base {
    string private constant _GROUP = "BatchAnchor";

    BatchAnchor private _anchors;

    function setUp() public override {
        super.setUp();
        _anchors = new BatchAnchor();
        vm.prank(creator);
        registry.setDelegate(address(_anchors), true);
        mint(exampleModel(0));
    }

    function test_Anchor() public {
        vm.prank(creator);
        _anchors.anchor(keccak256("root"), 1_000_000, keccak256("manifest"));
        vm.snapshotGasLastCall(_GROUP, "anchor: any number of entries");
    }

    function test_Claim() public {
        claim(10, "claim: depth 10, next token");
        claim(17, "claim: depth 17, next token");
        claim(24, "claim: depth 24, next token");
    }

    function test_Verify() public {
        (bytes32 root, bytes32[] memory proof) = path(24, "an entry of a list");
        vm.prank(creator);
        _anchors.anchor(root, uint64(1) << 24, 0);
        _anchors.verify(creator, root, 0, "an entry of a list", proof);
        vm.snapshotGasLastCall(_GROUP, "verify: depth 24 (view)");
    }

    function test_Commit() public {
        Priority priority = new Priority(_anchors);
        priority.commit(priority.commitmentOf(creator, exampleModel(1).weightsDigest, keccak256("salt")));
        vm.snapshotGasLastCall("Priority", "commit");
        vm.warp(NOW + 1);
        uint256 id = mint(exampleModel(1));
        priority.reveal(registry, id, keccak256("salt"));
        vm.snapshotGasLastCall("Priority", "reveal");
    }

    function claim(uint256 depth, string memory name) private {
        ModelInput memory model = exampleModel(depth);
        (bytes32 root, bytes32[] memory proof) = path(depth, _anchors.mintEntry(creator, model, type(uint256).max));
        vm.prank(creator);
        _anchors.anchor(root, uint64(1) << uint64(depth), 0);
        bytes memory call = abi.encodeCall(_anchors.claim, (registry, creator, model, type(uint256).max, root, 0, proof));
        if (depth == 24) vm.snapshotValue("Calldata", "claim: depth 24", calldataGas(call));
        vm.prank(stranger);
        _anchors.claim(registry, creator, model, type(uint256).max, root, 0, proof);
        vm.snapshotGasLastCall(_GROUP, name);
    }

    /// @dev A full tree of this depth with the entry at its first place, whose other leaves nobody has to know.
    function path(uint256 depth, bytes memory entry) private pure returns (bytes32 root, bytes32[] memory proof) {
        proof = new bytes32[](depth);
        root = InclusionProof.leafHash(entry);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = keccak256(abi.encode(i));
            root = sha256(bytes.concat(hex"01", root, proof[i]));
        }
    }
}
