// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicensing} from "../interfaces/ILicensing.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {RoyaltyReceivers} from "../libraries/RoyaltyReceivers.sol";
import {FOREVER, Grant, Offer, SCOPE_USE, newGrant} from "../types/LicenseTypes.sol";

/// @title What was granted, to whom, and who sits in it
/// @dev A grant is one slot. A licensee has up to eight for a token, in places that are filled from the first on and taken again when
/// their grants are over, so that looking stops at the first empty place.
abstract contract Grants is ILicensing {
    uint256 private constant _PLACES = 8;

    /// @dev How many seats of the grant with this start are taken. Of an earlier grant at the same place, none count.
    struct Seats {
        uint40 start;
        uint16 taken;
    }

    mapping(bytes32 token => mapping(address licensee => mapping(uint256 place => Grant))) private _grants;
    mapping(bytes32 token => mapping(address licensee => mapping(uint256 place => Seats))) private _seats;

    /// @dev The start of the grant that a seat is in.
    mapping(bytes32 token => mapping(address licensee => mapping(uint256 place => mapping(address holder => uint40)))) private _seatedIn;

    /// @inheritdoc ILicensing
    function setSeat(IModelRegistry registry, uint256 tokenId, uint256 place, address holder, bool seated) external {
        bytes32 token = _key(address(registry), tokenId);
        Grant grant_ = _grants[token][msg.sender][place];
        if (!grant_.isLive(block.timestamp)) revert LicensingNoGrant(msg.sender, place);
        uint40 start = grant_.startOf();
        if ((_seatedIn[token][msg.sender][place][holder] == start) == seated) revert LicensingSeatUnchanged(holder);
        Seats memory seats = _seats[token][msg.sender][place];
        uint16 taken = seats.start == start ? seats.taken : 0;
        if (seated && taken == grant_.seatsOf()) revert LicensingNoSeat(taken);
        _seats[token][msg.sender][place] = Seats(start, seated ? taken + 1 : taken - 1);
        _seatedIn[token][msg.sender][place][holder] = seated ? start : 0;
        emit SeatChanged(address(registry), tokenId, msg.sender, place, holder, seated);
    }

    /// @dev Licensees first: they are most of those who are asked for, and need no look into the registry.
    /// @inheritdoc ILicensing
    function hasAccess(IModelRegistry registry, uint256 tokenId, address who, uint8 scopes) external view returns (bool) {
        if (who == address(0) || scopes == 0) return false;
        mapping(uint256 place => Grant) storage grants = _grants[_key(address(registry), tokenId)][who];
        for (uint256 place = 0; place < _PLACES; ++place) {
            Grant grant_ = grants[place];
            if (!grant_.isTaken()) break;
            if (_allows(grant_, scopes)) return true;
        }
        if (scopes == SCOPE_USE && registry.userOf(tokenId) == who) return true;
        return registry.ownerOf(tokenId) == who;
    }

    /// @inheritdoc ILicensing
    function hasSeat(IModelRegistry registry, uint256 tokenId, address licensee, uint256 place, address who, uint8 scopes)
        external
        view
        returns (bool)
    {
        bytes32 token = _key(address(registry), tokenId);
        Grant grant_ = _grants[token][licensee][place];
        return _allows(grant_, scopes) && _seatedIn[token][licensee][place][who] == grant_.startOf();
    }

    /// @inheritdoc ILicensing
    function grantOf(address registry, uint256 tokenId, address licensee, uint256 place)
        external
        view
        returns (uint152 offerTag, uint8 scopes, uint16 seats, uint16 seated, uint40 start, uint40 end)
    {
        bytes32 token = _key(registry, tokenId);
        Grant grant_ = _grants[token][licensee][place];
        Seats memory taken = _seats[token][licensee][place];
        start = grant_.startOf();
        seated = taken.start == start ? taken.taken : 0;
        return (grant_.offerTagOf(), grant_.scopesOf(), grant_.seatsOf(), seated, start, grant_.endOf());
    }

    /// @dev Begins a grant, or lets the licensee's grant of the same offer go on longer.
    function _grant(Offer calldata what, uint256 offerId, address licensee) internal {
        mapping(uint256 place => Grant) storage grants = _grants[_key(what.registry, what.tokenId)][licensee];
        (uint256 place, Grant grant_) = _placeFor(grants, offerId, licensee);
        uint40 start = uint40(block.timestamp);
        if (grant_.isOf(offerId) && grant_.isLive(block.timestamp)) {
            if (grant_.endOf() == FOREVER) revert LicensingAlreadyGranted(offerId, licensee);
            start = grant_.startOf();
            grant_ = grant_.withEnd(_endOf(grant_.endOf(), what.duration));
        } else {
            grant_ = newGrant(offerId, what, start, _endOf(start, what.duration));
        }
        grants[place] = grant_;
        emit Granted(what.registry, what.tokenId, licensee, offerId, place, start, grant_.endOf());
    }

    /// @dev Returns the place of the licensee's grant of this offer, else the first that is free, and what is there.
    function _placeFor(mapping(uint256 place => Grant) storage grants, uint256 offerId, address licensee)
        private
        view
        returns (uint256 place, Grant found)
    {
        place = _PLACES;
        for (uint256 i = 0; i < _PLACES; ++i) {
            Grant grant_ = grants[i];
            if (grant_.isOf(offerId)) return (i, grant_);
            if (place == _PLACES && !grant_.isLive(block.timestamp)) (place, found) = (i, grant_);
            if (!grant_.isTaken()) break;
        }
        if (place == _PLACES) revert LicensingTooManyGrants(licensee);
    }

    /// @dev Says whether a grant that is not over has all of these scopes. Of none, nobody has any.
    function _allows(Grant grant_, uint8 scopes) private view returns (bool) {
        return scopes != 0 && grant_.scopesOf() & scopes == scopes && grant_.isLive(block.timestamp);
    }

    /// @dev What would end after the end of time does not end.
    function _endOf(uint40 start, uint40 duration) private pure returns (uint40) {
        uint256 end = uint256(start) + duration;
        return duration == 0 || end > FOREVER ? FOREVER : uint40(end);
    }

    function _key(address registry, uint256 tokenId) private pure returns (bytes32) {
        return RoyaltyReceivers.salt(registry, tokenId);
    }
}
