// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseTerms} from "../../src/LicenseTerms.sol";
import {Conflict, EVERY_FLAG, LicenseFlags} from "../../src/types/LicenseFlags.sol";
import {Vm} from "../Vm.sol";

/// @dev Of which licence may follow which, for all readers, licences and flags. The flags are numbers here, so that a constant that moved
/// would be noticed.
contract TermsProof {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint16 private constant _COMMERCIAL_REDISTRIBUTION = 0x05;
    uint16 private constant _DERIVATIVES = 0x02;
    uint16 private constant _ATTRIBUTION_USE_RESTRICTED = 0x28;
    uint16 private constant _SHARE_ALIKE = 0x10;

    LicenseTerms private _terms;

    function setUp() public {
        _terms = new LicenseTerms();
    }

    /// @dev Another licence fits exactly if the parent's allows derivatives, is not share-alike, and nothing more is permitted, nor less
    /// demanded.
    function check_Conflict_NoneMeansThatItFits(address reader, bytes32 parent, bytes32 child, uint16 given, uint16 taken) public {
        vm.assume(parent != child && given <= EVERY_FLAG && taken <= EVERY_FLAG);
        _read(reader, parent, given);
        _read(reader, child, taken);
        bool allowed = given & _DERIVATIVES != 0 && given & _SHARE_ALIKE == 0;
        bool noMorePermitted = taken & ~given & _COMMERCIAL_REDISTRIBUTION == 0;
        bool noLessDemanded = given & ~taken & _ATTRIBUTION_USE_RESTRICTED == 0;
        bool fits = allowed && noMorePermitted && noLessDemanded;
        assert((_terms.conflictOf(reader, parent, child) == Conflict.None) == fits);
    }

    function check_Conflict_ALicenceFitsItselfIfItAllowsDerivatives(address reader, bytes32 license, uint16 given) public {
        vm.assume(given <= EVERY_FLAG);
        _read(reader, license, given);
        assert((_terms.conflictOf(reader, license, license) == Conflict.None) == (given & _DERIVATIVES != 0));
    }

    function check_Reading_IsTheReadersOwn(address reader, address other, bytes32 license, bytes32 another, uint16 given) public {
        vm.assume(given <= EVERY_FLAG);
        _read(reader, license, given);
        (bool known, LicenseFlags flags) = _terms.readingOf(other, another);
        if (other == reader && another == license) assert(known && LicenseFlags.unwrap(flags) == given);
        else assert(!known);
    }

    function _read(address reader, bytes32 license, uint16 given) private {
        bytes32[] memory licenses = new bytes32[](1);
        LicenseFlags[] memory flags = new LicenseFlags[](1);
        (licenses[0], flags[0]) = (license, LicenseFlags.wrap(given));
        vm.prank(reader);
        _terms.read(licenses, flags);
    }
}
