// Makes shapes.json: metadata of tokens as others mint them, around one file of weights. Digests are Node's and ethers', CIDs the JavaScript
// implementation's of UnixFS, all installed by `cargo xtask test` or `npm ci` in vectors/unixfs.
//
//     node generate.mjs

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const from = (folder, name) => import(createRequire(new URL(`../../${folder}/package.json`, import.meta.url)).resolve(name));
const { keccak256: keccak } = await from('contracts', 'ethers');
const { blake3 } = await from('contracts', '@noble/hashes/blake3');
const { importByteStream } = await import('../unixfs/node_modules/ipfs-unixfs-importer/dist/src/index.js');
const { fixedSize } = await import('../unixfs/node_modules/ipfs-unixfs-importer/dist/src/chunker/index.js');
const { balanced } = await import('../unixfs/node_modules/ipfs-unixfs-importer/dist/src/layout/index.js');

// 300,000 bytes, more than one leaf of 256 KiB.
const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const nowhere = { put: async (cid) => cid };
async function cid(options) {
  const layout = { chunker: fixedSize({ chunkSize: 262144 }), layout: balanced({ maxChildrenPerNode: 174 }), fieldOrder: 'links-first' };
  return (await importByteStream([weights], nowhere, { ...layout, ...options })).cid.toString();
}
const sha256 = createHash('sha256').update(weights).digest('hex');
const base64 = createHash('sha256').update(weights).digest('base64');
const keccak256 = keccak(weights);
const b3 = Buffer.from(blake3(weights)).toString('hex');
const version1 = await cid({ cidVersion: 1, rawLeaves: true, reduceSingleLeafToSelf: true });
const version0 = await cid({ cidVersion: 0, rawLeaves: false });
const other = createHash('sha256').update('other').digest('hex');
const sha512 = createHash('sha512').update(weights).digest('hex');

const token = { name: 'Tiny #7', description: 'A model.', image: 'ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' };
const trait = (trait_type, value) => ({ trait_type, value });
const traits = (...list) => ({ ...token, attributes: [trait('Framework', 'PyTorch'), trait('Accuracy', 0.93), ...list] });
const opensea = 'OpenSea metadata standard: attributes';
const tutorial = 'tutorials on model provenance NFTs: provenance.weightsHash as 0x-hex SHA-256';
const erc1155 = 'ERC-1155 metadata JSON: rich properties';

// `states` is what has to be read; `refused` the codes of what must not be believed; `true` whether the weights above match.
const cases = [
  ['provenance.weightsHash', tutorial, { ...token, provenance: { weightsHash: `0x${sha256}`, modelArchitecture: 'llama', trainingConfig: {} } }, true],
  ['another file', tutorial, { ...token, provenance: { weightsHash: `0x${other}` } }, false],
  ['a trait', opensea, traits(trait('Weights Hash', sha256)), true],
  ['a trait of the model', opensea, traits(trait('Model Hash', `0x${sha256}`)), true],
  ['a trait named by the algorithm', opensea, traits(trait('SHA-256', sha256.toUpperCase())), true],
  ['the algorithm in another trait', opensea, traits(trait('Hash Algorithm', 'keccak256'), trait('Model Hash', keccak256)), true],
  ['traits and properties', 'Python minters: the same in both', { ...traits(trait('Model Hash', sha256)), properties: { model_hash: sha256, category: 'nlp' } }, true],
  ['an object of attributes', 'Cosmos and Solana style minters', { ...token, attributes: { weights_hash: `sha256:${sha256}` } }, true],
  ['a key of the document', 'scripts that put fields beside the name', { ...token, model_sha256: sha256 }, true],
  ['inside of model', 'inference receipts: model.weightsHash', { ...token, model: { id: 'org/tiny', weightsHash: `sha256:${sha256}` } }, true],
  ['a bare hash inside of weights', 'inference receipts', { ...token, weights: { hash: sha256, size: 300000 } }, true],
  ['a rich property', erc1155, { ...token, properties: { 'Weights Hash': { name: 'Weights', value: sha256 } } }, true],
  ['an object with algorithm and content', 'CycloneDX: {alg, content}', { ...token, properties: { model_digest: { alg: 'SHA-256', content: sha256 } } }, true],
  ['base64', 'NEP-177: base64 SHA-256', { ...token, provenance: { weightsHash: base64 } }, true],
  ['subresource integrity', 'W3C Subresource Integrity', { ...token, provenance: { weightsHash: `sha256-${base64}` } }, true],
  ['base64url without padding', 'JOSE: base64url', { ...token, provenance: { weightsHash: Buffer.from(sha256, 'hex').toString('base64url') } }, true],
  ['a multihash in hex', 'multiformats', { ...token, provenance: { weightsHash: `1220${sha256}` } }, true],
  ['keccak by prefix', 'Solidity minters: keccak256', { ...token, provenance: { modelHash: `keccak256:${keccak256.slice(2)}` } }, true],
  ['keccak by name', 'Solidity minters: keccak256', { ...token, provenance: { modelKeccak256: keccak256 } }, true],
  ['keccak that does not say so', 'Solidity minters: keccak256', { ...token, provenance: { modelHash: keccak256 } }, false],
  ['blake3', 'b3sum', { ...token, provenance: { weightsHash: `b3:${b3}` } }, true],
  ['a CID of version 1', 'Kubo: ipfs add --cid-version 1', { ...token, properties: { model_cid: version1 } }, true],
  ['a CID of version 0', 'Kubo: ipfs add', traits(trait('Model CID', version0)), true],
  ['an address of a CID', 'Pinata and others', { ...token, provenance: { weightsCid: `ipfs://${version0}` } }, true],
  ['two that agree', tutorial, { ...traits(trait('Weights Hash', sha256)), provenance: { weightsHash: `0x${sha256}`, weightsCid: version1 } }, true],
  ['one right and one wrong of two kinds', tutorial, { ...token, provenance: { weightsHash: `0x${sha256}`, weightsBlake3: other } }, false],
  ['SHA-512', 'sha512sum', { ...token, provenance: { weightsHash: `sha512:${sha512}` } }, ['algorithm']],
  ['MD5', 'md5sum', traits(trait('Model MD5', createHash('md5').update(weights).digest('hex'))), ['algorithm']],
  ['cut short for show', 'Python minters: model_hash[:16]', traits(trait('Model Hash', sha256.slice(0, 16))), ['spelling']],
  ['no digest at all', opensea, traits(), ['no-digest']],
  ['a digest of something else', 'NEAR and Mixin: media_hash', { ...token, media_hash: base64, dataset_hash: sha256, provenance: { datasetHash: sha256 } }, ['no-digest']],
  ['a placeholder', 'templates', { ...token, provenance: { weightsHash: '' } }, ['spelling']],
].map(([name, source, metadata, result]) => ({
  name, source, metadata: JSON.stringify(metadata), ...(Array.isArray(result) ? { refused: result } : { matches: result }),
}));

const digests = { sha256, keccak256, blake3: b3, version0, version1 };
writeFileSync(new URL('shapes.json', import.meta.url), `${JSON.stringify({ digests, cases }, null, 1)}\n`);
