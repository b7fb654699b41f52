// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../interfaces/ISharesVault.sol";
import {Matter, Phase} from "../types/SharesTypes.sol";
import {Revenue} from "./Revenue.sol";

/// @title What holders decide: the reserve, and who manages the token
/// @dev Votes count as they stood in the second before the question was put: shares that are borrowed for a transaction have none.
abstract contract Ballots is Revenue {
    uint48 private constant _VOTING = 7 days;

    struct Ballot {
        Matter matter;
        bool decided;
        uint48 snapshot;
        uint48 endsAt;
        uint256 value;
        uint256 votes;
    }

    Ballot[] private _ballots;
    mapping(uint256 ballot => mapping(address voter => bool)) private _voted;

    uint256 private _reserve;
    address private _manager;

    /// @inheritdoc ISharesVault
    function propose(Matter matter, uint256 value) external returns (uint256 ballot) {
        _checkPhase(Phase.Holding);
        ballot = _ballots.length;
        uint48 snapshot = uint48(block.timestamp) - 1;
        uint48 endsAt = uint48(block.timestamp) + _VOTING;
        _ballots.push(Ballot(matter, false, snapshot, endsAt, value, 0));
        emit BallotOpened(ballot, matter, value, snapshot, endsAt);
    }

    /// @inheritdoc ISharesVault
    function vote(uint256 ballot) external {
        if (ballot >= _ballots.length) revert SharesBallotClosed(ballot);
        Ballot storage asked = _ballots[ballot];
        if (asked.decided || block.timestamp > asked.endsAt) revert SharesBallotClosed(ballot);
        uint256 votes = getPastVotes(msg.sender, asked.snapshot);
        if (votes == 0 || _voted[ballot][msg.sender]) revert SharesNoVotes(msg.sender);
        _voted[ballot][msg.sender] = true;
        asked.votes += votes;
        emit Voted(ballot, msg.sender, votes);
        if (asked.votes <= totalSupply() / 2) return;
        asked.decided = true;
        _decide(asked.matter, asked.value);
    }

    /// @inheritdoc ISharesVault
    function manager() external view returns (address) {
        return _manager;
    }

    /// @inheritdoc ISharesVault
    function ballotOf(uint256 ballot)
        external
        view
        returns (Matter matter, uint256 value, uint48 snapshot, uint48 endsAt, uint256 votes, bool decided)
    {
        Ballot storage asked = _ballots[ballot];
        return (asked.matter, asked.value, asked.snapshot, asked.endsAt, asked.votes, asked.decided);
    }

    /// @inheritdoc ISharesVault
    function reserve() public view returns (uint256) {
        return _reserve;
    }

    /// @dev Says whether somebody has bid for the token and does not have it yet.
    function _auctionRuns() internal view virtual returns (bool);

    function _decide(Matter matter, uint256 value) internal {
        if (matter == Matter.Reserve) {
            if (_auctionRuns()) revert SharesAuctionState(true);
            _reserve = value;
        } else {
            _manager = address(uint160(value));
        }
        emit Decided(matter, value);
    }

    function _checkManager() internal view {
        if (msg.sender != _manager) revert SharesNotAllowed(msg.sender);
    }
}
