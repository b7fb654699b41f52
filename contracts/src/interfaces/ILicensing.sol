// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offer} from "../types/LicenseTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title Rights to use models, sold by their owners
/// @notice A token's licence says what everybody may do. Here its owner grants more: for money, for a time, to an account and so many
/// others. What is paid goes to the vault, where the lineage gets its shares.
///
/// The terms of a grant are those of the offer that was taken, and an offer is what its id is the hash of: neither the owner nor a later
/// owner can change or end a grant.
///
/// IMPORTANT: {hasAccess} follows the token's owner, who may have borrowed the token for one transaction. Ask it for what happens off the
/// chain, not for paying out money.
interface ILicensing {
    /// @notice Emitted when an owner makes an offer.
    event Offered(uint256 indexed offerId, address indexed registry, uint256 indexed tokenId, address maker, Offer offer);

    /// @notice Emitted when an owner takes an offer back. What was granted stays.
    event OfferClosed(uint256 indexed offerId);

    /// @notice Emitted when a grant begins or goes on longer.
    /// @param place Which of the licensee's grants for this token it is.
    event Granted(
        address indexed registry,
        uint256 indexed tokenId,
        address indexed licensee,
        uint256 offerId,
        uint256 place,
        uint40 start,
        uint40 end
    );

    /// @notice Emitted when a licensee gives an account a seat, or takes it away.
    event SeatChanged(
        address indexed registry, uint256 indexed tokenId, address indexed licensee, uint256 place, address holder, bool seated
    );

    /// @notice The caller does not own the token.
    error LicensingNotOwner(address caller, uint256 tokenId);

    /// @notice The offer grants nothing, has no terms, or is both transferable and for one licensee.
    error LicensingInvalidOffer();

    /// @notice This offer was made before. Once closed, the same offer cannot be made again.
    error LicensingAlreadyOffered(uint256 offerId);

    /// @notice The token's owner has no such offer: it was never made, was closed, is over, or was a former owner's.
    error LicensingNoOffer(uint256 offerId);

    /// @notice All copies are sold.
    error LicensingSoldOut(uint256 offerId);

    /// @notice The offer is for somebody else.
    error LicensingNotForYou(address licensee);

    /// @notice The call carries other money than the price.
    error LicensingWrongValue(uint256 given, uint256 expected);

    /// @notice The offer makes copies, not grants.
    error LicensingTransferable(uint256 offerId);

    /// @notice The licensee has this grant for ever.
    error LicensingAlreadyGranted(uint256 offerId, address licensee);

    /// @notice The licensee has eight grants for this token that are not over.
    error LicensingTooManyGrants(address licensee);

    /// @notice The caller's grant at this place is over, or never was.
    error LicensingNoGrant(address caller, uint256 place);

    /// @notice All seats of the grant are taken.
    error LicensingNoSeat(uint256 seats);

    /// @notice The account has the seat, or does not have it, as the call would make it.
    error LicensingSeatUnchanged(address holder);

    /// @notice Makes an offer. Only the token's owner. It counts as long as the owner owns the token.
    ///
    /// NOTE: an owner who gets the token back finds the old offers open again: close them, or let them end.
    function offer(Offer calldata what) external returns (uint256 offerId);

    /// @notice Takes the caller's offer back.
    function close(Offer calldata what) external returns (uint256 offerId);

    /// @notice Takes an offer for `licensee`. Anyone may pay; nothing about the offer can have changed, as all of it is in the call.
    ///
    /// A grant of the same offer that is not over goes on longer instead.
    function buy(Offer calldata what, address licensee) external payable returns (uint256 offerId);

    /// @notice Grants without an offer and for nothing. Only the token's owner.
    function grant(Offer calldata what, address licensee) external returns (uint256 offerId);

    /// @notice Turns one of the caller's copies into a grant for `licensee`, from now on.
    /// @param maker Who made the offer: perhaps not the owner any more.
    function redeem(address maker, Offer calldata what, address licensee) external returns (uint256 offerId);

    /// @notice Gives an account a seat in one of the caller's grants, or takes it away.
    function setSeat(IModelRegistry registry, uint256 tokenId, uint256 place, address holder, bool seated) external;

    /// @notice Tells whether an account may do all of `scopes`: the owner anything, the token's user (ERC-4907) use it, a licensee what one
    /// live grant says.
    function hasAccess(IModelRegistry registry, uint256 tokenId, address who, uint8 scopes) external view returns (bool);

    /// @notice Tells whether an account has a seat in a licensee's live grant of all of `scopes`.
    function hasSeat(IModelRegistry registry, uint256 tokenId, address licensee, uint256 place, address who, uint8 scopes)
        external
        view
        returns (bool);

    /// @notice Returns a licensee's grant for a token.
    /// @param place From 0 to 7; they are filled in this order, and again when a grant is over.
    /// @return offerTag The low 152 bits of the offer's id: zero when there never was a grant at this place.
    function grantOf(address registry, uint256 tokenId, address licensee, uint256 place)
        external
        view
        returns (uint152 offerTag, uint8 scopes, uint16 seats, uint16 seated, uint40 start, uint40 end);

    /// @notice Returns whether an offer was made and not closed, and how often it was taken, if that is limited.
    function stateOf(uint256 offerId) external view returns (bool open, uint32 sold);

    /// @notice Returns an offer's id: keccak256(abi.encode(maker, offer)).
    function offerIdOf(address maker, Offer calldata what) external pure returns (uint256 offerId);

    /// @notice Returns the copies that can be sold (ERC-1155); their ids are the offers'.
    function editions() external view returns (address);

    /// @notice Returns where the money goes.
    function vault() external view returns (address);
}
