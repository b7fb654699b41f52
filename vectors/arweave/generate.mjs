// Makes items.json and transactions.json; see README.md.
import { constants, createHash, createPrivateKey, sign as nodeSign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { arbundles, b64, data, ethereum, jwk, require, solana } from "./keys.mjs";

const { ArweaveSigner, EthereumSigner, HexSolanaSigner, SolanaSigner, bundleAndSignData, createData, DataItem } = arbundles;
const { deepHash } = require("arbundles");
const arweaveJs = require("arweave");
const merkle = require("arweave/node/lib/merkle");
const target = b64(Buffer.alloc(32, 9));
const anchor = "an anchor has thirty-two letters";

/** Signs with a salt of the given length, as WebCrypto (32) and node (the longest) do. */
class Salted extends ArweaveSigner {
  constructor(key, saltLength) {
    super(key);
    this.saltLength = saltLength;
  }
  async sign(message) {
    const key = createPrivateKey({ key: this.jwk, format: "jwk" });
    return nodeSign("sha256", message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: this.saltLength });
  }
}

const few = [{ name: "Content-Type", value: "application/json" }, { name: "App-Name", value: "modelmark" }];
const many = Array.from({ length: 128 }, (_, i) => ({ name: `n${i}`, value: `v${i}` }));
const wide = [{ name: "long", value: "x".repeat(3000) }, { name: "größe", value: "\u{1f40b} 大" }];
const record = JSON.stringify({ name: "a model" });
const cases = [
  ["arweave, longest salt", new ArweaveSigner(jwk), record, { tags: few }],
  ["arweave, salt of 32", new Salted(jwk, 32), record, { tags: few }],
  ["arweave, no salt", new Salted(jwk, 0), record, {}],
  ["arweave, all fields", new ArweaveSigner(jwk), record, { tags: wide, target, anchor }],
  ["ethereum", new EthereumSigner(ethereum), record, { tags: few }],
  ["ethereum, nothing", new EthereumSigner(ethereum), "", {}],
  ["ethereum, target", new EthereumSigner(ethereum), record, { target }],
  ["ethereum, anchor", new EthereumSigner(ethereum), record, { anchor }],
  ["ethereum, many tags", new EthereumSigner(ethereum), record, { tags: many }],
  ["ethereum, wide tags", new EthereumSigner(ethereum), record, { tags: wide, target, anchor }],
  ["ethereum, bytes", new EthereumSigner(ethereum), data(5000), { tags: few }],
  ["ed25519", new SolanaSigner(solana), record, { tags: few }],
  ["solana", new HexSolanaSigner(solana), record, { tags: few, anchor }],
];

const items = [];
for (const [name, signer, content, options] of cases) {
  const item = createData(content, signer, options);
  await item.sign(signer);
  if (!(await DataItem.verify(item.getRaw()))) throw new Error(name);
  items.push({
    name,
    type: item.signatureType,
    id: item.id,
    owner: item.owner,
    target: item.target,
    anchor: item.anchor,
    tags: item.tags,
    data: item.data,
    deepHash: Buffer.from(await item.getSignatureData()).toString("hex"),
    item: b64(item.getRaw()),
  });
}

const signer = new EthereumSigner(ethereum);
const bundled = async (contents, tags) => {
  const inner = contents.map((content) => createData(content, signer, { tags: few }));
  return bundleAndSignData(inner, signer);
};
const inner = await bundled(["one", "two"]);
const marked = [{ name: "Bundle-Format", value: "binary" }, { name: "Bundle-Version", value: "2.0.0" }];
const holder = createData(inner.getRaw(), signer, { tags: marked });
await holder.sign(signer);
const outer = await bundleAndSignData([holder, createData("three", signer, {})], signer);
const bundle = (name, made, ids) => ({ name, ids, bundle: b64(made.getRaw()) });
const bundles = [
  bundle("nothing", await bundled([]), []),
  bundle("two", inner, inner.getIds()),
  bundle("two in one of two", outer, [holder.id, ...inner.getIds(), outer.getIds()[1]]),
];

const text = (value) => (Array.isArray(value) ? value.map(text) : new TextEncoder().encode(value));
const deepHashes = [];
for (const value of ["", "a", [], ["a"], [["a", "b"], "c", []], [[[["deep"]]]]]) {
  deepHashes.push({ value, hash: Buffer.from(await deepHash(text(value))).toString("hex") });
}
writeFileSync(new URL("items.json", import.meta.url), JSON.stringify({ items, bundles, deepHashes }, null, 1) + "\n");

const Arweave = arweaveJs.default ?? arweaveJs;
const arweave = Arweave.init({ host: "127.0.0.1", port: 1, protocol: "http" });
const CHUNK = 256 * 1024;
const transactions = [];
for (const size of [1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 40_000, 2 * CHUNK, 2 * CHUNK + 5, 3 * CHUNK + 100_000, 5 * CHUNK + 1]) {
  const content = data(size);
  const transaction = await arweave.createTransaction({ data: content, reward: "123456789", last_tx: anchor64(size) }, jwk);
  transaction.addTag("Content-Type", "application/octet-stream");
  transaction.addTag("App-Name", "modelmark");
  await arweave.transactions.sign(transaction, jwk);
  if (!(await arweave.transactions.verify(transaction))) throw new Error(`${size}`);
  const chunks = transaction.chunks.chunks.map((chunk, i) => {
    const proof = transaction.chunks.proofs[i];
    return { start: chunk.minByteRange, end: chunk.maxByteRange, offset: proof.offset, path: b64(proof.proof) };
  });
  for (const [i, { proof, offset }] of transaction.chunks.proofs.entries()) {
    if (chunks[i] && !(await merkle.validatePath(transaction.chunks.data_root, offset, 0, size, proof))) throw new Error("path");
  }
  const json = { ...transaction.toJSON(), data: "" };
  const sha256 = createHash("sha256").update(content).digest("hex");
  transactions.push({ size, sha256, transaction: json, chunks });
}
writeFileSync(new URL("transactions.json", import.meta.url), JSON.stringify({ transactions }, null, 1) + "\n");

function anchor64(size) {
  return b64(createHash("sha384").update(String(size)).digest());
}
