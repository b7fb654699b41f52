// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoyaltyReceiver} from "../../src/RoyaltyReceiver.sol";
import {ILineageVault} from "../../src/interfaces/ILineageVault.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {NATIVE} from "../../src/types/RoyaltyTypes.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";
import {VaultBase} from "./VaultBase.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

contract RevenueTest is VaultBase {
    bytes private _model;

    function setUp() public override {
        super.setUp();
        _model = abi.encode(rootOf(creator, 1));
        mint(model());
    }

    function test_Collect_FetchesWhatTheReceiverHas() public {
        (address receiver,) = registry.royaltyInfo(idOf(model()), 1 ether);
        assertEq(vault.receiverOf(address(registry), idOf(model())), receiver, "receiver");
        send(receiver, 5 ether);
        token.mint(receiver, 7);
        uint256 id = idOf(model());
        vm.expectEmit(address(vault));
        emit ILineageVault.RevenueReceived(address(registry), id, NATIVE, receiver, NOBODY, 5 ether);
        assertEq(vault.collect(address(registry), id, NATIVE), 5 ether, "amount");
        assertEq(vault.collect(address(registry), id, address(token)), 7, "tokens");
        assertCredit(model(), NATIVE, 5 ether, 0, "native");
        assertCredit(model(), address(token), 7, 0, "token");
        assertEq(address(vault).balance, 5 ether, "held");
        assertEq(receiver.balance + token.balanceOf(receiver), 0, "left");
    }

    function test_Collect_AgainAfterMoreCame() public {
        (address receiver,) = registry.royaltyInfo(idOf(model()), 1 ether);
        send(receiver, 1 ether);
        vault.collect(address(registry), idOf(model()), NATIVE);
        send(receiver, 2 ether);
        assertEq(vault.collect(address(registry), idOf(model()), NATIVE), 2 ether, "second");
        assertCredit(model(), NATIVE, 3 ether, 0, "both");
    }

    function test_TokenOf_IsTheReceiversSalt() public view {
        assertEq(vault.tokenOf(address(registry), 7), keccak256(abi.encode(address(registry), 7)), "key");
    }

    function test_Collect_NothingDeploysNothing() public {
        assertEq(vault.collect(address(registry), idOf(model()), NATIVE), 0, "amount");
        assertEq(vault.receiverOf(address(registry), idOf(model())).code.length, 0, "deployed");
    }

    function test_Receiver_ObeysTheVaultOnly() public {
        RoyaltyReceiver implementation = RoyaltyReceiver(payable(vault.receiverImplementation()));
        vm.expectRevert(abi.encodeWithSelector(RoyaltyReceiver.RoyaltyReceiverNotVault.selector, address(this)));
        implementation.sweep(NATIVE);
        address receiver = vault.receiverOf(address(registry), idOf(model()));
        send(receiver, 1 ether);
        vault.collect(address(registry), idOf(model()), NATIVE);
        vm.expectRevert(abi.encodeWithSelector(RoyaltyReceiver.RoyaltyReceiverNotVault.selector, stranger));
        vm.prank(stranger);
        RoyaltyReceiver(payable(receiver)).sweep(NATIVE);
    }

    function testFuzz_Pay_IsCredited(uint96 amount, bool native, address beneficiary) public {
        address currency = native ? NATIVE : address(token);
        vm.deal(address(this), amount);
        token.mint(address(this), amount);
        uint256 id = idOf(model());
        vm.expectEmit(address(vault));
        emit ILineageVault.RevenueReceived(address(registry), id, currency, address(this), beneficiary, amount);
        assertEq(payTo(model(), currency, amount, beneficiary), amount, "received");
        (uint256 gross, uint256 net) = vault.creditOf(address(registry), id, currency, beneficiary);
        assertEq(gross, amount, "gross");
        assertEq(net, 0, "net");
    }

    function test_Pay_WithATokenThatKeepsAFee() public {
        token.behave(TokenMock.Behaviour.Fee);
        assertEq(pay(model(), address(token), 1000), 990, "received");
        assertCredit(model(), address(token), 990, 0, "paid");
        (address receiver,) = registry.royaltyInfo(idOf(model()), 1 ether);
        token.transfer(receiver, 10_000);
        assertEq(vault.collect(address(registry), idOf(model()), address(token)), 9801, "collected");
        assertCredit(model(), address(token), 990 + 9801, 0, "both");
        assertEq(token.balanceOf(address(vault)), 990 + 9801, "held");
    }

    function test_Pay_WithATokenThatReturnsNothing() public {
        token.behave(TokenMock.Behaviour.Silent);
        assertEq(pay(model(), address(token), 1000), 1000, "received");
    }

    function test_RevertWhen_TheTokenFails() public {
        uint256 id = idOf(model());
        token.mint(vault.receiverOf(address(registry), id), 5);
        token.behave(TokenMock.Behaviour.False);
        vm.expectRevert();
        vault.pay(address(registry), id, address(token), 1000, NOBODY);
        token.behave(TokenMock.Behaviour.Refusing);
        vm.expectRevert(TokenMock.Refused.selector);
        vault.pay(address(registry), id, address(token), 1000, NOBODY);
        vm.expectRevert(TokenMock.Refused.selector);
        vault.collect(address(registry), id, address(token));
        vm.expectRevert();
        vault.pay(address(registry), id, stranger, 1000, NOBODY);
    }

    function test_RevertWhen_TheValueIsNotTheAmount() public {
        uint256 id = idOf(model());
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongValue.selector, 1, 2));
        vault.pay{value: 1}(address(registry), id, NATIVE, 2, NOBODY);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongValue.selector, 2, 0));
        vault.pay{value: 2}(address(registry), id, address(token), 2, NOBODY);
    }

    /// @dev A batch carries no value, so that one payment cannot count for several.
    function test_RevertWhen_ABatchPays() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(vault.pay, (address(registry), idOf(model()), NATIVE, 1 ether, NOBODY));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongValue.selector, 0, 1 ether));
        vault.multicall(calls);
        (bool done,) = address(vault).call{value: 1 ether}(abi.encodeCall(vault.multicall, (calls)));
        assertTrue(!done, "a batch took money");
    }

    function test_RevertWhen_MoneyComesForNoToken() public {
        (bool done, bytes memory answer) = address(vault).call{value: 1}("");
        assertTrue(!done, "taken");
        bytes memory expected = abi.encodeWithSelector(ILineageVault.LineageVaultForNoToken.selector, address(this));
        assertEq(keccak256(answer), keccak256(expected), "answer");
    }

    /// @dev A token that calls back while it is measured could count one arrival twice, or take out what just came in.
    function test_RevertWhen_TheTokenCallsBack() public {
        TokenMock hostile = new TokenMock();
        hostile.mint(address(this), 1000);
        hostile.approve(address(vault), 1000);
        uint256 id = idOf(model());
        hostile.mint(vault.receiverOf(address(registry), id), 1000);
        bytes[3] memory calls = [
            abi.encodeCall(vault.pay, (address(registry), id, address(hostile), 1, NOBODY)),
            abi.encodeCall(vault.collect, (address(registry), id, address(hostile))),
            abi.encodeWithSignature("withdraw(address,address)", address(hostile), stranger)
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            hostile.callOut(address(vault), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vault.pay(address(registry), id, address(hostile), 1000, NOBODY);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vault.collect(address(registry), id, address(hostile));
        }
    }

    /// @dev While a receiver is emptied of a token, that token cannot push the chain's own currency in.
    function test_RevertWhen_MoneyIsSlippedIn() public {
        TokenMock hostile = new TokenMock();
        uint256 id = idOf(model());
        hostile.mint(vault.receiverOf(address(registry), id), 1000);
        AccountMock account = new AccountMock();
        send(address(account), 1 ether);
        hostile.callOut(address(account), abi.encodeCall(account.execute, (address(vault), 1, "")));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultForNoToken.selector, address(account)));
        vault.collect(address(registry), id, address(hostile));
    }

    function test_RevertWhen_TheCreditOverflows() public {
        TokenMock huge = new TokenMock();
        huge.mint(address(this), type(uint256).max);
        huge.approve(address(vault), type(uint256).max);
        uint256 id = idOf(model());
        vm.expectRevert();
        vault.pay(address(registry), id, address(huge), uint256(type(uint128).max) + 1, NOBODY);
        vault.pay(address(registry), id, address(huge), type(uint128).max, NOBODY);
        vm.expectRevert();
        vault.pay(address(registry), id, address(huge), 1, NOBODY);
    }

    function send(address to, uint256 amount) private {
        (bool done,) = to.call{value: amount}("");
        assertTrue(done, "not sent");
    }

    function model() private view returns (ModelInput memory) {
        return abi.decode(_model, (ModelInput));
    }
}
