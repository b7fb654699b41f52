#!/usr/bin/env node
// Checks a weights file against a token the way a tutorial would, knowing nothing of modelmark: the twin of
// naive_verify.py in ethers v6.
//
// tokenURI -> metadata bytes -> do they hash to the CID in the URI? -> provenance.weightsHash -> SHA-256 of the file.
//
// Exit codes: 0 the file is the one in the metadata, 1 it is not, 2 it was not possible to look.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";

const { Contract, FetchRequest, JsonRpcProvider } = createRequire(new URL("../../contracts/package.json", import.meta.url))("ethers");

const ABI = ["function tokenURI(uint256) view returns (string)", "function ownerOf(uint256) view returns (address)"];
const MAX_METADATA = 1 << 20;
const TIMEOUT_MS = 30_000;
const USAGE = "naive_verify.mjs --rpc URL --contract ADDRESS --token-id N --weights FILE --metadata FILE|DIRECTORY|GATEWAY_URL";

/** Something was read and is not what it should be. */
class Mismatch extends Error {}

/** Returns lower-case base32 (RFC 4648) without padding. */
function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{1,5}/g, (group) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(group.padEnd(5, "0"), 2)]);
}

/** Returns the CIDv1 of one raw block: version 1, codec raw, multihash sha2-256 of 32 bytes, in base32. */
function rawCid(data) {
  const digest = createHash("sha256").update(data).digest();
  return "b" + base32(Buffer.concat([Buffer.from([0x01, 0x55, 0x12, 0x20]), digest]));
}

/** Returns the bytes of a CID from a file, a directory of files named by CID, or an HTTP gateway. */
async function readMetadata(source, cid) {
  let data;
  if (/^https?:/.test(source)) {
    const response = await fetch(`${source.replace(/\/+$/, "")}/ipfs/${cid}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the gateway answers ${response.status}`);
    data = Buffer.from(await response.arrayBuffer());
  } else {
    data = await readFile((await stat(source)).isDirectory() ? path.join(source, cid) : source);
  }
  if (data.length > MAX_METADATA) throw new Mismatch(`the metadata is larger than ${MAX_METADATA} bytes`);
  return data;
}

/** Returns the metadata that an `ipfs://` token URI names, after checking that it hashes to that name. */
async function metadataOf(uri, source) {
  if (!uri.startsWith("ipfs://")) throw new Mismatch(`the token URI is not an ipfs:// URI: ${uri}`);
  const cid = uri.slice("ipfs://".length);
  const data = await readMetadata(source, cid);
  if (rawCid(data) !== cid) throw new Mismatch(`the metadata hashes to ${rawCid(data)}, not to ${cid}`);
  console.log(`metadata    ${data.length} bytes, and they hash to that CID`);
  return JSON.parse(data.toString("utf8"));
}

/** Returns the SHA-256 of a file as 0x-hex. */
async function sha256Of(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return "0x" + hash.digest("hex");
}

/** Follows the token to the hash of the weights and compares; throws `Mismatch` when it differs. */
async function verify(provider, options) {
  const token = new Contract(options.contract, ABI, provider);
  console.log(`chain       ${BigInt(await provider.send("eth_chainId", []))}`);
  console.log(`owner       ${await token.ownerOf(BigInt(options["token-id"]))}`);
  const uri = await token.tokenURI(BigInt(options["token-id"]));
  console.log(`tokenURI    ${uri}`);
  const metadata = await metadataOf(uri, options.metadata);
  console.log(`name        ${metadata.name}`);
  const expected = metadata.provenance.weightsHash;
  const actual = await sha256Of(options.weights);
  console.log(`weightsHash ${expected}`);
  console.log(`SHA-256     ${actual}`);
  if (actual !== expected) throw new Mismatch(`${options.weights} is not the file that the token names`);
}

/** Returns a provider that gives up: by default ethers asks a dead endpoint for its chain id forever. */
async function connect(url) {
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT_MS;
  const probe = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return new JsonRpcProvider(request, Number((await probe.json()).result), { staticNetwork: true });
}

/** Prints what it did and the verdict; returns the exit code. */
async function main() {
  let provider;
  try {
    const names = ["rpc", "contract", "token-id", "weights", "metadata"];
    const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
    const missing = names.find((name) => values[name] === undefined);
    if (missing) throw new Error(`--${missing} is missing: ${USAGE}`);
    provider = await connect(values.rpc);
    await verify(provider, values);
  } catch (error) {
    console.error(error instanceof Mismatch ? `MISMATCH: ${error.message}` : `could not look: ${error.message}`);
    return error instanceof Mismatch ? 1 : 2;
  } finally {
    provider?.destroy();
  }
  console.log("MATCH");
  return 0;
}

process.exitCode = await main();
