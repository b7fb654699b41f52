// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelFacts, newFacts} from "../../src/types/ModelRecord.sol";
import {Kind, Status} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";

/// @dev The slot that a token's facts share, with values that no mint can bring. `test/proofs` says the same of all values.
contract ModelRecordTest is Base {
    function testFuzz_Facts_AreKeptApart(address author, uint40 time, uint24 license, uint8 kind, uint16 royalty) public pure {
        Kind some = Kind(kind % 3);
        ModelFacts facts = newFacts(author, time, license, some, royalty);
        assertEq(facts.creatorOf(), author, "creator");
        assertEq(facts.mintedAtOf(), time, "time");
        assertEq(facts.licenseIdOf(), license, "licence");
        assertTrue(facts.kindOf() == some, "kind");
        assertTrue(facts.statusOf() == Status.Active, "status");
        assertEq(facts.royaltyBpsOf(), royalty, "royalty");
    }

    function test_Changes_LeaveTheRestAlone() public pure {
        uint256[2] memory words = [uint256(0), type(uint256).max];
        for (uint256 i = 0; i < words.length; ++i) {
            uint256 royalty = ModelFacts.unwrap(ModelFacts.wrap(words[i]).withRoyalty(0x1234));
            assertEq(royalty >> 240, 0x1234, "royalty");
            assertEq(royalty << 16, words[i] << 16, "all but the royalty");
            uint256 status = ModelFacts.unwrap(ModelFacts.wrap(words[i]).withStatus(Status.Recalled));
            assertEq((status >> 232) & 0xff, uint256(Status.Recalled), "status");
            assertEq(status | 0xff << 232, words[i] | 0xff << 232, "all but the status");
        }
    }
}
