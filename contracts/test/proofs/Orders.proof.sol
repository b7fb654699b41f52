// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelMarket} from "../../src/ModelMarket.sol";
import {Vm} from "../Vm.sol";

/// @dev Of nonces and counters, for every account and every number. `check_` functions are for halmos: see README.md, "Proofs".
contract OrdersProof {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    ModelMarket private _market;

    function setUp() public {
        _market = new ModelMarket();
    }

    /// @dev A cancelled nonce is used, stays used when others are cancelled, and no other bit of anybody changes with it.
    function check_Cancel_UsesThisNonceOnly(address maker, address other, uint256 earlier, uint256 nonce, uint256 another) public {
        _cancel(maker, earlier);
        bool before = _market.isUsed(other, another);
        _cancel(maker, nonce);
        assert(_market.isUsed(maker, nonce));
        assert(_market.isUsed(maker, earlier));
        if (another != nonce || other != maker) assert(_market.isUsed(other, another) == before);
    }

    function check_Cancel_TwoAtOnce(address maker, uint256 one, uint256 other) public {
        uint256[] memory nonces = new uint256[](2);
        (nonces[0], nonces[1]) = (one, other);
        vm.prank(maker);
        _market.cancel(nonces);
        assert(_market.isUsed(maker, one) && _market.isUsed(maker, other));
    }

    function check_CancelAll_CountsUpForTheCallerOnly(address maker, address other) public {
        uint256 own = _market.counterOf(maker);
        uint256 others = _market.counterOf(other);
        vm.prank(maker);
        assert(_market.cancelAll() == own + 1);
        assert(_market.counterOf(maker) == own + 1);
        if (other != maker) assert(_market.counterOf(other) == others);
    }

    function _cancel(address maker, uint256 nonce) private {
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = nonce;
        vm.prank(maker);
        _market.cancel(nonces);
    }
}
