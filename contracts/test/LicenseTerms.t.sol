// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseTerms} from "../src/LicenseTerms.sol";
import {ILicenseTerms} from "../src/interfaces/ILicenseTerms.sol";
import {Conflict, EVERY_FLAG, LicenseFlags} from "../src/types/LicenseFlags.sol";
import {Base} from "./Base.sol";

contract LicenseTermsTest is Base {
    // In the order of `types/LicenseFlags.sol`, as numbers: what a reader outside of Solidity writes.
    uint16 private constant _COMMERCIAL = 1;
    uint16 private constant _DERIVATIVES = 2;
    uint16 private constant _REDISTRIBUTION = 4;
    uint16 private constant _ATTRIBUTION = 8;
    uint16 private constant _SHARE_ALIKE = 16;
    uint16 private constant _USE_RESTRICTED = 32;
    uint16 private constant _PERMISSIVE = _COMMERCIAL | _DERIVATIVES | _REDISTRIBUTION | _ATTRIBUTION;

    bytes32 private constant _MIT = keccak256("MIT");
    bytes32 private constant _SA = keccak256("CC-BY-SA-4.0");
    bytes32 private constant _NC = keccak256("CC-BY-NC-4.0");
    bytes32 private constant _ND = keccak256("CC-BY-ND-4.0");
    bytes32 private constant _RAIL = keccak256("BigScience-OpenRAIL-M");
    bytes32 private constant _ZERO = keccak256("CC0-1.0");

    LicenseTerms private _terms;

    function setUp() public override {
        super.setUp();
        _terms = new LicenseTerms();
        read(_MIT, _PERMISSIVE);
        read(_SA, _PERMISSIVE | _SHARE_ALIKE);
        read(_NC, _PERMISSIVE & ~_COMMERCIAL);
        read(_ND, _PERMISSIVE & ~_DERIVATIVES);
        read(_RAIL, _PERMISSIVE | _USE_RESTRICTED);
        read(_ZERO, _PERMISSIVE & ~_ATTRIBUTION);
    }

    function test_Conflict_OfKnownLicences() public view {
        conflict(_MIT, _MIT, Conflict.None);
        conflict(_MIT, _NC, Conflict.None);
        conflict(_MIT, _SA, Conflict.None);
        conflict(_MIT, _RAIL, Conflict.None);
        conflict(_MIT, _ND, Conflict.None);
        conflict(_ZERO, _MIT, Conflict.None);
        conflict(_MIT, _ZERO, Conflict.LessDemanded);
        conflict(_SA, _SA, Conflict.None);
        conflict(_SA, _MIT, Conflict.NotAlike);
        conflict(_NC, _NC, Conflict.None);
        conflict(_NC, _MIT, Conflict.MorePermitted);
        conflict(_ND, _ND, Conflict.NoDerivatives);
        conflict(_ND, _MIT, Conflict.NoDerivatives);
        conflict(_RAIL, _RAIL, Conflict.None);
        conflict(_RAIL, _MIT, Conflict.LessDemanded);
    }

    function test_Conflict_RedistributionIsAPermissionToo() public {
        bytes32 closed = keccak256("LicenseRef-closed");
        read(closed, _COMMERCIAL | _DERIVATIVES | _ATTRIBUTION);
        conflict(closed, _MIT, Conflict.MorePermitted);
        conflict(_MIT, closed, Conflict.None);
    }

    function test_Conflict_OfUnreadLicences() public view {
        bytes32 unread = keccak256("LicenseRef-unread");
        conflict(unread, _MIT, Conflict.UnknownParent);
        conflict(_MIT, unread, Conflict.UnknownChild);
        conflict(unread, unread, Conflict.UnknownParent);
        assertTrue(_terms.conflictOf(stranger, _MIT, _MIT) == Conflict.UnknownParent, "nobody else has read it");
    }

    function test_Read_OfNothingIsAReading() public {
        bytes32 strict = keccak256("LicenseRef-strict");
        (bool known,) = _terms.readingOf(address(this), strict);
        assertTrue(!known, "before");
        read(strict, 0);
        LicenseFlags flags;
        (known, flags) = _terms.readingOf(address(this), strict);
        assertTrue(known, "after");
        assertEq(LicenseFlags.unwrap(flags), 0, "flags");
        conflict(strict, strict, Conflict.NoDerivatives);
    }

    function testFuzz_Read_IsKeptForItsReader(address reader, bytes32 license, uint16 flags) public {
        vm.assume(reader != address(this));
        flags &= EVERY_FLAG;
        (bytes32[] memory licenses, LicenseFlags[] memory readings) = single(license, flags);
        vm.expectEmit(address(_terms));
        emit ILicenseTerms.LicenseRead(reader, license, LicenseFlags.wrap(flags));
        vm.prank(reader);
        _terms.read(licenses, readings);
        (bool known, LicenseFlags kept) = _terms.readingOf(reader, license);
        assertTrue(known, "known");
        assertEq(LicenseFlags.unwrap(kept), flags, "flags");
    }

    /// @dev What no reading may allow: a child that permits more than its parent, or demands less.
    function testFuzz_Conflict_NothingIsGainedOnTheWay(uint16 given, uint16 taken) public {
        (bytes32 parent, bytes32 child) = (keccak256("parent"), keccak256("child"));
        given &= EVERY_FLAG;
        taken &= EVERY_FLAG;
        read(parent, given);
        read(child, taken);
        bool fine = given & _DERIVATIVES != 0 && given & _SHARE_ALIKE == 0 && taken & ~given & (_COMMERCIAL | _REDISTRIBUTION) == 0
            && given & ~taken & (_ATTRIBUTION | _USE_RESTRICTED) == 0;
        assertTrue((_terms.conflictOf(address(this), parent, child) == Conflict.None) == fine, "conflict");
    }

    function test_RevertWhen_ReadTwice() public {
        (bytes32[] memory licenses, LicenseFlags[] memory flags) = single(_MIT, _PERMISSIVE);
        vm.expectRevert(abi.encodeWithSelector(ILicenseTerms.LicenseTermsAlreadyRead.selector, address(this), _MIT));
        _terms.read(licenses, flags);
    }

    function test_RevertWhen_AFlagMeansNothing() public {
        (bytes32[] memory licenses, LicenseFlags[] memory flags) = single(keccak256("x"), EVERY_FLAG + 1);
        vm.expectRevert(abi.encodeWithSelector(ILicenseTerms.LicenseTermsUnknownFlags.selector, EVERY_FLAG + 1));
        _terms.read(licenses, flags);
    }

    function test_RevertWhen_TheListsHaveDifferentLengths() public {
        (bytes32[] memory licenses,) = single(keccak256("x"), 0);
        vm.expectRevert(abi.encodeWithSelector(ILicenseTerms.LicenseTermsLengths.selector, 1, 0));
        _terms.read(licenses, new LicenseFlags[](0));
    }

    function test_Gas() public {
        (bytes32[] memory licenses, LicenseFlags[] memory flags) = single(keccak256("x"), _PERMISSIVE);
        _terms.read(licenses, flags);
        vm.snapshotGasLastCall("LicenseTerms", "read: one licence");
        _terms.conflictOf(address(this), _MIT, _NC);
        vm.snapshotGasLastCall("LicenseTerms", "conflictOf (view)");
    }

    function read(bytes32 license, uint16 flags) private {
        (bytes32[] memory licenses, LicenseFlags[] memory readings) = single(license, flags);
        _terms.read(licenses, readings);
    }

    function single(bytes32 license, uint16 flags) private pure returns (bytes32[] memory licenses, LicenseFlags[] memory readings) {
        licenses = new bytes32[](1);
        readings = new LicenseFlags[](1);
        (licenses[0], readings[0]) = (license, LicenseFlags.wrap(flags));
    }

    function conflict(bytes32 parent, bytes32 child, Conflict expected) private view {
        assertEq(uint256(_terms.conflictOf(address(this), parent, child)), uint256(expected), "conflict");
    }
}
