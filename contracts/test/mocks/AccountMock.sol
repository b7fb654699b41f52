// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A contract that is paid in the chain's own currency, and the ways in which such a contract can be hostile.
contract AccountMock {
    enum Behaviour {
        Honest,
        Refusing,
        /// Burns all the gas that it gets.
        Greedy,
        /// Refuses with as much data as memory takes.
        Bomb,
        /// Calls somebody; their revert is its own.
        Calling
    }

    Behaviour private _behaviour;
    address private _target;
    bytes private _call;
    uint256 private _value;

    function behave(Behaviour behaviour) external {
        _behaviour = behaviour;
    }

    /// @dev Calls `target` with `value` whenever it is paid.
    function callOut(address target, uint256 value, bytes calldata data) external {
        (_behaviour, _target, _value, _call) = (Behaviour.Calling, target, value, data);
    }

    /// @dev Calls `target` now, as this account.
    function execute(address target, uint256 value, bytes calldata data) external {
        _forward(target, value, data);
    }

    receive() external payable {
        if (_behaviour == Behaviour.Refusing) revert();
        if (_behaviour == Behaviour.Greedy) {
            for (uint256 i = 0;; ++i) {}
        }
        if (_behaviour == Behaviour.Bomb) {
            assembly ("memory-safe") {
                revert(0, 1000000)
            }
        }
        if (_behaviour == Behaviour.Calling) _forward(_target, _value, _call);
    }

    function _forward(address target, uint256 value, bytes memory data) private {
        (bool done, bytes memory answer) = target.call{value: value}(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
