// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseBook} from "../src/LicenseBook.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRenderer} from "../src/interfaces/IModelRenderer.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {Kind, ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {Vm} from "./Vm.sol";

/// @dev What every test contract starts from: the cheat codes, the assertions, an open collection and a model to mint.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 internal constant APACHE = keccak256("Apache-2.0");
    bytes4 internal constant DIRECT_MINT = bytes4(
        keccak256(
            "mintProvenanceNFT(address,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint8,uint16,address,(uint64,address,uint256,uint8,uint16,bytes32)[]))"
        )
    );
    uint256 internal constant CREATOR_KEY = 0xc0ffee;
    uint256 internal constant NOW = 1_800_000_000;

    LicenseBook internal book;
    ModelRegistry internal registry;
    address internal creator = vm.addr(CREATOR_KEY);
    address internal stranger = address(0xbad);
    address internal holder = address(0x401de4);

    error AssertionFailed(string what, bytes actual, bytes expected);

    function setUp() public virtual {
        vm.warp(NOW);
        book = new LicenseBook();
        book.register("Apache-2.0", "");
        registry = newRegistry("modelmark", "MARK", address(0));
    }

    /// @dev A collection without a royalty vault and without a renderer.
    function newRegistry(string memory name, string memory symbol, address authority) internal returns (ModelRegistry) {
        return new ModelRegistry(name, symbol, authority, book, IRoyaltyVault(address(0)), IModelRenderer(address(0)));
    }

    /// @dev A model with every mandatory field and no descriptive one; `seed` makes it different from others.
    function exampleModel(uint256 seed) internal view returns (ModelInput memory model) {
        model.weightsDigest = keccak256(abi.encode("weights", seed));
        model.recordDigest = keccak256(abi.encode("record", seed));
        model.license = APACHE;
        model.kind = Kind.Model;
        model.royaltyBps = 500;
        model.creator = creator;
    }

    function childOf(uint256 seed, uint256 parentId, Relation relation) internal view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.parents = new Parent[](1);
        model.parents[0] = localParent(parentId, relation, 0);
    }

    function localParent(uint256 parentId, Relation relation, uint16 shareBps) internal pure returns (Parent memory) {
        return Parent({chainId: 0, registry: address(0), tokenId: parentId, relation: relation, shareBps: shareBps, evidence: bytes32(0)});
    }

    function externalParent(uint64 chainId, address registry_, uint256 parentId) internal pure returns (Parent memory) {
        return
            Parent({
                chainId: chainId, registry: registry_, tokenId: parentId, relation: Relation.FineTune, shareBps: 0, evidence: bytes32(0)
            });
    }

    /// @dev Mints as the model's creator, to the creator.
    function mint(ModelInput memory model) internal returns (uint256) {
        vm.prank(model.creator);
        return registry.mintProvenanceNFT(model.creator, model);
    }

    /// @dev Signs a mint with a key, whoever the model names as creator.
    function signMint(uint256 key, address to, ModelInput memory model, uint256 deadline) internal view returns (bytes memory) {
        return signature(key, registry.mintAuthDigest(to, model, deadline));
    }

    /// @dev The EIP-712 domain of one of our contracts, spelled out.
    function domainOf(address place) internal view returns (bytes32) {
        bytes32 type_ = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(type_, keccak256("modelmark"), keccak256("1"), block.chainid, place));
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The EIP-712 digest of a delegation, spelled out.
    function delegationDigest(address author, address who, bool allowed, uint256 nonce, uint256 deadline) internal view returns (bytes32) {
        bytes32 type_ = keccak256("Delegation(address creator,address delegate,bool allowed,uint256 nonce,uint256 deadline)");
        bytes32 typed = keccak256(abi.encode(type_, author, who, allowed, nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", domainOf(address(registry)), typed));
    }

    /// @dev A signature as the registry takes it from an ERC-7913 key.
    function keySignature(bytes memory key, bytes memory proof) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(key.length), key, proof);
    }

    /// @dev Returns what a call's data costs in a transaction: 4 for a zero byte, 16 for any other.
    function calldataGas(bytes memory data) internal pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert AssertionFailed(what, "", "");
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert AssertionFailed(what, abi.encode(actual), abi.encode(expected));
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        if (actual != expected) revert AssertionFailed(what, abi.encode(actual), abi.encode(expected));
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert AssertionFailed(what, abi.encode(actual), abi.encode(expected));
    }

    function assertEq(string memory actual, string memory expected, string memory what) internal pure {
        if (keccak256(bytes(actual)) != keccak256(bytes(expected))) revert AssertionFailed(what, bytes(actual), bytes(expected));
    }
}
