// Writes record.json: records with the canonical bytes, ids, signing digests and signatures that foreign implementations give them.
// Canonical bytes: npm `canonicalize` (RFC 8785). Digests: node:crypto. EIP-712 and signatures: npm `ethers`. CIDs: the few lines below.
// Run `npm ci && npm run generate`; the output is the same every time (RFC 6979 signatures, no clock, no randomness).
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { p256 } from "@noble/curves/p256";
import canonicalize from "canonicalize";
import { HDNodeWallet, Mnemonic, TypedDataEncoder } from "ethers";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const hash = (text) => `0x${sha256(text).toString("hex")}`;

// CIDv1: 0x01, codec, 0x12 (sha2-256), 0x20 (length), digest; multibase "b" is RFC 4648 base32, lower case, unpadded.
function cid(codec, digest) {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let [out, bits, value] = ["b", 0, 0];
  for (const byte of Buffer.concat([Buffer.from([0x01, codec, 0x12, 0x20]), digest])) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[(value >> (bits - 5)) & 31];
  }
  return bits ? out + alphabet[(value << (5 - bits)) & 31] : out;
}
const raw = (text) => cid(0x55, sha256(text));
const dagPb = (text) => cid(0x70, sha256(text));
const digestOfCid = (text) => {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let [bits, value] = [0, 0];
  const bytes = [];
  for (const c of text.slice(1)) {
    value = ((value << 5) | alphabet.indexOf(c)) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((value >> (bits -= 8)) & 255);
  }
  return `0x${Buffer.from(bytes.slice(4)).toString("hex")}`;
};

// The mnemonic that every Ethereum development tool knows.
const mnemonic = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const wallet = (index) => HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`);
const account = (index) => `eip155:1:${wallet(index).address}`;
const svg = (text) => `data:image/svg+xml;base64,${Buffer.from(text).toString("base64")}`;

const file = (path, size, seed) => ({ path, size, sha256: hash(seed), cid: raw(seed) });

// One weights file in a single-file model: the least a record may hold.
const minimal = {
  provenance: {
    weightsHash: hash("weights"),
    type: "https://modelmark.dev/provenance/v1",
    weights: { files: ["model.safetensors"], cid: raw("weights") },
    model: { size: 7, profile: "unixfs-v1-256KiB-174", kind: "file", files: [file("model.safetensors", 7, "weights")], cid: raw("weights") },
    license: { spdx: "MIT" },
    creator: { account: account(0) },
  },
  name: "minimal",
  image: svg("<svg/>"),
  description: "",
  attributes: [],
};

const shards = [file("model-00001.safetensors", 9007199254740000, "shard 1"), file("model-00002.safetensors", 991, "shard 2")];
const listing = shards.map((f) => `${f.sha256.slice(2)}  ${f.path}\n`).join("");

// Every key, several entries where a list allows them, the largest integer.
const full = {
  name: "Full ⟨η⟩ model",
  description: "First line, \"quoted\" and back\\slashed.\n\tSecond line: é, e\u0301, 模型, 🦊, \u20ac, </script>.",
  image: "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
  external_url: "https://example.org/models/full?x=1&y=%20#top",
  attributes: [
    { trait_type: "License", value: "Apache-2.0 OR LicenseRef-acme" },
    { trait_type: "Parameters", value: 9007199254740991, display_type: "number" },
    { trait_type: "Offset", value: -9007199254740991, display_type: "number" },
  ],
  provenance: {
    type: "https://modelmark.dev/provenance/v1",
    weightsHash: hash(listing),
    modelArchitecture: "bert",
    datasetCid: dagPb("training data"),
    // U+FB33 sorts after U+1F600 by UTF-16 code unit and before it by code point: RFC 8785 wants the former.
    trainingConfig: { learningRate: "1e-5", epochs: 3, "\u{1f600}": "grin", "\ufb33": "dalet", a: "0.10", A: "-0", "10": 10, "9": 9, seed: -1 },
    model: {
      cid: dagPb("model"),
      kind: "directory",
      profile: "unixfs-v1-256KiB-174",
      size: 9007199254740991,
      files: [...shards],
      ignored: [".git/"],
    },
    weights: {
      // All files are weights, so that the directory of the weights is the model.
      cid: dagPb("model"),
      files: shards.map((f) => f.path),
      format: "safetensors",
      tensors: { count: 2, parameters: 3, dtypes: { F32: 1, BF16: 2 }, root: hash("root"), content: hash("content"), value: hash("value") },
    },
    version: "1.2.0",
    task: "text-classification",
    tags: ["a", "b"],
    framework: { name: "pytorch", version: "2.8.0" },
    architecture: { family: "bert", name: "BertModel", dtype: "float32", configSha256: hash("config") },
    tokenizer: { sha256: hash("tokenizer") },
    training: {
      code: { uri: "https://example.org/code", commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
      run: "https://example.org/runs/1?tab=charts",
      startedAt: "2026-11-22T10:00:00.5Z",
      finishedAt: "2026-11-22T10:00:00.50Z",
      hardware: "NVIDIA A100-SXM4-80GB",
      devices: 8,
      image: `ghcr.io/org/train:1@sha256:${hash("image").slice(2)}`,
      energyKwh: "12.50",
      co2Grams: "1e3",
    },
    datasets: [
      { role: "test", name: "org/test" },
      { role: "train", name: "org/train", cid: dagPb("training data"), sha256: hash("data"), size: 0, files: 1, license: "CC-BY-4.0", revision: "main", uri: "doi:10.1000/182" },
      { role: "eval", name: "e" },
      { role: "other", name: "o" },
    ],
    evaluations: [{ task: "text-classification", dataset: "org/test", metric: "accuracy", value: "0.9730" }, { metric: "loss", value: "1E-7" },
      { task: "mmlu", dataset: "org/mmlu", datasetRevision: "refs/pr/1", metric: "acc,none", value: "0.5", n: 14042, harness: "lm-evaluation-harness 0.4.9", source: "https://example.org/results", date: "2026-11-23T00:00:00Z" },
    ],
    considerations: {
      intendedUse: "Sorting mail.",
      limitations: "Knows no dialects.\nNor verse.",
      fairness: "Not measured.",
      risks: "",
      personalData: "unknown",
    },
    lineage: [
      { relation: "finetune", shareBps: 10000, parent: { token: `eip155:31337/erc721:${wallet(3).address}/115792089237316195423570985008687907853269984665640564039457584007913129639935`, name: "org/base", uri: "https://huggingface.co/org/base" } },
      { relation: "merge", shareBps: 0, parent: { tokenId: "0" }, evidence: [hash("second report"), hash("first report")] },
      { relation: "distilled", parent: { cid: dagPb("parent"), weightsHash: hash("parent") } },
    ],
    license: { spdx: "Apache-2.0 OR LicenseRef-acme", uri: "ar://abc-_" },
    royalty: { bps: 1000 },
    rights: { trainingMining: "notAllowed" },
    creator: { account: account(1), name: "Ada" },
    contributors: [{ account: account(1), shareBps: 9999, name: "Ada" }, { account: account(2), shareBps: 1 }],
    attachments: [
      { name: "bom.json", mediaType: "application/vnd.cyclonedx+json", cid: raw("bom"), sha256: hash("bom"), size: 3 },
      { name: "report", mediaType: "application/pdf", cid: dagPb("report"), sha256: hash("the report"), size: 9007199254740991 },
    ],
    sources: [{ field: "license", file: "README.md", sha256: hash("card") }, { field: "training.startedAt", file: "../run/config.yaml", sha256: hash("run") }],
    createdAt: "2026-11-23T10:00:00.5Z",
  },
};

// Two names that look alike are two records.
const composed = { ...minimal, name: "mod\u00e8le" };
const decomposed = { ...minimal, name: "mode\u0300le" };

const types = {
  Authorship: [
    { name: "name", type: "string" },
    { name: "record", type: "bytes32" },
    { name: "weights", type: "bytes32" },
    { name: "creator", type: "address" },
  ],
};
const domain = { name: "modelmark", version: "1" };

async function vector(label, record, signer) {
  const canonical = canonicalize(record);
  const digest = sha256(canonical);
  const message = {
    name: record.name,
    record: `0x${digest.toString("hex")}`,
    weights: digestOfCid(record.provenance.weights.cid),
    creator: record.provenance.creator.account.slice("eip155:1:".length),
  };
  const signature = await wallet(signer).signTypedData(domain, types, message);
  const document = {
    signatures: [{ signer: account(signer), signature, scheme: "eip712" }],
    record: message.record,
    type: "https://modelmark.dev/signatures/v1",
  };
  return {
    label,
    record,
    canonical,
    id: message.record,
    cid: cid(0x55, digest),
    typedData: TypedDataEncoder.getPayload(domain, types, message),
    signingHash: TypedDataEncoder.hash(domain, types, message),
    signature,
    signatureDocument: canonicalize(document),
  };
}

// Texts that a reader of records must refuse, made from the minimal record by one change each.
function refused() {
  const text = canonicalize(minimal);
  const change = (from, to) => {
    if (!text.includes(from)) throw new Error(`nothing to change: ${from}`);
    return text.replace(from, to);
  };
  return [
    ["white space", ` ${text}`],
    ["line feed at the end", `${text}\n`],
    ["byte order mark", `\ufeff${text}`],
    ["keys in another order", JSON.stringify(minimal)],
    ["key twice", change('"name":"minimal"', '"name":"minimal","name":"minimal"')],
    ["key twice, once escaped", change('"name":"minimal"', '"name":"minimal","\\u006eame":"other"')],
    ["needless escape", change('"minimal"', '"m\\u0069nimal"')],
    ["unknown key at the top", change('"name"', '"extra":1,"name"')],
    ["unknown key inside", change('"license":{"spdx"', '"license":{"a":1,"spdx"')],
    ["null", change('"license":{', '"datasetCid":null,"license":{')],
    ["fraction", change('"size":7}', '"size":7.0}')],
    ["exponent", change('"size":7}', '"size":7e0}')],
    ["minus zero", change('"size":7}', '"size":-0}')],
    ["number beyond 2^53 - 1", change('"size":7}', '"size":9007199254740992}')],
    ["NaN", change('"size":7}', '"size":NaN}')],
    ["size is not the sum", change('"size":7},"type"', '"size":8},"type"')],
    ["digest without 0x", change(`"sha256":"${hash("weights")}"`, `"sha256":"${hash("weights").slice(2)}"`)],
    ["digest in capitals", change(`"sha256":"${hash("weights")}"`, `"sha256":"0x${hash("weights").slice(2).toUpperCase()}"`)],
    ["weightsHash of something else", change(`"weightsHash":"${hash("weights")}"`, `"weightsHash":"${hash("other")}"`)],
    ["CID version 0", change(`"cid":"${raw("weights")}"`, '"cid":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"')],
    ["account without checksum", change(account(0), account(0).toLowerCase())],
    ["account of another chain", change("eip155:1:", "eip155:137:")],
    ["licence not on the SPDX list", change('"MIT"', '"MIT-ish"')],
    ["licence in another spelling", change('"MIT"', '"mit"')],
    ["path out of the model", change('"path":"model.safetensors"', '"path":"../model.safetensors"')],
    ["name that turns the direction of writing", change('"minimal"', '"mini\u202emal"')],
    ["blank name", change('"minimal"', '" "')],
    ["picture that is a script", change(/"image":"[^"]*"/.exec(text)[0], '"image":"javascript:alert(1)"')],
    ["another format", change("provenance/v1", "provenance/v2")],
    ["no licence", change('"license":{"spdx":"MIT"},', "")],
    ["parent that is only a name", change('"model":{', '"lineage":[{"parent":{"name":"org/base"},"relation":"finetune"}],"model":{')],
    ["shares that do not sum", change('"creator":', `"contributors":[{"account":"${account(1)}","shareBps":9999}],"creator":`)],
    ["royalty above a tenth", change('"type":"https', '"royalty":{"bps":1001},"type":"https')],
    ["training that says nothing", change('"type":"https', '"training":{},"type":"https')],
    ["code that says nothing", change('"type":"https', '"training":{"code":{}},"type":"https')],
    ["dirty, but from which commit", change('"type":"https', '"training":{"code":{"dirty":true}},"type":"https')],
    ["commit cut short", change('"type":"https', '"training":{"code":{"commit":"0123456"}},"type":"https')],
    ["finished before it started", change('"type":"https', '"training":{"finishedAt":"2026-01-01T00:00:00Z","startedAt":"2026-01-01T00:00:00.5Z"},"type":"https')],
    ["energy below nothing", change('"type":"https', '"training":{"energyKwh":"-1"},"type":"https')],
    ["energy as a number", change('"type":"https', '"training":{"energyKwh":1},"type":"https')],
    ["no devices", change('"type":"https', '"training":{"devices":0},"type":"https')],
    ["personal data, perhaps", change('"creator":', '"considerations":{"personalData":"maybe"},"creator":')],
    ["considerations that say nothing", change('"creator":', '"considerations":{},"creator":')],
    ["rights that say nothing", change('"type":"https', '"rights":{},"type":"https')],
    ["attachment under another digest than its CID", change('"creator":', `"attachments":[{"cid":"${raw("a")}","mediaType":"text/plain","name":"a","sha256":"${hash("b")}","size":1}],"creator":`)],
    ["two attachments of one name", change('"creator":', `"attachments":[${[1, 2].map((size) => `{"cid":"${raw("a")}","mediaType":"text/plain","name":"a","sha256":"${hash("a")}","size":${size}}`).join(",")}],"creator":`)],
    ["media type with parameters", change('"creator":', `"attachments":[{"cid":"${raw("a")}","mediaType":"text/html; charset=utf-8","name":"a","sha256":"${hash("a")}","size":1}],"creator":`)],
    ["evidence twice", change('"model":{', `"lineage":[{"evidence":["${hash("a")}","${hash("a")}"],"parent":{"tokenId":"1"},"relation":"finetune"}],"model":{`)],
    ["lone surrogate", change('"minimal"', '"\\ud800"')],
    ["deeply nested", "[".repeat(10000)],
  ].map(([why, document]) => ({ why, document }));
}

// The full record signed by its creator and by the contributor who is not the creator, what a contract wallet of theirs would sign, and documents of
// signatures of which one is wrong.
async function cosignatures() {
  const [creator, contributor, stranger] = [1, 2, 4];
  const canonical = canonicalize(full);
  const common = { name: full.name, record: `0x${sha256(canonical).toString("hex")}`, weights: digestOfCid(full.provenance.weights.cid) };
  const contribution = {
    Contribution: [
      { name: "name", type: "string" },
      { name: "record", type: "bytes32" },
      { name: "weights", type: "bytes32" },
      { name: "contributor", type: "address" },
      { name: "shareBps", type: "uint16" },
    ],
  };
  const statements = {
    [creator]: [types, { ...common, creator: wallet(creator).address }],
    [contributor]: [contribution, { ...common, contributor: wallet(contributor).address, shareBps: 1 }],
    [stranger]: [contribution, { ...common, contributor: wallet(stranger).address, shareBps: 1 }],
  };
  const sign = (index, over = domain, by = index) => wallet(by).signTypedData(over, ...statements[index]);
  const entry = (index, signature, scheme = "eip712", signer = account(index)) => ({ signer, signature, scheme });
  const document = (signatures, record = common.record) => canonicalize({ signatures, record, type: "https://modelmark.dev/signatures/v1" });

  const good = [entry(creator, await sign(creator)), entry(contributor, await sign(contributor))];
  const bytes = Buffer.from(good[1].signature.slice(2), "hex");
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = (order - BigInt(`0x${bytes.subarray(32, 64).toString("hex")}`)).toString(16).padStart(64, "0");
  const high = `0x${bytes.subarray(0, 32).toString("hex")}${s}${(55 - bytes[64]).toString(16)}`;
  const digest = TypedDataEncoder.hash(domain, ...statements[contributor]);
  const foreign = p256.sign(digest.slice(2), wallet(contributor).privateKey.slice(2)).normalizeS();
  const otherCurve = `0x${foreign.toCompactHex()}1b`;
  const wrong = async (why, code, signature) => ({ why, code, document: document([good[0], signature]) });
  return {
    canonical,
    statements: [creator, contributor].map((index) => ({
      account: account(index),
      typedData: TypedDataEncoder.getPayload(domain, ...statements[index]),
      signingHash: TypedDataEncoder.hash(domain, ...statements[index]),
      onChain: [1, 8453].map((chainId) => ({
        chainId,
        typedData: TypedDataEncoder.getPayload({ ...domain, chainId }, ...statements[index]),
        signingHash: TypedDataEncoder.hash({ ...domain, chainId }, ...statements[index]),
      })),
    })),
    document: document(good),
    wrong: [
      await wrong("high s", "high-s", entry(contributor, high)),
      await wrong("P-256", "wrong-signer", entry(contributor, otherCurve)),
      await wrong("another domain", "wrong-signer", entry(contributor, await sign(contributor, { ...domain, name: "other" }))),
      await wrong("another version", "wrong-signer", entry(contributor, await sign(contributor, { ...domain, version: "2" }))),
      await wrong("bound to a chain", "wrong-signer", entry(contributor, await sign(contributor, { ...domain, chainId: 1 }))),
      await wrong("by somebody else", "wrong-signer", entry(contributor, await sign(contributor, domain, stranger))),
      await wrong("the creator's statement", "wrong-signer", entry(contributor, await wallet(contributor).signTypedData(domain, ...statements[creator]))),
      await wrong("not in the record", "not-named", entry(stranger, await sign(stranger))),
      await wrong("a key of one chain", "key-on-chain", entry(contributor, good[1].signature, "eip712", `eip155:10:${wallet(contributor).address}`)),
      await wrong("too short", "length", entry(contributor, good[1].signature.slice(0, -2))),
      await wrong("recovery byte 0", "recovery-byte", entry(contributor, `${good[1].signature.slice(0, -2)}00`)),
      await wrong("twice", "twice", good[0]),
      { why: "another record", code: "other-record", document: document(good, hash("another")) },
      { why: "no signatures", code: "count", document: document([]) },
    ],
  };
}

const vectors = {
  note: "Generated by generate.mjs with foreign implementations; do not edit. Signing keys: m/44'/60'/0'/0/<n> of the mnemonic `test test test test test test test test test test test junk`.",
  records: [
    await vector("minimal", minimal, 0),
    await vector("full", full, 1),
    await vector("composed accent", composed, 0),
    await vector("decomposed accent", decomposed, 0),
  ],
  refused: refused(),
  cosigned: await cosignatures(),
};
writeFileSync(new URL("record.json", import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
