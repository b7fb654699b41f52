// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelData, ModelInput} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {RegistryHandler} from "./RegistryHandler.sol";

contract ModelRegistryInvariantTest is Base {
    RegistryHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new RegistryHandler(registry);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all of them: forge would play the same calls again for each. It looks at every token there is, of which a
    /// night's runs make hundreds, and most of such a run would be looking: at night it looks after each tenth call and the last.
    /// forge-config: nightly.invariant.check-interval = 10
    function invariant_TheRegistryMatchesTheLedger() public view {
        statementsNeverChange();
        parentsComeFirst();
        ownersMatchTheLedger();
        seriesMatchTheLedger();
    }

    /// @dev The id is still the hash of the statement, and the stored statement has changed in nothing but a lower royalty and a
    /// status further on.
    function statementsNeverChange() private view {
        for (uint256 i = 0; i < _handler.minted(); ++i) {
            uint256 id = _handler.ids(i);
            ModelInput memory statement = _handler.statement(id);
            if (!_handler.stored(id)) continue;
            ModelData memory data = registry.getModelData(id);
            ModelData memory first = _handler.firstData(id);
            assertEq(registry.tokenIdOf(statement), id, "id");
            assertEq(data.creator, statement.creator, "creator");
            assertEq(data.weightsDigest, statement.weightsDigest, "weights");
            assertEq(data.recordDigest, statement.recordDigest, "record");
            assertEq(data.royaltyBps, _handler.royalty(id), "royalty");
            assertTrue(data.royaltyBps <= first.royaltyBps, "royalty rose");
            assertTrue(data.status == _handler.status(id), "status");
            first.royaltyBps = data.royaltyBps;
            first.status = data.status;
            assertEq(keccak256(abi.encode(data)), keccak256(abi.encode(first)), "data");
        }
    }

    /// @dev Every parent was minted before its child, so that the graph has no cycle.
    function parentsComeFirst() private view {
        for (uint256 i = 0; i < _handler.minted(); ++i) {
            uint256 id = _handler.ids(i);
            uint256[] memory parents = _handler.localParents(id);
            for (uint256 j = 0; j < parents.length; ++j) {
                assertTrue(_handler.order(parents[j]) != 0, "a parent was never minted");
                assertTrue(_handler.order(parents[j]) < _handler.order(id), "a parent came later");
            }
        }
    }

    /// @dev Nothing but a transfer moves a token, and none is lost or made.
    function ownersMatchTheLedger() private view {
        for (uint256 i = 0; i < _handler.minted(); ++i) {
            uint256 id = _handler.ids(i);
            assertEq(registry.ownerOf(id), _handler.owner(id), "owner");
            assertEq(registry.userOf(id), _handler.user(id), "user");
            assertTrue(registry.locked(id) == _handler.locked(id), "lock");
        }
        uint256 held = 0;
        for (uint256 who = 0; who < 4; ++who) {
            address account = _handler.actor(who);
            assertEq(registry.balanceOf(account), _handler.balance(account), "balance");
            held += registry.balanceOf(account);
        }
        assertEq(held, _handler.minted(), "tokens");
    }

    function seriesMatchTheLedger() private view {
        for (uint256 i = 0; i < _handler.minted(); ++i) {
            uint256 id = _handler.ids(i);
            assertEq(registry.seriesOf(id), _handler.series(id), "series");
            assertEq(registry.versionCount(bytes32(id)), _handler.versions(bytes32(id)), "versions");
            assertEq(registry.headOf(bytes32(id)), _handler.versions(bytes32(id)) == 0 ? 0 : _handler.head(bytes32(id)), "head");
        }
    }
}
