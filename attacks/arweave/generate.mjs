// Makes items.json; see README.md. It needs the packages of vectors/arweave.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { arbundles, b64, ethereum, jwk, solana } from "../../vectors/arweave/keys.mjs";

const { ArweaveSigner, EthereumSigner, HexSolanaSigner, SolanaSigner, bundleAndSignData, createData } = arbundles;
const tags = [{ name: "Content-Type", value: "application/json" }];
const record = JSON.stringify({ name: "a model" });
const signed = async (signer, content = record, options = { tags }) => {
  const item = createData(content, signer, options);
  await item.sign(signer);
  return Buffer.from(item.getRaw());
};
const id = (item, length) => createHash("sha256").update(item.subarray(2, 2 + length)).digest("base64url");
const change = (bytes, at, value) => {
  const changed = Buffer.from(bytes);
  changed[at < 0 ? changed.length + at : at] = typeof value === "function" ? value(changed.at(at)) : value;
  return changed;
};
const splice = (bytes, at, count, middle) => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + count)]);
const flip = (byte) => byte ^ 1;
const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const long = (value) => Buffer.concat([u64(value), Buffer.alloc(24)]);

const eth = await signed(new EthereumSigner(ethereum));
const rsa = await signed(new ArweaveSigner(jwk));
const ed = await signed(new SolanaSigner(solana));
const hex = await signed(new HexSolanaSigner(solana));
// Where the fields of `eth` begin.
const OWNER = 67, TARGET = 132, ANCHOR = 133, COUNT = 134, LENGTH = 142, TAGS = 150;
const tagBytes = Number(eth.readBigUInt64LE(LENGTH));
const retagged = (count, bytes) => Buffer.concat([eth.subarray(0, COUNT), u64(count), u64(bytes.length), bytes, eth.subarray(TAGS + tagBytes)]);

const items = [];
const item = (name, error, bytes, length = 65) => items.push({ name, error, id: id(bytes, length), item: b64(bytes) });
item("other data", "its signature is not", change(eth, -1, flip));
item("data cut", "its signature is not", eth.subarray(0, -1));
item("data longer", "its signature is not", Buffer.concat([eth, Buffer.from(" ")]));
item("a tag's value", "its signature is not", change(eth, TAGS + tagBytes - 2, flip));
item("other owner", "its signature is not", change(eth, OWNER + 1, flip));
item("owner of another kind", "its signature is not", change(eth, OWNER, 6));
item("r", "its signature is not", change(eth, 2, flip));
item("a target that nobody signed", "its signature is not", splice(eth, TARGET, 1, Buffer.concat([Buffer.from([1]), Buffer.alloc(32)])));
item("an anchor that nobody signed", "its signature is not", splice(eth, ANCHOR, 1, Buffer.concat([Buffer.from([1]), Buffer.alloc(32)])));
item("no tags that are signed", "its signature is not", retagged(0, Buffer.alloc(0)));
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const s = order - BigInt(`0x${eth.subarray(34, 66).toString("hex")}`);
item("the twin with a high s", "above half the order", splice(eth, 34, 32, Buffer.from(s.toString(16).padStart(64, "0"), "hex")));
item("r and s of nothing", "its signature is not", splice(eth, 2, 65, Buffer.alloc(65)));
item("r and s beyond the order", "above half the order", splice(eth, 2, 65, Buffer.alloc(65, 255)));
item("RSA: other data", "its signature is not", change(rsa, -1, flip), 512);
item("RSA: signature of zeros", "its signature is not", splice(rsa, 2, 512, Buffer.alloc(512)), 512);
item("RSA: signature above the modulus", "its signature is not", splice(rsa, 2, 512, Buffer.alloc(512, 255)), 512);
item("RSA: owner of zeros", "no modulus", splice(rsa, 514, 512, Buffer.alloc(512)), 512);
item("RSA: owner of one", "no modulus", splice(rsa, 514, 512, Buffer.concat([Buffer.alloc(511), Buffer.from([1])])), 512);
item("RSA: even owner", "no modulus", change(rsa, 514 + 511, 0), 512);
item("RSA: owner of 2048 bits", "no modulus", splice(rsa, 514, 256, Buffer.alloc(256)), 512);
item("Ed25519: other data", "its signature is not", change(ed, -1, flip), 64);
item("Ed25519 as Solana", "its signature is not", change(ed, 0, 4), 64);
item("Solana as Ed25519", "its signature is not", change(hex, 0, 2), 64);
// The owner is the neutral element and R as well, s is 0: without a look at the owner's order this fits every message, so one id would name everything.
for (const [kind, name] of [[2, "Ed25519"], [4, "Solana"]]) {
  const neutral = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
  const base = change(kind === 2 ? ed : hex, 0, kind);
  const forged = splice(splice(base, 2, 64, Buffer.concat([neutral, Buffer.alloc(32)])), 66, 32, neutral);
  item(`${name}: an owner for whom every message is signed`, "its signature is not", forged, 64);
}
item("no such type", "signature type 9", change(eth, 0, 9));
item("type 0", "signature type 0", change(eth, 0, 0));
item("a type of other libraries", "signature type 5", change(eth, 0, 5));
item("a type above a byte", "signature type 259", change(eth, 1, 1));
item("neither a target nor none", "the byte before its target is 2", change(eth, TARGET, 2));
item("neither an anchor nor none", "the byte before its anchor is 255", change(eth, ANCHOR, 255));
for (const [at, what] of [[0, "signature type"], [1, "signature type"], [40, "signature"], [100, "owner"], [TARGET, "target"], [ANCHOR, "anchor"], [COUNT + 3, "number of tags"], [LENGTH + 3, "length of tags"], [TAGS + 3, "tags"]]) {
  items.push({ name: `cut at ${at}`, error: `cut off in its ${what}`, id: id(eth, 65), item: b64(eth.subarray(0, at)) });
}
item("more tags than follow", "fewer than the item says", splice(eth, COUNT, 8, u64(2)));
item("fewer tags than follow", "more than the item says", splice(eth, COUNT, 8, u64(0)));
item("129 tags", "129 of them", splice(eth, COUNT, 8, u64(129)));
item("tags without number", "of them", splice(eth, COUNT, 8, Buffer.alloc(8, 255)));
item("tags without end", "at most 4096", splice(eth, LENGTH, 8, Buffer.alloc(8, 255)));
item("4097 bytes of tags", "at most 4096", retagged(1, Buffer.alloc(4097)));
item("a length beyond the tags", "cut off in its tags", retagged(1, Buffer.from([2, 200, 1, 1])));
item("a negative length", "a negative length", retagged(1, Buffer.from([2, 1, 0, 0])));
item("a number that never ends", "more than 64 bits", retagged(1, Buffer.alloc(40, 255)));
item("no end of the tags", "cut off in its tags", retagged(1, Buffer.from([2, 2, 97, 2, 98])));
item("bytes after the tags", "bytes follow their end", retagged(1, Buffer.from([2, 2, 97, 2, 98, 0, 0])));
item("a block of the smallest number", "no possible length", retagged(1, Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0])));
item("blocks without number", "more than the item says", retagged(1, Buffer.from([254, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0])));
item("JSON", "signature type", Buffer.from(record.padEnd(200)));

const signer = new EthereumSigner(ethereum);
const plain = (content) => createData(content, signer, { tags });
const two = Buffer.from((await bundleAndSignData([plain("one"), plain("two")], signer)).getRaw());
const bundles = [];
const bundle = (name, error, bytes) => bundles.push({ name, error, bundle: b64(bytes) });
bundle("empty", "cut off in its list of items", Buffer.alloc(0));
bundle("only a count", "cut off in its list of items", long(1));
bundle("a count without number", "beyond all bundles", Buffer.alloc(32, 255));
bundle("a count of 2^63", "cut off in its list of items", long(2n ** 63n));
bundle("one item more than there is", "signature type", splice(two, 0, 32, long(3)));
bundle("one item less than there is", "signature type", splice(two, 0, 32, long(1)));
bundle("a size that is too large", "cut off in its items", splice(two, 32, 32, long(2n ** 40n)));
bundle("a size beyond all numbers", "beyond all bundles", splice(two, 32, 32, Buffer.alloc(32, 255)));
bundle("a size of nothing", "cut off in its signature type", splice(two, 32, 32, long(0)));
bundle("bytes after the items", "1 bytes follow its items", Buffer.concat([two, Buffer.alloc(1)]));
bundle("another id", "not", change(two, 64, flip));
bundle("an item that was changed", "its signature is not", change(two, -1, flip));
bundle("cut", "cut off in its items", two.subarray(0, -1));
const marked = [{ name: "Bundle-Format", value: "binary" }, { name: "Bundle-Version", value: "2.0.0" }];
let nested = two;
for (let depth = 0; depth < 6; depth++) {
  const holder = createData(nested, signer, { tags: marked });
  nested = Buffer.from((await bundleAndSignData([holder], signer)).getRaw());
}
bundle("bundles in bundles in bundles", "more than 4 deep", nested);
const liar = createData(record, signer, { tags: marked });
bundle("an item that says that it is a bundle", "cut off in its list of items", Buffer.from((await bundleAndSignData([liar], signer)).getRaw()));

writeFileSync(new URL("items.json", import.meta.url), JSON.stringify({ items, bundles }, null, 1) + "\n");
