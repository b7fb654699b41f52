// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// A curated collection is deployed with OpenZeppelin's AccessManager as its authority. The import compiles it with our settings, so
// that its artifact stands beside ours; nothing of it is changed.
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
