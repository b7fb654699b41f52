// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../../src/interfaces/ILineageVault.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {NATIVE, Payee} from "../../src/types/RoyaltyTypes.sol";
import {VaultBase} from "./VaultBase.sol";

contract PayeesTest is VaultBase {
    bytes private _model;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _model = abi.encode(rootOf(creator, 1));
        _id = mint(model());
    }

    function test_SetPayees_PaysThemInstead() public {
        Payee[] memory payees = payees2(ANNA, 3333, BERT);
        vm.expectEmit(address(vault));
        emit ILineageVault.PayeesSet(address(registry), _id, payees, false);
        set(creator, payees, false);
        (bytes32 hash, bool forGood) = vault.payeesOf(address(registry), _id);
        assertEq(hash, keccak256(abi.encode(payees)), "hash");
        assertTrue(!forGood, "for good");
        pay(model(), NATIVE, 10_000);
        bytes32 key = keyOf(model());
        vm.expectEmit(address(vault));
        emit ILineageVault.Earned(ANNA, key, NATIVE, 3316);
        vm.expectEmit(address(vault));
        emit ILineageVault.Earned(BERT, key, NATIVE, 6634);
        distribute(model(), NATIVE, payees);
        assertEq(vault.balanceOf(KEEPER, NATIVE), 50, "keeper");
        assertEq(vault.balanceOf(ANNA, NATIVE), 3316, "anna, rounded down");
        assertEq(vault.balanceOf(BERT, NATIVE), 6634, "bert, with the rest");
        assertEq(vault.balanceOf(creator, NATIVE), 0, "creator");
    }

    function test_SetPayees_CanBeTakenBackUntilItIsForGood() public {
        set(creator, payees2(ANNA, 1, BERT), false);
        set(creator, new Payee[](0), false);
        (bytes32 hash,) = vault.payeesOf(address(registry), _id);
        assertEq(hash, 0, "the creator alone");
        set(creator, payees2(BERT, 1, ANNA), true);
        (, bool forGood) = vault.payeesOf(address(registry), _id);
        assertTrue(forGood, "for good");
        vm.expectRevert(ILineageVault.LineageVaultPayeesFixed.selector);
        set(creator, new Payee[](0), false);
    }

    function test_SetPayees_ByADelegate() public {
        vm.prank(creator);
        registry.setDelegate(holder, true);
        set(holder, payees2(ANNA, 5000, BERT), false);
    }

    function test_SetPayees_ThirtyTwo() public {
        Payee[] memory payees = many(32);
        set(creator, payees, false);
        pay(model(), NATIVE, 1 ether);
        distribute(model(), NATIVE, payees);
        uint256 paid = vault.balanceOf(KEEPER, NATIVE);
        for (uint256 i = 0; i < 32; ++i) {
            paid += vault.balanceOf(payees[i].account, NATIVE);
        }
        assertEq(paid, 1 ether, "all of it");
    }

    function test_RevertWhen_ItIsNotTheCreator() public {
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultNotCreator.selector, stranger, _id));
        set(stranger, payees2(stranger, 5000, BERT), false);
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultNotCreator.selector, holder, _id));
        set(holder, payees2(holder, 5000, BERT), false);
    }

    function test_RevertWhen_TheStatementIsNotStored() public {
        ModelInput memory other = rootOf(creator, 2);
        other.royaltyBps = 0;
        vm.prank(creator);
        uint256 id = registry.mintLogOnly(creator, other);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotStored.selector, id));
        vm.prank(creator);
        vault.setPayees(registry, id, new Payee[](0), false);
    }

    function test_RevertWhen_ThePayeesAreNotWhole() public {
        Payee[] memory payees = payees2(ANNA, 5000, BERT);
        payees[1].bps = 4999;
        refused(payees);
        payees[1].bps = 5001;
        refused(payees);
        payees = payees2(ANNA, 10_000, BERT);
        refused(payees);
        payees = payees2(ANNA, 5000, NOBODY);
        refused(payees);
        refused(many(33));
    }

    function test_RevertWhen_OtherPayeesAreShown() public {
        Payee[] memory payees = payees2(ANNA, 5000, BERT);
        pay(model(), NATIVE, 10_000);
        bytes32 key = keyOf(model());
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongPayees.selector, key));
        distribute(model(), NATIVE, payees);
        set(creator, payees, false);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongPayees.selector, key));
        distribute(model(), NATIVE);
        payees[0].account = stranger;
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongPayees.selector, key));
        distribute(model(), NATIVE, payees);
    }

    function refused(Payee[] memory payees) private {
        vm.expectRevert(ILineageVault.LineageVaultInvalidPayees.selector);
        set(creator, payees, false);
    }

    function set(address by, Payee[] memory payees, bool forGood) private {
        vm.prank(by);
        vault.setPayees(registry, _id, payees, forGood);
    }

    function many(uint256 count) private pure returns (Payee[] memory payees) {
        payees = new Payee[](count);
        for (uint256 i = 0; i < count; ++i) {
            payees[i] = Payee(address(uint160(1000 + i)), i + 1 == count ? uint16(10_000 - 300 * i) : 300);
        }
    }

    function model() private view returns (ModelInput memory) {
        return abi.decode(_model, (ModelInput));
    }
}
