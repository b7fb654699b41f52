// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offer} from "../types/LicenseTypes.sol";
import {Matter, Phase, SharesTerms} from "../types/SharesTypes.sol";
import {ILicensing} from "./ILicensing.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title Shares of one token
/// @notice A vault holds a token and is an ERC-20 token itself (with ERC-2612 and votes by timestamp). What comes in is divided among the
/// holders; who holds all shares takes the token; anybody buys it in an auction above a reserve that the holders vote on.
///
/// Nothing is worth having for a moment only. Revenue flows over seven days to whoever holds shares in each second; proceeds of a sale
/// do as well; votes count by the balances of the second before the question was put.
///
/// IMPORTANT: a manager sells licences at any price they like, until the holders choose another. A majority sets the reserve. It can sell the token below what a minority thinks it is worth, but not without a public
/// auction of seven days.
interface ISharesVault is IERC20Metadata, IERC20Permit, IERC5805 {
    /// @notice Emitted when revenue starts to flow.
    event RevenueStarted(address indexed currency, uint256 amount, uint256 endsAt);

    /// @notice Emitted when a holder's revenue is paid out.
    event RevenueClaimed(address indexed account, address indexed currency, address to, uint256 amount);

    /// @notice Emitted when a question is put to the holders.
    /// @param value The reserve in wei, or the manager's address.
    /// @param snapshot Whose votes count, in Unix time.
    event BallotOpened(uint256 indexed ballot, Matter matter, uint256 value, uint48 snapshot, uint48 endsAt);

    /// @notice Emitted when a holder votes for a ballot.
    event Voted(uint256 indexed ballot, address indexed voter, uint256 votes);

    /// @notice Emitted when a reserve or a manager is decided.
    event Decided(Matter matter, uint256 value);

    /// @notice Emitted for each bid.
    event AuctionBid(address indexed bidder, uint256 amount, uint256 endsAt);

    /// @notice Emitted when the token is sold.
    event AuctionSettled(address indexed winner, address to, uint256 amount);

    /// @notice Emitted when a sale fails because the registry does not let the token go.
    event AuctionFailed(address indexed winner, uint256 amount);

    /// @notice Emitted when who held all shares took the token.
    event Redeemed(address indexed account, address to);

    /// @notice The vault is not where it would have to be for this.
    error SharesWrongPhase(Phase phase);

    /// @notice The vault does not hold the token.
    error SharesTokenMissing();

    /// @notice There are no shares, more than 2^128, or more than three currencies.
    error SharesInvalidTerms();

    /// @notice Shares cannot be given to their own vault.
    error SharesToVault();

    /// @notice The vault does not divide this currency.
    error SharesUnknownCurrency(address currency);

    /// @notice What came in before still flows.
    error SharesStillFlowing(uint256 endsAt);

    /// @notice There is nothing to pay out.
    error SharesNothing(address account);

    /// @notice The recipient does not take the ETH.
    error SharesRefused(address to);

    /// @notice There is no such ballot, it is over, or it is decided.
    error SharesBallotClosed(uint256 ballot);

    /// @notice The account voted before, or had no votes when the question was put.
    error SharesNoVotes(address account);

    /// @notice An auction is on, or there is none.
    error SharesAuctionState(bool running);

    /// @notice The bid is too low.
    error SharesBidTooLow(uint256 amount, uint256 minimum);

    /// @notice It is too early, or too late, for this.
    error SharesNotNow(uint256 time);

    /// @notice The money of the offer would not come to the holders.
    error SharesInvalidOffer();

    /// @notice The caller is not who may do this.
    error SharesNotAllowed(address caller);

    /// @notice Gives all shares to `owner`, once the vault holds the token. Anyone may call; the factory does, in one transaction with the
    /// token's transfer.
    function open(address owner, address manager, uint256 reserve) external;

    /// @notice Lets what came in since the last time flow to the holders, over seven days. Anyone may call, once what flowed before is through.
    function startRevenue(address currency) external returns (uint256 amount);

    /// @notice Pays out the caller's revenue.
    function claim(address currency, address to) external returns (uint256 amount);

    /// @notice Pays out an account's revenue, to that account. Anyone may call.
    function claimFor(address account, address currency) external returns (uint256 amount);

    /// @notice Asks the holders for another reserve or manager. Anyone may ask; a majority of all shares decides, within seven days.
    function propose(Matter matter, uint256 value) external returns (uint256 ballot);

    /// @notice Votes for a ballot, with the votes that the caller had when it was opened. What has a majority is decided at once; a reserve only
    /// while no auction is on.
    function vote(uint256 ballot) external;

    /// @notice Bids for the token: the first at least the reserve, each later one 5 % more. The first bid starts seven days, and one in the last
    /// hour leaves an hour.
    function bid() external payable;

    /// @notice Gives the token to the winner when the auction is over. Anyone may call; the proceeds are revenue from then on.
    /// @param to Who gets the token: the winner's choice if the winner calls, else the winner.
    function settle(address to) external;

    /// @notice Gives the winner the money back when the registry has not let the token go for 30 days. Anyone may call.
    function giveUp() external;

    /// @notice Pays out what was bid by the caller and outbid.
    function withdrawBid(address to) external returns (uint256 amount);

    /// @notice Takes the token out. Only who holds all shares, while no auction is on. The shares are burned.
    function redeem(address to) external;

    /// @notice Takes out what came in after the token was redeemed, or in a currency that the vault does not divide. Only who redeemed it.
    function sweep(address currency, address to) external returns (uint256 amount);

    /// @notice Chooses what the token's `tokenURI` returns. Only the manager.
    function setTokenURI(bytes32 pointer) external;

    /// @notice Offers a licence for the token, as its owner. Only the manager. What the lineage does not get has to go to the vault, in a
    /// currency that it divides.
    function offerLicense(ILicensing licensing, Offer calldata what) external returns (uint256 offerId);

    /// @notice Takes an offer of the vault's back. Only the manager.
    function closeLicense(ILicensing licensing, Offer calldata what) external returns (uint256 offerId);

    /// @notice Returns what the shares are of.
    function terms() external view returns (SharesTerms memory);

    /// @notice Returns where the vault stands.
    function phase() external view returns (Phase);

    /// @notice Returns who may do with the token what does not take it away.
    function manager() external view returns (address);

    /// @notice Returns the lowest first bid in wei: zero when the token is not for sale.
    function reserve() external view returns (uint256);

    /// @notice Returns the highest bid, whose it is, and when the auction ends: zeros when none is on.
    function auction() external view returns (address bidder, uint256 amount, uint256 endsAt);

    /// @notice Returns a ballot: what it is about, who counts, until when, and how many votes it has.
    function ballotOf(uint256 ballot)
        external
        view
        returns (Matter matter, uint256 value, uint48 snapshot, uint48 endsAt, uint256 votes, bool decided);

    /// @notice Returns what an account could {claim} now.
    function claimable(address account, address currency) external view returns (uint256 amount);

    /// @notice Returns what was bid by an account and outbid.
    function refundOf(address account) external view returns (uint256 amount);
}
