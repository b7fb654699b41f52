// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../../src/interfaces/ILineageVault.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {NATIVE} from "../../src/types/RoyaltyTypes.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";
import {VerifierMock} from "../mocks/VerifierMock.sol";
import {VaultBase} from "./VaultBase.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

contract AccountsTest is VaultBase {
    uint256 private constant _DEADLINE = NOW + 1 days;

    function test_Withdraw_SendsAllWhereTheAccountWants() public {
        owe(creator, NATIVE, 10_000);
        owe(creator, address(token), 10_000);
        vm.expectEmit(address(vault));
        emit ILineageVault.Withdrawn(creator, NATIVE, holder, 9950);
        vm.prank(creator);
        assertEq(vault.withdraw(NATIVE, holder), 9950, "amount");
        assertEq(holder.balance, 9950, "paid");
        assertEq(vault.balanceOf(creator, NATIVE), 0, "left");
        vm.prank(creator);
        vault.withdraw(address(token), holder);
        assertEq(token.balanceOf(holder), 9950, "tokens");
    }

    function test_RevertWhen_ThereIsNothing() public {
        owe(creator, NATIVE, 10_000);
        vm.startPrank(creator);
        vault.withdraw(NATIVE, holder);
        vm.expectRevert(ILineageVault.LineageVaultNothing.selector);
        vault.withdraw(NATIVE, holder);
        vm.expectRevert(ILineageVault.LineageVaultNothing.selector);
        vault.withdraw(address(token), holder);
        vm.stopPrank();
    }

    function test_RevertWhen_MoneyWouldBeLost() public {
        owe(creator, address(token), 10_000);
        vm.startPrank(creator);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultInvalidRecipient.selector, address(vault)));
        vault.withdraw(address(token), address(vault));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultInvalidRecipient.selector, address(0)));
        vault.withdraw(address(token), address(0));
        vm.stopPrank();
        owe(address(vault), address(token), 10_000);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultInvalidRecipient.selector, address(vault)));
        vault.withdrawFor(address(vault), address(token));
    }

    function test_WithdrawFor_PushesToContractsOnly() public {
        address account = address(new AccountMock());
        owe(account, NATIVE, 10_000);
        vm.prank(stranger);
        assertEq(vault.withdrawFor(account, NATIVE), 9950, "amount");
        assertEq(account.balance, 9950, "paid");
        owe(creator, NATIVE, 10_000);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultNoCode.selector, creator));
        vault.withdrawFor(creator, NATIVE);
    }

    function test_RevertWhen_TheAccountIsHostile() public {
        AccountMock account = new AccountMock();
        owe(address(account), NATIVE, 10_000);
        for (uint256 i = 1; i < 4; ++i) {
            account.behave(AccountMock.Behaviour(i));
            vm.expectRevert();
            vault.withdrawFor{gas: 5_000_000}(address(account), NATIVE);
        }
        assertEq(vault.balanceOf(address(account), NATIVE), 9950, "kept");
        account.callOut(address(vault), 0, abi.encodeCall(vault.withdrawFor, (address(account), NATIVE)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault.withdrawFor(address(account), NATIVE);
        account.callOut(address(vault), 1, "");
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultForNoToken.selector, address(account)));
        vault.withdrawFor(address(account), NATIVE);
    }

    /// @dev One token that lets nothing out keeps nothing else in.
    function test_Withdraw_OfOneCurrencyNeedsNoOther() public {
        owe(creator, NATIVE, 10_000);
        owe(creator, address(token), 10_000);
        token.behave(TokenMock.Behaviour.Refusing);
        vm.startPrank(creator);
        vm.expectRevert(TokenMock.Refused.selector);
        vault.withdraw(address(token), creator);
        vault.withdraw(NATIVE, holder);
        vm.stopPrank();
        token.behave(TokenMock.Behaviour.Silent);
        vm.prank(creator);
        vault.withdraw(address(token), creator);
        assertEq(token.balanceOf(creator), 9950, "tokens");
    }

    function test_WithdrawSigned_ByAKeyOfAnAccount() public {
        owe(creator, NATIVE, 10_000);
        bytes memory proof = signature(CREATOR_KEY, withdrawalDigest(creator, NATIVE, holder, 0, _DEADLINE));
        vm.prank(stranger);
        vault.withdraw(creator, NATIVE, holder, _DEADLINE, proof);
        assertEq(holder.balance, 9950, "paid");
        owe(creator, NATIVE, 10_000);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultInvalidSignature.selector, creator));
        vault.withdraw(creator, NATIVE, holder, _DEADLINE, proof);
    }

    /// @dev A creator without an account: nobody can send from its address, but it can say where its money goes.
    function test_WithdrawSigned_ByAnErc7913Key() public {
        bytes memory key = abi.encodePacked(address(new VerifierMock()), "a key");
        address author = registry.creatorOfKey(key);
        owe(author, NATIVE, 10_000);
        bytes32 digest = withdrawalDigest(author, NATIVE, holder, 0, _DEADLINE);
        bytes memory proof = abi.encodePacked(keccak256(abi.encodePacked("a key", digest)));
        vault.withdraw(author, NATIVE, holder, _DEADLINE, keySignature(key, proof));
        assertEq(holder.balance, 9950, "paid");
    }

    function testFuzz_RevertWhen_TheSignatureIsForSomethingElse(uint256 which) public {
        owe(creator, NATIVE, 10_000);
        owe(creator, address(token), 10_000);
        bytes memory proof = signature(CREATOR_KEY, withdrawalDigest(creator, NATIVE, holder, 0, _DEADLINE));
        which = bound(which, 0, 3);
        address account = which == 0 ? stranger : creator;
        address currency = which == 1 ? address(token) : NATIVE;
        address to = which == 2 ? stranger : holder;
        uint256 deadline = which == 3 ? _DEADLINE + 1 : _DEADLINE;
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultInvalidSignature.selector, account));
        vault.withdraw(account, currency, to, deadline, proof);
    }

    function test_RevertWhen_TheDeadlinePassed() public {
        owe(creator, NATIVE, 10_000);
        bytes memory proof = signature(CREATOR_KEY, withdrawalDigest(creator, NATIVE, holder, 0, NOW));
        vm.warp(NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultExpiredSignature.selector, NOW));
        vault.withdraw(creator, NATIVE, holder, NOW, proof);
        vm.warp(NOW);
        vault.withdraw(creator, NATIVE, holder, NOW, proof);
    }

    /// @dev Lets an account earn 9 950 of 10 000 with a model of its own: the keeper gets the rest.
    function owe(address account, address currency, uint256 amount) private {
        ModelInput memory model = rootOf(account, 1);
        pay(model, currency, amount);
        distribute(model, currency);
    }

    function withdrawalDigest(address account, address currency, address to, uint256 nonce, uint256 deadline)
        private
        view
        returns (bytes32)
    {
        bytes32 type_ = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(abi.encode(type_, keccak256("modelmark vault"), keccak256("1"), block.chainid, address(vault)));
        type_ = keccak256("Withdrawal(address account,address currency,address to,uint256 nonce,uint256 deadline)");
        bytes32 typed = keccak256(abi.encode(type_, account, currency, to, nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", domain, typed));
    }
}
