// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelInput} from "../types/ModelTypes.sol";
import {Ancestor, Payee} from "../types/RoyaltyTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";
import {IRoyaltyVault} from "./IRoyaltyVault.sol";

/// @title What models earn, split among those who made them and the models they came from
/// @notice Money comes in for a token: by a market that pays its royalty receiver, or by {pay}. {distribute} takes a reward for whoever
/// calls, gives the parents the shares that the token's creator promised them, and the payees the rest. Nothing is sent to anybody on
/// the way: everyone takes out what is theirs.
///
/// A token pays its lineage in one of two ways. *Relative*: each parent gets its share, which is revenue of the parent, of which the
/// parent's parents get their shares when somebody distributes it. *Absolute*, after {declareStack}: every ancestor gets a fixed part of
/// all that the token earns.
///
/// The vault asks no registry what a token says: the id commits to it, so that whoever brings the statement has proven it. `currency` is
/// an ERC-20 token, or zero for the chain's own currency.
///
/// IMPORTANT: a token whose balances change by themselves (rebasing) can leave the vault short of that token. A registry that makes ids
/// in another way cannot use the vault: its tokens' revenue stays here for ever.
interface ILineageVault is IRoyaltyVault {
    /// @notice Emitted when money for a token arrives.
    /// @param from Who paid: the token's royalty receiver when the money was collected there.
    /// @param beneficiary Who gets what the lineage does not: zero for the token's payees.
    event RevenueReceived(
        address indexed registry, uint256 indexed tokenId, address indexed currency, address from, address beneficiary, uint256 amount
    );

    /// @notice Emitted when a token's revenue is split.
    /// @param amount All of it.
    /// @param reward What the caller got of it.
    event Distributed(
        address indexed registry,
        uint256 indexed tokenId,
        address indexed currency,
        address beneficiary,
        uint256 amount,
        address keeper,
        uint256 reward
    );

    /// @notice Emitted when an ancestor gets a part of what a descendant earned. Both are keccak256(abi.encode(registry, tokenId)).
    /// @param settled Whether the part is the ancestor's alone.
    event Inherited(bytes32 indexed ancestor, bytes32 indexed descendant, address indexed currency, uint256 amount, bool settled);

    /// @notice Emitted when an account is owed a part of what a token earned.
    event Earned(address indexed account, bytes32 indexed token, address indexed currency, uint256 amount);

    /// @notice Emitted when an account's money leaves the vault.
    event Withdrawn(address indexed account, address indexed currency, address to, uint256 amount);

    /// @notice Emitted when a creator says who is paid for a token. An empty list is the creator alone.
    event PayeesSet(address indexed registry, uint256 indexed tokenId, Payee[] payees, bool forGood);

    /// @notice Emitted when a creator has a token pay each of its ancestors a fixed part.
    event StackDeclared(address indexed registry, uint256 indexed tokenId, Ancestor[] stack);

    /// @notice The call is for the token's creator or a delegate.
    error LineageVaultNotCreator(address caller, uint256 tokenId);

    /// @notice The call carries other money than it says.
    error LineageVaultWrongValue(uint256 given, uint256 expected);

    /// @notice The chain's own currency arrived without saying for which token.
    error LineageVaultForNoToken(address from);

    /// @notice There is nothing to distribute or to take out.
    error LineageVaultNothing();

    /// @notice Payees are at most 32, each an account with a part, and their parts are 10 000 in all.
    error LineageVaultInvalidPayees();

    /// @notice The payees were set for good.
    error LineageVaultPayeesFixed();

    /// @notice These are not the token's payees.
    error LineageVaultWrongPayees(bytes32 token);

    /// @notice The token's stack was declared before.
    error LineageVaultAlreadyDeclared(bytes32 token);

    /// @notice This is not the token's stack. A parent that has not declared one, or is on another chain, has an empty one.
    error LineageVaultWrongStack(bytes32 token);

    /// @notice The stack has too many ancestors, or they would get too much.
    error LineageVaultStackTooHigh(uint256 ancestors, uint256 bps);

    /// @notice The statement promises parents more than the whole. No registry of ours mints it.
    error LineageVaultSharesTooHigh();

    /// @notice The address has no code: it may be that of an ERC-7913 key, where no money could ever be taken out.
    error LineageVaultNoCode(address account);

    /// @notice Money does not go to nobody, nor to the vault itself.
    error LineageVaultInvalidRecipient(address to);

    /// @notice The account's signature was valid until `deadline`, which has passed.
    error LineageVaultExpiredSignature(uint256 deadline);

    /// @notice The signature is not the account's over this withdrawal.
    error LineageVaultInvalidSignature(address account);

    /// @notice Fetches what a token's royalty receiver has. Anyone may call.
    /// @return amount What arrived here: with some tokens less than what was there.
    function collect(address registry, uint256 tokenId, address currency) external returns (uint256 amount);

    /// @notice Pays for a token. Anyone may call; an ERC-20 token needs the caller's approval.
    /// @param beneficiary Who gets what the lineage does not, the seller of a licence for example: zero for the token's payees.
    /// @return received What arrived here: with some tokens less than `amount`.
    function pay(address registry, uint256 tokenId, address currency, uint256 amount, address beneficiary)
        external
        payable
        returns (uint256 received);

    /// @notice Says who is paid for a token. Only the creator or a delegate; the token's statement has to be in storage.
    ///
    /// NOTE: it is asked for when money is distributed, not when it arrives.
    /// @param payees At most 32 whose parts are 10 000 in all; none for the creator alone.
    /// @param forGood Whether this is the last time: contributors can then rely on their parts.
    function setPayees(IModelRegistry registry, uint256 tokenId, Payee[] calldata payees, bool forGood) external;

    /// @notice Has a token pay each ancestor a fixed part of what it earns, from now on and for good. Only the creator or a delegate.
    ///
    /// The stack is made here: the parents with the shares that the statement promises them, and the stacks of those parents that have
    /// declared one. Parts of one ancestor on several ways are added. At most 64 ancestors and 5 000 in all.
    /// @param inherited For each parent its stack, in the order of the statement: empty where the parent has none.
    /// @return stack The ancestors, ascending by token, and for one token first the part that is passed on.
    function declareStack(IModelRegistry registry, ModelInput calldata model, Ancestor[][] calldata inherited)
        external
        returns (Ancestor[] memory stack);

    /// @notice Splits what a token earned. Anyone may call, and gets 50 of 10 000.
    ///
    /// Of the rest, parents get their shares, rounded down: of this chain only, as money does not cross chains by itself. With a stack, the
    /// ancestors' parts are set aside instead, for {distributeStack}. What is left goes to the beneficiary or the payees.
    /// @param model What the token states; of it, the fields that the id does not commit to are not read.
    /// @param beneficiary Whose revenue to split: zero for that of the payees.
    /// @param payees The token's payees as set, none when they are not set or there is a beneficiary.
    /// @return amount What was split.
    function distribute(address registry, ModelInput calldata model, address currency, address beneficiary, Payee[] calldata payees)
        external
        returns (uint256 amount);

    /// @notice Gives some ancestors what was set aside for them. Anyone may call.
    /// @param stack The token's stack as declared.
    /// @param which The places in it of those to be served.
    /// @return amount What they got in all.
    function distributeStack(address registry, uint256 tokenId, address currency, Ancestor[] calldata stack, uint256[] calldata which)
        external
        returns (uint256 amount);

    /// @notice Sends all that the caller has in a currency to `to`.
    function withdraw(address currency, address to) external returns (uint256 amount);

    /// @notice As {withdraw}, with the account's EIP-712 signature over
    /// `Withdrawal(address account,address currency,address to,uint256 nonce,uint256 deadline)`, also of an ERC-7913 key. Anyone may call.
    /// @param deadline Last second, in Unix time, at which the signature counts.
    function withdraw(address account, address currency, address to, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amount);

    /// @notice Sends all that a contract has in a currency to that contract. Anyone may call: not every contract can.
    function withdrawFor(address account, address currency) external returns (uint256 amount);

    /// @notice Returns what a token earned and is not split yet.
    /// @return gross What the lineage is still owed its shares of.
    /// @return net What no lineage is owed anything of.
    function creditOf(address registry, uint256 tokenId, address currency, address beneficiary)
        external
        view
        returns (uint256 gross, uint256 net);

    /// @notice Returns what an account can take out.
    function balanceOf(address account, address currency) external view returns (uint256 amount);

    /// @notice Returns keccak256(abi.encode(payees)), or zero for the creator alone, and whether that is for good.
    function payeesOf(address registry, uint256 tokenId) external view returns (bytes32 payeesHash, bool forGood);

    /// @notice Returns what a token's stack commits to: zero without one. The low 16 bits are the parts in all, in 1/10 000; the others
    /// those of keccak256(abi.encode(stack)).
    function stackOf(address registry, uint256 tokenId) external view returns (bytes32 commitment);

    /// @notice Returns what a token with a stack earned in all, keeper's rewards taken off: each ancestor is due its part of it, rounded down.
    function sharedRevenueOf(address registry, uint256 tokenId, address currency) external view returns (uint256 revenue);

    /// @notice Returns what the ancestor at a place in a token's stack has got.
    function inheritedBy(address registry, uint256 tokenId, address currency, uint256 place) external view returns (uint256 amount);

    /// @notice Returns where a token's royalties go, whether there is a contract yet or not.
    function receiverOf(address registry, uint256 tokenId) external view returns (address receiver);

    /// @notice Returns keccak256(abi.encode(registry, tokenId)), which stands for the token in stacks and events.
    function tokenOf(address registry, uint256 tokenId) external pure returns (bytes32 token);
}
