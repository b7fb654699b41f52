// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LineageVault} from "../../src/LineageVault.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Ancestor, NATIVE, Payee} from "../../src/types/RoyaltyTypes.sol";
import {Vm} from "../Vm.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";

/// @dev Does to a vault whatever accounts can do to it, and keeps its own ledger of what came in and went out.
contract VaultHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 public constant MODELS = 5;
    uint256 public constant ACTORS = 3;
    uint256 public constant CURRENCIES = 3;

    ModelRegistry private immutable _REGISTRY;
    LineageVault private immutable _VAULT;

    address[CURRENCIES] public currencies;
    address[ACTORS] public actors;
    uint256[] public ids;
    mapping(uint256 which => bytes) private _models;
    mapping(uint256 id => bytes) private _payees;
    mapping(uint256 id => bytes) private _stacks;
    mapping(uint256 id => bool) public declared;
    mapping(uint256 id => bool) public fixedPayees;

    mapping(address currency => uint256) public received;
    mapping(address currency => uint256) public withdrawn;

    constructor(ModelRegistry registry, LineageVault vault) {
        (_REGISTRY, _VAULT) = (registry, vault);
        for (uint256 i = 1; i < CURRENCIES; ++i) {
            TokenMock token = new TokenMock();
            token.mint(address(this), type(uint128).max);
            token.approve(address(vault), type(uint256).max);
            currencies[i] = address(token);
        }
        TokenMock(currencies[2]).behave(TokenMock.Behaviour.Fee);
        for (uint256 i = 0; i < ACTORS; ++i) {
            actors[i] = address(new AccountMock());
        }
        for (uint256 i = 0; i < MODELS; ++i) {
            _mint(i);
        }
    }

    function pay(uint256 which, uint256 what, uint64 amount, uint256 who) external {
        address currency = currencies[what % CURRENCIES];
        address beneficiary = who % 3 == 0 ? actors[who / 3 % ACTORS] : address(0);
        uint256 value = currency == NATIVE ? amount : 0;
        vm.deal(address(this), value);
        received[currency] += _VAULT.pay{value: value}(address(_REGISTRY), ids[which % MODELS], currency, amount, beneficiary);
    }

    function collect(uint256 which, uint256 what, uint64 amount) external {
        address currency = currencies[what % CURRENCIES];
        uint256 id = ids[which % MODELS];
        (address receiver,) = _REGISTRY.royaltyInfo(id, 0);
        if (currency == NATIVE) vm.deal(receiver, receiver.balance + amount);
        else TokenMock(currency).mint(receiver, amount);
        received[currency] += _VAULT.collect(address(_REGISTRY), id, currency);
    }

    function distribute(uint256 which, uint256 what, uint256 who) external {
        uint256 id = ids[which % MODELS];
        address currency = currencies[what % CURRENCIES];
        address beneficiary = who % 3 == 0 ? actors[who / 3 % ACTORS] : address(0);
        Payee[] memory payees = beneficiary == address(0) ? payeesOf(id) : new Payee[](0);
        (uint256 gross, uint256 net) = _VAULT.creditOf(address(_REGISTRY), id, currency, beneficiary);
        if (gross + net == 0) vm.expectRevert();
        vm.prank(actors[who % ACTORS]);
        _VAULT.distribute(address(_REGISTRY), model(which % MODELS), currency, beneficiary, payees);
    }

    function distributeStack(uint256 which, uint256 what, uint256 served) external {
        uint256 id = ids[which % MODELS];
        if (!declared[id]) return;
        Ancestor[] memory stack = stackOf(id);
        uint256[] memory places = new uint256[](stack.length);
        for (uint256 i = 0; i < stack.length; ++i) {
            places[i] = (i + served % stack.length) % stack.length;
        }
        _VAULT.distributeStack(address(_REGISTRY), id, currencies[what % CURRENCIES], stack, places);
    }

    function declareStack(uint256 which) external {
        uint256 id = ids[which % MODELS];
        if (declared[id]) return;
        ModelInput memory statement = model(which % MODELS);
        Ancestor[][] memory inherited = new Ancestor[][](statement.parents.length);
        for (uint256 i = 0; i < inherited.length; ++i) {
            inherited[i] = stackOf(statement.parents[i].tokenId);
        }
        vm.prank(statement.creator);
        _stacks[id] = abi.encode(_VAULT.declareStack(_REGISTRY, statement, inherited));
        declared[id] = true;
    }

    function setPayees(uint256 which, uint256 one, uint16 bps, bool alone, uint8 forGood) external {
        uint256 id = ids[which % MODELS];
        Payee[] memory payees = new Payee[](alone ? 0 : 2);
        if (!alone) {
            payees[0] = Payee(actors[one % ACTORS], 1 + bps % 9999);
            payees[1] = Payee(actors[(one % ACTORS + 1) % ACTORS], 10_000 - payees[0].bps);
        }
        bool last = forGood % 16 == 0;
        bool refused = fixedPayees[id];
        address author = _REGISTRY.creatorOf(id);
        if (refused) vm.expectRevert();
        vm.prank(author);
        _VAULT.setPayees(_REGISTRY, id, payees, last);
        if (refused) return;
        _payees[id] = abi.encode(payees);
        fixedPayees[id] = last;
    }

    function withdraw(uint256 who, uint256 what, bool pushed) external {
        address account = actors[who % ACTORS];
        address currency = currencies[what % CURRENCIES];
        if (_VAULT.balanceOf(account, currency) == 0) return;
        if (pushed) {
            withdrawn[currency] += _VAULT.withdrawFor(account, currency);
        } else {
            vm.prank(account);
            withdrawn[currency] += _VAULT.withdraw(currency, actors[(who % ACTORS + 1) % ACTORS]);
        }
    }

    function model(uint256 which) public view returns (ModelInput memory) {
        return abi.decode(_models[which], (ModelInput));
    }

    function stackOf(uint256 id) public view returns (Ancestor[] memory stack) {
        return declared[id] ? abi.decode(_stacks[id], (Ancestor[])) : stack;
    }

    function payeesOf(uint256 id) public view returns (Payee[] memory payees) {
        return _payees[id].length == 0 ? payees : abi.decode(_payees[id], (Payee[]));
    }

    /// @dev Each model comes from up to two before it.
    function _mint(uint256 which) private {
        ModelInput memory statement;
        statement.weightsDigest = keccak256(abi.encode("weights", which));
        statement.recordDigest = keccak256(abi.encode("record", which));
        statement.license = keccak256("Apache-2.0");
        statement.creator = actors[which % ACTORS];
        if (which > 0) statement.parents = _parentsOf(which);
        vm.prank(statement.creator);
        ids.push(_REGISTRY.mintProvenanceNFT(statement.creator, statement));
        _models[which] = abi.encode(statement);
    }

    function _parentsOf(uint256 which) private view returns (Parent[] memory parents) {
        (uint256 one, uint256 other) = (ids[which - 1], ids[which / 2]);
        if (one > other) (one, other) = (other, one);
        parents = new Parent[](one == other ? 1 : 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            parents[i] = Parent(0, address(0), i == 0 ? one : other, Relation.Merge, uint16(101 + 37 * which + i), 0);
        }
    }
}
