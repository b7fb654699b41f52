// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelFacts, newFacts} from "../../src/types/ModelRecord.sol";
import {Kind, Status} from "../../src/types/ModelTypes.sol";
import {Vm} from "../Vm.sol";

/// @dev Of the slot that a token's facts share, for every value of each: what is put in comes out, and a change leaves the rest alone.
contract RecordsProof {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function check_Facts_AreKeptApart(address creator, uint40 time, uint24 license, uint8 kind, uint16 royalty) public pure {
        vm.assume(kind <= uint8(type(Kind).max));
        ModelFacts facts = newFacts(creator, time, license, Kind(kind), royalty);
        assert(facts.creatorOf() == creator && facts.mintedAtOf() == time && facts.licenseIdOf() == license);
        assert(uint8(facts.kindOf()) == kind && facts.royaltyBpsOf() == royalty && facts.statusOf() == Status.Active);
    }

    function check_WithRoyalty_ChangesNothingElse(uint256 word, uint16 royalty) public pure {
        ModelFacts changed = ModelFacts.wrap(word).withRoyalty(royalty);
        assert(changed.royaltyBpsOf() == royalty);
        assert((ModelFacts.unwrap(changed) ^ word) << 16 == 0);
    }

    function check_WithStatus_ChangesNothingElse(uint256 word, uint8 status) public pure {
        vm.assume(status <= uint8(type(Status).max));
        ModelFacts changed = ModelFacts.wrap(word).withStatus(Status(status));
        assert(uint8(changed.statusOf()) == status);
        assert((ModelFacts.unwrap(changed) ^ word) & ~(uint256(0xff) << 232) == 0);
    }
}
