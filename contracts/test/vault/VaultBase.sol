// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LineageVault} from "../../src/LineageVault.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {IModelRenderer} from "../../src/interfaces/IModelRenderer.sol";
import {Kind, ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Ancestor, NATIVE, Payee} from "../../src/types/RoyaltyTypes.sol";
import {Base} from "../Base.sol";
import {TokenMock} from "../mocks/TokenMock.sol";

/// @dev A registry whose royalties go to a vault, a family of models, and money.
abstract contract VaultBase is Base {
    address internal constant ANNA = address(0xa77a);
    address internal constant BERT = address(0xbe47);
    address internal constant KEEPER = address(0x6ee9e4);
    address internal constant NOBODY = address(0);

    LineageVault internal vault;
    TokenMock internal token;

    function setUp() public virtual override {
        super.setUp();
        vault = new LineageVault();
        registry = new ModelRegistry("modelmark", "MARK", address(0), book, vault, IModelRenderer(address(0)));
        token = new TokenMock();
        token.mint(address(this), 1_000_000 ether);
        token.approve(address(vault), type(uint256).max);
        vm.deal(address(this), 1_000_000 ether);
    }

    /// @dev A model of an author, with these parents of the same registry.
    function modelOf(address author, uint256 seed, Parent[] memory parents) internal view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.creator = author;
        model.parents = parents;
    }

    function rootOf(address author, uint256 seed) internal view returns (ModelInput memory model) {
        return modelOf(author, seed, new Parent[](0));
    }

    function childOf(address author, uint256 seed, ModelInput memory parent, uint16 shareBps)
        internal
        view
        returns (ModelInput memory model)
    {
        Parent[] memory parents = new Parent[](1);
        parents[0] = localParent(idOf(parent), Relation.FineTune, shareBps);
        return modelOf(author, seed, parents);
    }

    function idOf(ModelInput memory model) internal view returns (uint256) {
        return registry.tokenIdOf(model);
    }

    function keyOf(ModelInput memory model) internal view returns (bytes32) {
        return keccak256(abi.encode(address(registry), idOf(model)));
    }

    /// @dev Pays from the test itself.
    function pay(ModelInput memory model, address currency, uint256 amount) internal returns (uint256) {
        return payTo(model, currency, amount, NOBODY);
    }

    function payTo(ModelInput memory model, address currency, uint256 amount, address beneficiary) internal returns (uint256) {
        uint256 value = currency == NATIVE ? amount : 0;
        return vault.pay{value: value}(address(registry), idOf(model), currency, amount, beneficiary);
    }

    function distribute(ModelInput memory model, address currency) internal returns (uint256) {
        return distribute(model, currency, new Payee[](0));
    }

    function distribute(ModelInput memory model, address currency, Payee[] memory payees) internal returns (uint256) {
        vm.prank(KEEPER);
        return vault.distribute(address(registry), model, currency, NOBODY, payees);
    }

    function declare(ModelInput memory model, Ancestor[][] memory inherited) internal returns (Ancestor[] memory) {
        vm.prank(model.creator);
        return vault.declareStack(registry, model, inherited);
    }

    function assertCredit(ModelInput memory model, address currency, uint256 gross, uint256 net, string memory what) internal view {
        (uint256 actualGross, uint256 actualNet) = vault.creditOf(address(registry), idOf(model), currency, NOBODY);
        assertEq(actualGross, gross, string.concat(what, ": gross"));
        assertEq(actualNet, net, string.concat(what, ": net"));
    }

    function payees2(address one, uint16 bps, address other) internal pure returns (Payee[] memory payees) {
        payees = new Payee[](2);
        payees[0] = Payee(one, bps);
        payees[1] = Payee(other, 10_000 - bps);
    }
}
