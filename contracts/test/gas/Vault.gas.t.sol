// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Ancestor, NATIVE, Payee} from "../../src/types/RoyaltyTypes.sol";
import {VaultBase} from "../vault/VaultBase.sol";

/// @dev What money costs on its way through the vault. "First" is into slots that were empty.
contract VaultGasTest is VaultBase {
    string private constant _GROUP = "LineageVault";

    function test_In() public {
        ModelInput memory model = rootOf(ANNA, 1);
        address receiver = vault.receiverOf(address(registry), idOf(model));
        token.mint(receiver, 1 ether);
        vm.deal(receiver, 1 ether);
        vault.collect(address(registry), idOf(model), NATIVE);
        vm.snapshotGasLastCall(_GROUP, "collect: first, deploys the receiver");
        vm.deal(receiver, 1 ether);
        vault.collect(address(registry), idOf(model), NATIVE);
        vm.snapshotGasLastCall(_GROUP, "collect: next");
        vault.collect(address(registry), idOf(model), address(token));
        vm.snapshotGasLastCall(_GROUP, "collect: first of a token");
        model = rootOf(ANNA, 2);
        pay(model, NATIVE, 1 ether);
        vm.snapshotGasLastCall(_GROUP, "pay: first");
        pay(model, NATIVE, 1 ether);
        vm.snapshotGasLastCall(_GROUP, "pay: next");
    }

    function test_Distribute() public {
        uint256[4] memory counts = [uint256(0), 1, 4, 16];
        string[4] memory names = ["no parents", "1 parent", "4 parents", "16 parents"];
        for (uint256 i = 0; i < 4; ++i) {
            ModelInput memory model = childOfMany(ANNA, counts[i]);
            pay(model, NATIVE, 1 ether);
            distribute(model, NATIVE);
            vm.snapshotGasLastCall(_GROUP, string.concat("distribute: ", names[i], ", first"));
            pay(model, NATIVE, 1 ether);
            distribute(model, NATIVE);
            vm.snapshotGasLastCall(_GROUP, string.concat("distribute: ", names[i], ", next"));
        }
    }

    function test_Stack() public {
        ModelInput memory model = rootOf(ANNA, 0);
        Ancestor[] memory stack = declare(model, new Ancestor[][](0));
        vm.snapshotGasLastCall(_GROUP, "declareStack: no ancestors");
        for (uint256 i = 1; i < 16; ++i) {
            model = childOf(ANNA, i, model, 100);
            Ancestor[][] memory inherited = new Ancestor[][](1);
            inherited[0] = stack;
            stack = declare(model, inherited);
        }
        vm.snapshotGasLastCall(_GROUP, "declareStack: 15 ancestors");
        pay(model, NATIVE, 1 ether);
        distribute(model, NATIVE);
        vm.snapshotGasLastCall(_GROUP, "distribute: 15 ancestors, first");
        serve(idOf(model), stack, 15);
        vm.snapshotGasLastCall(_GROUP, "distributeStack: 15 ancestors, first");
        pay(model, NATIVE, 1 ether);
        distribute(model, NATIVE);
        vm.snapshotGasLastCall(_GROUP, "distribute: 15 ancestors, next");
        serve(idOf(model), stack, 1);
        vm.snapshotGasLastCall(_GROUP, "distributeStack: 1 of 15 ancestors, next");
        serve(idOf(model), stack, 15);
        vm.snapshotGasLastCall(_GROUP, "distributeStack: 15 ancestors, next");
    }

    function test_Out() public {
        ModelInput memory model = rootOf(creator, 1);
        pay(model, NATIVE, 1 ether);
        pay(model, address(token), 1 ether);
        distribute(model, NATIVE);
        distribute(model, address(token));
        vm.prank(creator);
        vault.withdraw(NATIVE, holder);
        vm.snapshotGasLastCall(_GROUP, "withdraw: to a fresh account");
        vm.prank(creator);
        vault.withdraw(address(token), holder);
        vm.snapshotGasLastCall(_GROUP, "withdraw: a token, to a fresh account");
    }

    function test_SetPayees() public {
        uint256 id = mint(rootOf(creator, 1));
        Payee[] memory payees = payees2(ANNA, 5000, BERT);
        vm.prank(creator);
        vault.setPayees(registry, id, payees, false);
        vm.snapshotGasLastCall(_GROUP, "setPayees: two");
    }

    function serve(uint256 id, Ancestor[] memory stack, uint256 count) private {
        uint256[] memory which = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            which[i] = i;
        }
        vault.distributeStack(address(registry), id, NATIVE, stack, which);
    }

    function childOfMany(address author, uint256 count) private view returns (ModelInput memory) {
        Parent[] memory parents = new Parent[](count);
        for (uint256 i = 0; i < count; ++i) {
            parents[i] = localParent(uint256(keccak256(abi.encode(count, i))), Relation.Merge, 100);
        }
        return modelOf(author, 100 + count, parents);
    }
}
