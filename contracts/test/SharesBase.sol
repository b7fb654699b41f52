// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesFactory} from "../src/SharesFactory.sol";
import {ISharesVault} from "../src/interfaces/ISharesVault.sol";
import {SharesTerms} from "../src/types/SharesTypes.sol";
import {Base} from "./Base.sol";
import {TokenMock} from "./mocks/TokenMock.sol";

/// @dev A token of the creator's in a vault: 600 shares are the creator's, 400 the holder's. Revenue may come in one other currency.
abstract contract SharesBase is Base {
    uint256 internal constant SUPPLY = 1000e18;
    uint256 internal constant RESERVE = 10 ether;
    address internal constant ETH = address(0);

    SharesFactory internal factory;
    ISharesVault internal shares;
    TokenMock internal coin;
    address internal manager = address(0x3a6a6e);
    uint256 internal id;

    function setUp() public virtual override {
        super.setUp();
        (factory, coin) = (new SharesFactory(), new TokenMock());
        id = mint(exampleModel(1));
        vm.prank(creator);
        registry.approve(address(factory), id);
        vm.prank(creator);
        shares = ISharesVault(factory.create(exampleTerms(), manager, RESERVE));
        vm.prank(creator);
        shares.transfer(holder, 400e18);
        vm.prank(holder);
        shares.delegate(holder);
        vm.warp(NOW + 1);
    }

    function exampleTerms() internal view returns (SharesTerms memory terms) {
        terms = SharesTerms(address(registry), id, SUPPLY, "Shares of Aurora", "sAUR", new address[](1));
        terms.currencies[0] = address(coin);
    }

    /// @dev ETH comes in and is through: every holder has their part.
    function earn(uint256 amount) internal {
        start(amount);
        vm.warp(block.timestamp + 7 days);
    }

    function start(uint256 amount) internal {
        vm.deal(address(shares), address(shares).balance + amount);
        shares.startRevenue(ETH);
    }

    function bid(address by, uint256 amount) internal {
        vm.deal(by, amount);
        vm.prank(by);
        shares.bid{value: amount}();
    }
}
