// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LineageVault} from "../../src/LineageVault.sol";
import {Ancestor, NATIVE} from "../../src/types/RoyaltyTypes.sol";
import {TokenMock} from "../mocks/TokenMock.sol";
import {VaultBase} from "../vault/VaultBase.sol";
import {VaultHandler} from "./VaultHandler.sol";

contract LineageVaultInvariantTest is VaultBase {
    VaultHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new VaultHandler(registry, vault);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev What the vault says it owes is what it has, to the last unit, in every currency. What is set aside for ancestors suffices for
    /// all of them, and none got more than its part.
    function invariant_EverythingHeldIsOwed() public view {
        for (uint256 i = 0; i < _handler.CURRENCIES(); ++i) {
            address currency = _handler.currencies(i);
            uint256 owed = owedToTokens(currency) + owedToAccounts(currency);
            assertEq(owed, held(currency), "owed");
            assertEq(held(currency), _handler.received(currency) - _handler.withdrawn(currency), "held");
        }
    }

    function owedToTokens(address currency) private view returns (uint256 owed) {
        for (uint256 i = 0; i < _handler.MODELS(); ++i) {
            uint256 id = _handler.ids(i);
            owed += creditOf(id, currency, NOBODY);
            for (uint256 who = 0; who < _handler.ACTORS(); ++who) {
                owed += creditOf(id, currency, _handler.actors(who));
            }
            owed += setAside(id, currency);
        }
    }

    function owedToAccounts(address currency) private view returns (uint256 owed) {
        for (uint256 who = 0; who < _handler.ACTORS(); ++who) {
            owed += vault.balanceOf(_handler.actors(who), currency);
        }
    }

    function creditOf(uint256 id, address currency, address beneficiary) private view returns (uint256) {
        (uint256 gross, uint256 net) = vault.creditOf(address(registry), id, currency, beneficiary);
        return gross + net;
    }

    function setAside(uint256 id, address currency) private view returns (uint256 left) {
        uint256 revenue = vault.sharedRevenueOf(address(registry), id, currency);
        if (revenue == 0) return 0;
        Ancestor[] memory stack = _handler.stackOf(id);
        uint256 aside = revenue * uint16(uint256(vault.stackOf(address(registry), id))) / 10_000;
        left = aside;
        uint256 dues = 0;
        for (uint256 i = 0; i < stack.length; ++i) {
            uint256 due = revenue * stack[i].bps / 10_000;
            uint256 paid = vault.inheritedBy(address(registry), id, currency, i);
            assertTrue(paid <= due, "an ancestor got too much");
            dues += due;
            left -= paid;
        }
        assertTrue(dues <= aside, "too little set aside");
    }

    function held(address currency) private view returns (uint256) {
        return currency == NATIVE ? address(vault).balance : TokenMock(currency).balanceOf(address(vault));
    }
}
