// Has Ledger's own client (hw-app-eth) ask a device for accounts and signatures, and writes down every command and answer.
//
// The device here answers as the Ethereum app documents it, with keys of the mnemonic that development chains share. `npm ci && npm run generate`.

import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { HDNodeWallet, Mnemonic, Transaction, TypedDataEncoder, getBytes, hexlify, keccak256, recoverAddress, concat } from "ethers";

const require = createRequire(import.meta.url);
const Eth = require("@ledgerhq/hw-app-eth").default;
const Transport = require("@ledgerhq/hw-transport").default;

const mnemonic = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const wallet = (path) => HDNodeWallet.fromMnemonic(mnemonic, path.startsWith("m/") ? path : `m/${path}`);

class Device extends Transport {
  said = [];
  block = Buffer.alloc(0);

  constructor(transaction) {
    super();
    this.transaction = transaction;
  }

  async exchange(command) {
    const answer = Buffer.concat([this.answer(command), Buffer.from("9000", "hex")]);
    this.said.push({ command: hexlify(command), answer: hexlify(answer) });
    return answer;
  }

  answer(command) {
    const data = command.subarray(5);
    if (command[1] === 0x02) {
      const [key] = this.key(data);
      const text = Buffer.from(key.address.slice(2), "ascii");
      return Buffer.concat([Buffer.from([65]), getBytes(key.signingKey.publicKey), Buffer.from([40]), text]);
    }
    if (command[1] === 0x0c) {
      const [key, hashes] = this.key(data);
      return this.signature(key, keccak256(concat(["0x1901", hashes])), (parity) => 27 + parity);
    }
    this.block = command[2] === 0 ? data : Buffer.concat([this.block, data]);
    const [key, encoded] = this.key(this.block);
    if (hexlify(encoded) !== this.transaction.unsignedSerialized) return Buffer.alloc(0);
    const { type, chainId } = this.transaction;
    return this.signature(key, keccak256(encoded), (parity) => (type ? parity : Number((chainId * 2n + 35n) & 0xffn) + parity));
  }

  key(data) {
    const steps = [...Array(data[0]).keys()].map((step) => data.readUInt32BE(1 + 4 * step));
    const path = steps.map((step) => (step >= 2 ** 31 ? `${step - 2 ** 31}'` : `${step}`)).join("/");
    return [wallet(path), data.subarray(1 + 4 * steps.length)];
  }

  signature(key, digest, v) {
    const { r, s, yParity } = key.signingKey.sign(digest);
    return Buffer.concat([Buffer.from([v(yParity) & 0xff]), getBytes(r), getBytes(s)]);
  }
}

const cases = [];
const live = (index) => `m/44'/60'/${index}'/0/0`;
const bare = (path) => path.slice(2);

for (const path of [live(0), live(7), "m/44'/60'/0'/3", "m/44'/60'/0'/0/1"]) {
  const device = new Device();
  const { address } = await new Eth(device).getAddress(bare(path));
  cases.push({ name: `account at ${path}`, kind: "address", path, account: address, exchanges: device.said });
}

async function transaction(name, path, fields) {
  const transaction = Transaction.from(fields);
  const device = new Device(transaction);
  await new Eth(device).signTransaction(bare(path), transaction.unsignedSerialized.slice(2), null);
  const chainId = transaction.type ? null : Number(transaction.chainId);
  const account = wallet(path).address;
  cases.push({ name, kind: "transaction", path, account, transaction: transaction.unsignedSerialized, chainId, exchanges: device.said });
}

const to = "0x28ee52a8f3d6e5d15f8b131996950d7f296c7952";
const data = (length) => `0x${"5a".repeat(length)}`;
// The lengths around which the app's blocks end: an old transaction must not be cut just before its chain id.
for (const chainId of [1, 31337]) {
  for (const length of [0, 68, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 440, 441, 442, 443, 444, 445, 446, 700]) {
    const fields = { type: 0, chainId, nonce: 7, gasPrice: 1_500_000_000n, gasLimit: 90_000n, to, value: 10n, data: data(length) };
    await transaction(`old transaction on ${chainId}, ${length} bytes of data`, live(0), fields);
  }
}
for (const length of [0, 4, 180, 190, 200, 700]) {
  const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
  const fields = { type: 2, chainId: 31337, nonce: 7, ...fees, gasLimit: 90_000n, to, value: 0n, data: data(length) };
  await transaction(`EIP-1559, ${length} bytes of data`, live(1), fields);
}

const typed = [
  [{ name: "modelmark", version: "1" }, { Authorship: [{ name: "name", type: "string" }, { name: "creator", type: "address" }] }, { name: "m", creator: to }],
  [{ name: "x", chainId: 1, verifyingContract: to }, { Word: [{ name: "nonce", type: "uint256" }] }, { nonce: 1n }],
];
for (const [domain, types, value] of typed) {
  const [separator, message] = [TypedDataEncoder.hashDomain(domain), TypedDataEncoder.from(types).hash(value)];
  const device = new Device();
  await new Eth(device).signEIP712HashedMessage(bare(live(2)), separator.slice(2), message.slice(2));
  const name = `typed message ${Object.keys(types)[0]}`;
  cases.push({ name, kind: "typed", path: live(2), account: wallet(live(2)).address, domain: separator, message, exchanges: device.said });
}

// Recorded with devices by others and published in their tests: ledgerjs (hw-app-eth, Eth.test.ts) and a wallet's for EIP-712. Whose key a recorded
// signature is of was not published with it; `account` is the one that it leads to.
const recorded = (digest, answer) => {
  const [v, r, s] = [answer.slice(0, 2), answer.slice(2, 66), answer.slice(66, 130)];
  return recoverAddress(digest, { r: `0x${r}`, s: `0x${s}`, v: parseInt(v, 16) });
};
cases.push({
  name: "recorded account",
  kind: "address",
  path: "m/44'/60'/0'/0'/0",
  account: "0xCbA98362e199c41E1864D0923AF9646d3A648451",
  exchanges: [
    {
      command: "0xe002000015058000002c8000003c800000008000000000000000",
      answer:
        "0x4104df00ad3869baad7ce54f4d560ba7f268d542df8f2679a5898d78a690c3db8f9833d2973671cb14b088e91bdf7c0ab00029a576473c0e12f84d252e630bb3809b28436241393833363265313939633431453138363444303932334146393634366433413634383435319000",
    },
  ],
});
const old = "0xe8018504e3b292008252089428ee52a8f3d6e5d15f8b131996950d7f296c7952872bd72a2487400080";
const oldAnswer = "1b3694583045a85ada8d15d5e01b373b00e86a405c9c52f7835691dcc522b7353b30392e638a591c65ed307809825ca48346980f52d004ab7a5f93657f7e62a4009000";
cases.push({
  name: "recorded transaction without a chain id",
  kind: "transaction",
  path: "m/44'/60'/0'/0'/0",
  account: recorded(keccak256(old), oldAnswer),
  transaction: old,
  chainId: null,
  exchanges: [{ command: `0xe00400003e058000002c8000003c800000008000000000000000${old.slice(2)}`, answer: `0x${oldAnswer}` }],
});
const [domain, message] = [
  "0x3173a9c41e96ee138ed70f662fc9412ce2542bd7135229c5ca739a62faff853b",
  "0xeb4221181ff3f1a83ea7313993ca9218496e424604ba9492bb4052c03d5c3df8",
];
const typedAnswer = "1bee800a5a7e4e1668a8ebab2a5bce4c96424e0f80b7ba08fc48e063393196e0851c0f9dab8909655368974e8aec6dba5c15772d575189e31b894fb7f8286c63b99000";
cases.push({
  name: "recorded typed message",
  kind: "typed",
  path: "m/44'/60'/0'/0",
  account: recorded(keccak256(concat(["0x1901", domain, message])), typedAnswer),
  domain,
  message,
  exchanges: [{ command: `0xe00c000051048000002c8000003c8000000000000000${domain.slice(2)}${message.slice(2)}`, answer: `0x${typedAnswer}` }],
});

writeFileSync(new URL("exchanges.json", import.meta.url), `${JSON.stringify({ cases }, null, 1)}\n`);
