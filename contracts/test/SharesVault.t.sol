// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesVault} from "../src/SharesVault.sol";
import {ISharesFactory} from "../src/interfaces/ISharesFactory.sol";
import {ISharesVault} from "../src/interfaces/ISharesVault.sol";
import {Phase, SharesTerms} from "../src/types/SharesTypes.sol";
import {SharesBase} from "./SharesBase.sol";
import {IERC20Errors, IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

contract SharesVaultTest is SharesBase {
    function test_Create_GivesTheOwnerAllShares() public {
        id = mint(exampleModel(2));
        vm.prank(creator);
        registry.approve(address(factory), id);
        vm.prank(creator);
        ISharesVault made = ISharesVault(factory.create(exampleTerms(), manager, RESERVE));
        assertEq(registry.ownerOf(id), address(made), "owner");
        assertEq(made.totalSupply(), SUPPLY, "supply");
        assertEq(made.balanceOf(creator), SUPPLY, "balance");
        assertEq(made.getVotes(creator), SUPPLY, "votes");
        assertEq(made.reserve(), RESERVE, "reserve");
        assertEq(made.manager(), manager, "manager");
        assertEq(made.name(), "Shares of Aurora", "name");
        assertEq(made.symbol(), "sAUR", "symbol");
        assertEq(made.decimals(), 18, "decimals");
        assertEq(made.clock(), block.timestamp, "clock");
        assertEq(made.CLOCK_MODE(), "mode=timestamp", "clock mode");
        assertEq(keccak256(abi.encode(made.terms())), keccak256(abi.encode(exampleTerms())), "terms");
        assertTrue(made.phase() == Phase.Holding, "phase");
        assertTrue(factory.isVault(address(made)) && !factory.isVault(creator), "factory");
    }

    function test_RevertWhen_SomebodyElseDivides() public {
        id = mint(exampleModel(2));
        SharesTerms memory terms = exampleTerms();
        vm.prank(creator);
        registry.setApprovalForAll(address(factory), true);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721IncorrectOwner.selector, stranger, id, creator));
        vm.prank(stranger);
        factory.create(terms, stranger, 0);
    }

    function test_RevertWhen_TheTermsAreImpossible() public {
        SharesTerms memory terms = exampleTerms();
        terms.supply = 0;
        impossible(terms);
        terms.supply = uint256(type(uint128).max) + 1;
        impossible(terms);
        terms.supply = 1;
        terms.currencies = new address[](4);
        impossible(terms);
    }

    function test_RevertWhen_TheVaultIsOpenedOtherwise() public {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesWrongPhase.selector, Phase.Holding));
        shares.open(stranger, stranger, 0);
        address empty = Clones.cloneWithImmutableArgs(factory.implementation(), abi.encode(exampleTerms()));
        vm.expectRevert(ISharesVault.SharesTokenMissing.selector);
        ISharesVault(empty).open(stranger, stranger, 0);
        SharesVault implementation = SharesVault(payable(factory.implementation()));
        vm.expectRevert();
        implementation.open(stranger, stranger, 0);
    }

    function test_Permit() public {
        uint256 key = 0xa11ce;
        address owner = vm.addr(key);
        vm.prank(creator);
        shares.transfer(owner, 5);
        bytes32 type_ = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 typed = keccak256(abi.encode(type_, owner, stranger, 5, shares.nonces(owner), NOW + 100));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", shares.DOMAIN_SEPARATOR(), typed)));
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("modelmark shares"),
                keccak256("1"),
                block.chainid,
                address(shares)
            )
        );
        assertEq(shares.DOMAIN_SEPARATOR(), domain, "domain");
        shares.permit(owner, stranger, 5, NOW + 100, v, r, s);
        assertEq(shares.allowance(owner, stranger), 5, "allowance");
        assertEq(shares.nonces(owner), 1, "nonce");
    }

    function test_RevertWhen_SharesGoToTheirVault() public {
        vm.expectRevert(ISharesVault.SharesToVault.selector);
        vm.prank(creator);
        shares.transfer(address(shares), 1);
    }

    function test_Redeem_TakesTheTokenForAllShares() public {
        start(7 ether);
        vm.deal(address(shares), 10 ether);
        vm.warp(block.timestamp + 1 days);
        vm.prank(holder);
        shares.transfer(creator, 400e18);
        vm.expectEmit(address(shares));
        emit ISharesVault.Redeemed(creator, stranger);
        vm.prank(creator);
        shares.redeem(stranger);
        assertEq(registry.ownerOf(id), stranger, "owner");
        assertEq(shares.totalSupply(), 0, "supply");
        assertTrue(shares.phase() == Phase.Redeemed, "phase");
        // A day's part of the holder's 40 %, and all that still flowed, rounded down.
        assertEq(shares.claimFor(holder, ETH), 0.4 ether - 1, "holder");
        assertEq(shares.claimFor(creator, ETH), 6.6 ether - 1, "creator");
        vm.prank(creator);
        assertEq(shares.sweep(ETH, creator), 3 ether, "what came in since");
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesWrongPhase.selector, Phase.Redeemed));
        shares.startRevenue(ETH);
    }

    function test_Sweep_TakesCurrenciesThatWereNotDivided() public {
        redeemAll();
        coin.mint(address(shares), 9);
        vm.prank(creator);
        assertEq(shares.sweep(address(coin), holder), 9, "swept");
        assertEq(coin.balanceOf(holder), 9, "coins");
    }

    function test_RevertWhen_SomebodyElseSweeps() public {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, creator));
        vm.prank(creator);
        shares.sweep(ETH, creator);
        redeemAll();
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, holder));
        vm.prank(holder);
        shares.sweep(ETH, holder);
    }

    function test_RevertWhen_AShareIsMissing() public {
        vm.prank(holder);
        shares.transfer(creator, 400e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, creator));
        vm.prank(creator);
        shares.redeem(creator);
    }

    function test_RevertWhen_RedeemedDuringAnAuctionOrTwice() public {
        bid(stranger, RESERVE);
        vm.prank(holder);
        shares.transfer(creator, 400e18);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesAuctionState.selector, true));
        vm.prank(creator);
        shares.redeem(creator);
        vm.warp(block.timestamp + 7 days + 1);
        shares.settle(stranger);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesWrongPhase.selector, Phase.Sold));
        vm.prank(creator);
        shares.redeem(creator);
    }

    function test_SetTokenURI_IsTheManagers() public {
        vm.prank(manager);
        shares.setTokenURI(bytes32(uint256(2)));
        assertEq(registry.tokenURI(id), "ar://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI", "pointer");
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, creator));
        vm.prank(creator);
        shares.setTokenURI(0);
    }

    function test_RevertWhen_SharesAreSpentTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, creator, 600e18, 601e18));
        vm.prank(creator);
        shares.transfer(holder, 601e18);
    }

    function impossible(SharesTerms memory terms) private {
        terms.tokenId = mint(exampleModel(terms.supply + 3));
        vm.prank(creator);
        registry.setApprovalForAll(address(factory), true);
        vm.expectRevert(ISharesVault.SharesInvalidTerms.selector);
        vm.prank(creator);
        factory.create(terms, manager, 0);
    }

    function redeemAll() private {
        vm.prank(holder);
        shares.transfer(creator, 400e18);
        vm.prank(creator);
        shares.redeem(creator);
    }
}
