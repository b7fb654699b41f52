// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev An ERC-20 token that anybody can make, and the ways in which real ones are not as they should be.
contract TokenMock is ERC20("Token", "TKN") {
    enum Behaviour {
        Honest,
        /// Keeps a hundredth of each transfer.
        Fee,
        /// Lets nothing move, as for an account on its list.
        Refusing,
        /// Returns nothing, as USDT.
        Silent,
        /// Returns false instead of reverting.
        False,
        /// Calls somebody whenever money moves.
        Calling
    }

    Behaviour private _behaviour;
    address private _target;
    bytes private _call;

    error Refused();

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function behave(Behaviour behaviour) external {
        _behaviour = behaviour;
    }

    /// @dev Calls `target` on each transfer; its revert is the token's.
    function callOut(address target, bytes calldata data) external {
        (_behaviour, _target, _call) = (Behaviour.Calling, target, data);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _answer(_behaviour != Behaviour.False && super.transfer(to, amount));
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return _answer(_behaviour != Behaviour.False && super.transferFrom(from, to, amount));
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (_behaviour == Behaviour.Refusing) revert Refused();
        uint256 fee = _behaviour == Behaviour.Fee && from != address(0) ? amount / 100 : 0;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
        if (_behaviour == Behaviour.Calling) {
            (bool done, bytes memory answer) = _target.call(_call);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
        }
    }

    function _answer(bool done) private view returns (bool) {
        if (_behaviour == Behaviour.Silent) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return done;
    }
}
