// The keys of the vectors. They are public: nothing of worth may belong to them.
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";

export const require = createRequire(import.meta.url);
export const arbundles = require("arbundles");
export const bs58 = require("bs58");
export const b64 = (bytes) => Buffer.from(bytes).toString("base64url");

function arweaveKey(name) {
  const file = new URL(`keys/${name}.json`, import.meta.url);
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
    writeFileSync(file, JSON.stringify(privateKey.export({ format: "jwk" }), null, 1) + "\n");
  }
  return JSON.parse(readFileSync(file));
}

function solanaKey(byte) {
  const noble = require("@noble/ed25519");
  const seed = Buffer.alloc(32, byte);
  return noble.getPublicKey(seed).then((key) => bs58.encode(Buffer.concat([seed, key])));
}

export const jwk = arweaveKey("arweave");
/** The first account of the development chain. */
export const ethereum = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
export const solana = await solanaKey(7);

/** The bytes that stand for data: no two chunks of them are the same. */
export const data = (size) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16) * 3) & 255));
