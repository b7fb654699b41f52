// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StatusBoard} from "../src/StatusBoard.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {IStatusBoard} from "../src/interfaces/IStatusBoard.sol";
import {ModelData, Status} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract StatusBoardTest is Base {
    bytes32 private constant _EVIDENCE = keccak256("evidence");
    bytes32 private constant _MORE = keccak256("more evidence");
    uint40 private constant _FOREVER = type(uint40).max;

    StatusBoard private _board;
    uint256 private _id;
    address private _curator = address(0xc04a);

    function setUp() public override {
        super.setUp();
        _board = new StatusBoard();
        _id = mint(exampleModel(1));
    }

    function test_Dispute_CountsForNinetyDays() public {
        uint40 until = uint40(NOW + 90 days);
        expectJudged(Status.Disputed, until, _EVIDENCE);
        dispute(_curator);
        judged(Status.Disputed, until, _EVIDENCE);
        vm.warp(until);
        judged(Status.Disputed, until, _EVIDENCE);
        vm.warp(until + 1);
        judged(Status.Active, until, _EVIDENCE);
    }

    function test_Dispute_CanBeRaisedAgainAfterItLapsed() public {
        dispute(_curator);
        vm.warp(NOW + 91 days);
        dispute(_curator);
        judged(Status.Disputed, uint40(NOW + 181 days), _EVIDENCE);
    }

    function test_Confirm_RevokesForGood() public {
        dispute(_curator);
        expectJudged(Status.Revoked, _FOREVER, _MORE);
        confirm(_curator);
        judged(Status.Revoked, _FOREVER, _MORE);
        vm.warp(NOW + 10_000 days);
        judged(Status.Revoked, _FOREVER, _MORE);
    }

    function test_Withdraw_TakesDisputesAndRevocationsBack() public {
        dispute(_curator);
        expectJudged(Status.Active, 0, _MORE);
        withdraw(_curator);
        judged(Status.Active, 0, _MORE);
        dispute(_curator);
        confirm(_curator);
        withdraw(_curator);
        judged(Status.Active, 0, _MORE);
    }

    function test_RevertWhen_TheStepIsWrong() public {
        wrong(Status.Active);
        confirm(_curator);
        wrong(Status.Active);
        withdraw(_curator);
        dispute(_curator);
        wrong(Status.Disputed);
        dispute(_curator);
        confirm(_curator);
        wrong(Status.Revoked);
        dispute(_curator);
        wrong(Status.Revoked);
        confirm(_curator);
    }

    function test_RevertWhen_ALapsedDisputeIsConfirmedOrWithdrawn() public {
        dispute(_curator);
        vm.warp(NOW + 90 days + 1);
        wrong(Status.Active);
        confirm(_curator);
        wrong(Status.Active);
        withdraw(_curator);
    }

    function test_RevertWhen_ThereIsNoEvidence() public {
        vm.expectRevert(IStatusBoard.StatusBoardNoEvidence.selector);
        _board.dispute(registry, _id, 0);
        _board.dispute(registry, _id, _EVIDENCE);
        vm.expectRevert(IStatusBoard.StatusBoardNoEvidence.selector);
        _board.confirm(registry, _id, 0);
        vm.expectRevert(IStatusBoard.StatusBoardNoEvidence.selector);
        _board.withdraw(registry, _id, 0);
    }

    /// @dev A judgement is one curator's about one token of one registry.
    function testFuzz_Judgement_TouchesNothingElse(address curator, uint256 tokenId, uint160 place) public {
        IModelRegistry elsewhere = IModelRegistry(address(place));
        dispute(_curator);
        (Status status,,) = _board.judgementOf(curator, elsewhere, tokenId);
        bool same = curator == _curator && tokenId == _id && address(elsewhere) == address(registry);
        assertTrue(status == (same ? Status.Disputed : Status.Active), "status");
        (status,,) = _board.judgementOf(curator, registry, _id);
        assertTrue(status == (curator == _curator ? Status.Disputed : Status.Active), "curator");
        (status,,) = _board.judgementOf(_curator, elsewhere, _id);
        assertTrue(status == (address(elsewhere) == address(registry) ? Status.Disputed : Status.Active), "registry");
        (status,,) = _board.judgementOf(_curator, registry, tokenId);
        assertTrue(status == (tokenId == _id ? Status.Disputed : Status.Active), "token");
    }

    function test_Judgement_ChangesNothingInTheRegistry() public {
        ModelData memory before = registry.getModelData(_id);
        dispute(_curator);
        confirm(_curator);
        assertEq(keccak256(abi.encode(registry.getModelData(_id))), keccak256(abi.encode(before)), "data");
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
    }

    function test_StatusOf_IsTheWorstOfThoseWhoCount() public {
        address other = address(0x074e4);
        worst(Status.Active, _curator, other);
        vm.prank(creator);
        registry.setStatus(_id, Status.Recalled, 0);
        worst(Status.Recalled, _curator, other);
        dispute(_curator);
        worst(Status.Disputed, _curator, other);
        worst(Status.Recalled, other, other);
        dispute(other);
        confirm(other);
        worst(Status.Revoked, _curator, other);
        worst(Status.Revoked, other, _curator);
        worst(Status.Disputed, _curator, _curator);
        assertTrue(_board.statusOf(new address[](0), registry, _id) == Status.Recalled, "the creator alone");
    }

    function test_RevertWhen_TheStatusOfAnUnknownTokenIsAsked() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        _board.statusOf(new address[](0), registry, 99);
    }

    function test_Gas() public {
        dispute(_curator);
        vm.snapshotGasLastCall("StatusBoard", "dispute");
        confirm(_curator);
        vm.snapshotGasLastCall("StatusBoard", "confirm");
        withdraw(_curator);
        vm.snapshotGasLastCall("StatusBoard", "withdraw");
    }

    function dispute(address by) private {
        vm.prank(by);
        _board.dispute(registry, _id, _EVIDENCE);
    }

    function confirm(address by) private {
        vm.prank(by);
        _board.confirm(registry, _id, _MORE);
    }

    function withdraw(address by) private {
        vm.prank(by);
        _board.withdraw(registry, _id, _MORE);
    }

    function wrong(Status current) private {
        vm.expectRevert(abi.encodeWithSelector(IStatusBoard.StatusBoardWrongStep.selector, current));
    }

    function expectJudged(Status status, uint40 until, bytes32 evidence) private {
        vm.expectEmit(address(_board));
        emit IStatusBoard.Judged(_curator, address(registry), _id, status, until, evidence);
    }

    function judged(Status status, uint40 until, bytes32 evidence) private view {
        (Status actual, uint40 actualUntil, bytes32 actualEvidence) = _board.judgementOf(_curator, registry, _id);
        assertTrue(actual == status, "status");
        assertEq(actualUntil, until, "until");
        assertEq(actualEvidence, evidence, "evidence");
    }

    function worst(Status expected, address one, address other) private view {
        address[] memory curators = new address[](2);
        (curators[0], curators[1]) = (one, other);
        assertTrue(_board.statusOf(curators, registry, _id) == expected, "worst");
    }
}
