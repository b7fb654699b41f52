// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreatorToken, ITransferValidator} from "../../src/interfaces/ICreatorToken.sol";
import {IERC4907} from "../../src/interfaces/IERC4907.sol";
import {IERC5192} from "../../src/interfaces/IERC5192.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Base} from "../Base.sol";
import {ValidatorMock} from "../mocks/ValidatorMock.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract HoldingTest is Base {
    uint256 private _id;
    address private _user = address(0x05e4);

    function setUp() public override {
        super.setUp();
        _id = mint(exampleModel(1));
    }

    function test_User_CountsUntilTheEnd() public {
        setUser(creator, _user, uint64(NOW + 10));
        assertEq(registry.userOf(_id), _user, "user");
        assertEq(registry.userExpires(_id), NOW + 10, "end");
        vm.warp(NOW + 9);
        assertEq(registry.userOf(_id), _user, "last second");
        vm.warp(NOW + 10);
        assertEq(registry.userOf(_id), address(0), "over");
    }

    function test_User_IsNobodyAtFirst() public view {
        assertEq(registry.userOf(_id), address(0), "user");
        assertEq(registry.userExpires(_id), 0, "end");
        assertEq(registry.userOf(99), address(0), "unknown token");
    }

    function test_User_ZeroEndsTheUse() public {
        setUser(creator, _user, uint64(NOW + 10));
        vm.expectEmit(address(registry));
        emit IERC4907.UpdateUser(_id, address(0), 0);
        vm.prank(creator);
        registry.setUser(_id, address(0), uint64(NOW + 10));
        assertEq(registry.userExpires(_id), 0, "end");
    }

    function test_User_IsSetByApprovedAccounts() public {
        vm.prank(creator);
        registry.approve(holder, _id);
        setUser(holder, _user, type(uint64).max);
    }

    function test_RevertWhen_UserIsSetByAStranger() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, stranger, _id));
        vm.prank(stranger);
        registry.setUser(_id, _user, uint64(NOW + 10));
    }

    function test_RevertWhen_UserOfAnUnknownTokenIsSet() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        registry.setUser(99, _user, uint64(NOW + 10));
    }

    function test_Transfer_EndsTheUse() public {
        setUser(creator, _user, type(uint64).max);
        vm.expectEmit(address(registry));
        emit IERC4907.UpdateUser(_id, address(0), 0);
        vm.prank(creator);
        registry.safeTransferFrom(creator, holder, _id);
        assertEq(registry.userOf(_id), address(0), "user");
        vm.prank(holder);
        registry.transferFrom(holder, creator, _id);
        assertEq(registry.userOf(_id), address(0), "it does not come back with the owner");
    }

    function test_Transfer_EndsNoUseWhereThereIsNone() public {
        vm.expectEmit(address(registry), 0);
        emit IERC4907.UpdateUser(_id, address(0), 0);
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
    }

    function test_RevertWhen_AStrangersTransferWouldEndTheUse() public {
        setUser(creator, _user, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, stranger, _id));
        vm.prank(stranger);
        registry.transferFrom(creator, stranger, _id);
        assertEq(registry.userOf(_id), _user, "user");
    }

    function test_Lock_IsFinal() public {
        assertTrue(!registry.locked(_id), "locked at birth");
        setUser(creator, _user, uint64(NOW + 10));
        vm.expectEmit(address(registry));
        emit IERC5192.Locked(_id);
        vm.prank(creator);
        registry.lock(_id);
        assertTrue(registry.locked(_id), "not locked");
        assertEq(registry.userOf(_id), _user, "user");
        setUser(creator, address(0), 0);
        assertTrue(registry.locked(_id), "unlocked by the end of a use");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryLocked.selector, _id));
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryLocked.selector, _id));
        vm.prank(creator);
        registry.safeTransferFrom(creator, holder, _id, "");
    }

    function test_RevertWhen_LockedByAnApprovedAccount() public {
        vm.prank(creator);
        registry.setApprovalForAll(holder, true);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721IncorrectOwner.selector, holder, _id, creator));
        vm.prank(holder);
        registry.lock(_id);
    }

    function test_RevertWhen_TheLockOfAnUnknownTokenIsMeant() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        registry.lock(99);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        registry.locked(99);
    }

    function test_RevertWhen_AnOpenCollectionGetsAValidator() public {
        address validator = address(new ValidatorMock());
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, creator));
        vm.prank(creator);
        registry.setTransferValidator(validator);
    }

    function test_Validator_IsAskedBeforeEachTransfer() public {
        ValidatorMock validator = curated();
        assertEq(registry.getTransferValidator(), address(validator), "validator");
        vm.expectRevert(abi.encodeWithSelector(ValidatorMock.Refused.selector));
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        validator.allow(creator, creator, holder, _id);
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        assertEq(registry.ownerOf(_id), holder, "owner");
    }

    function test_Validator_IsToldWhoMovesTheToken() public {
        ValidatorMock validator = curated();
        vm.prank(creator);
        registry.setApprovalForAll(stranger, true);
        validator.allow(stranger, creator, holder, _id);
        vm.expectRevert(abi.encodeWithSelector(ValidatorMock.Refused.selector));
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        vm.prank(stranger);
        registry.transferFrom(creator, holder, _id);
        assertEq(registry.ownerOf(_id), holder, "owner");
    }

    function test_Validator_MovesWhatItIsApprovedFor() public {
        ValidatorMock validator = curated();
        vm.prank(creator);
        registry.approve(address(validator), _id);
        validator.move(registry, creator, holder, _id);
        assertEq(registry.ownerOf(_id), holder, "owner");
    }

    function test_RevertWhen_TheValidatorMovesWhatItIsNotApprovedFor() public {
        ValidatorMock validator = curated();
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(validator), _id));
        validator.move(registry, creator, holder, _id);
    }

    function test_Validator_IsNotAskedAtTheMint() public {
        curated();
        mint(exampleModel(2));
    }

    function test_Validator_CanBeRemoved() public {
        ValidatorMock validator = curated();
        vm.expectEmit(address(registry));
        emit ICreatorToken.TransferValidatorUpdated(address(validator), address(0));
        registry.setTransferValidator(address(0));
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
    }

    function test_RevertWhen_TheValidatorHasNoCode() public {
        curated();
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidTransferValidator.selector, stranger));
        registry.setTransferValidator(stranger);
    }

    function test_Validator_FunctionIsTheOneThatMarketsKnow() public view {
        (bytes4 selector, bool isView) = registry.getTransferValidationFunction();
        assertEq(bytes32(selector), bytes32(bytes4(0xcaee23ea)), "selector");
        assertEq(bytes32(selector), bytes32(ITransferValidator.validateTransfer.selector), "own selector");
        assertTrue(isView, "view");
    }

    /// @dev A collection under this test's rule with a validator and one token.
    function curated() private returns (ValidatorMock validator) {
        AccessManager manager = new AccessManager(address(this));
        registry = newRegistry("curated", "CUR", address(manager));
        bytes4[] memory mints = new bytes4[](1);
        mints[0] = DIRECT_MINT;
        manager.setTargetFunctionRole(address(registry), mints, manager.PUBLIC_ROLE());
        _id = mint(exampleModel(1));
        validator = new ValidatorMock();
        vm.expectEmit(address(registry));
        emit ICreatorToken.TransferValidatorUpdated(address(0), address(validator));
        registry.setTransferValidator(address(validator));
    }

    function setUser(address by, address user, uint64 expires) private {
        vm.expectEmit(address(registry));
        emit IERC4907.UpdateUser(_id, user, expires);
        vm.prank(by);
        registry.setUser(_id, user, expires);
    }
}
