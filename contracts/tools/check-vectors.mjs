// Computes vectors/contracts/{models,orders}.json and vectors/seaport/orders.json a second time with ethers, which knows nothing of our Solidity: a
// fault in the contracts would otherwise be copied faithfully into the vectors.
import { readFileSync } from 'node:fs';
import { AbiCoder, SigningKey, TypedDataEncoder, id, keccak256 } from 'ethers';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/contracts/models.json', import.meta.url)));
const coder = AbiCoder.defaultAbiCoder();
const parentType = 'tuple(uint64 chainId,address registry,uint256 tokenId,uint8 relation,uint16 shareBps,bytes32 evidence)[]';
const modelType = 'Model(bytes32 weightsDigest,bytes32 recordDigest,bytes32 parentsHash,bytes32 license,uint8 kind,address creator)';
const domain = { name: 'modelmark', version: '1', chainId: vectors.chainId, verifyingContract: vectors.verifyingContract };
const fields = {
  to: 'address', weightsDigest: 'bytes32', recordDigest: 'bytes32', datasetDigest: 'bytes32', architectureDigest: 'bytes32',
  framework: 'bytes32', metrics: 'bytes32', license: 'bytes32', kind: 'uint8', royaltyBps: 'uint16', creator: 'address',
  parentsHash: 'bytes32', deadline: 'uint256',
};
const types = { MintAuth: Object.entries(fields).map(([name, type]) => ({ name, type })) };

let faults = 0;
function expect(name, what, actual, expected) {
  if (actual === expected) return;
  faults += 1;
  process.stderr.write(`${name}: ${what} is ${actual} in the vectors and ${expected} with ethers\n`);
}

for (const { name, model, parentsHash, tokenId, to, deadline, mintAuthDigest } of vectors.cases) {
  const hash = model.parents.length === 0 ? `0x${'0'.repeat(64)}` : keccak256(coder.encode([parentType], [model.parents]));
  const statement = [id(modelType), model.weightsDigest, model.recordDigest, hash, model.license, model.kind, model.creator];
  const token = keccak256(coder.encode(['bytes32', 'bytes32', 'bytes32', 'bytes32', 'bytes32', 'uint8', 'address'], statement));
  const { parents: _, ...message } = { ...model, to, deadline, parentsHash: hash };
  expect(name, 'parentsHash', parentsHash, hash);
  expect(name, 'tokenId', tokenId, BigInt(token).toString());
  expect(name, 'mintAuthDigest', mintAuthDigest, TypedDataEncoder.hash(domain, types, message));
}

const listings = JSON.parse(readFileSync(new URL('../../vectors/seaport/orders.json', import.meta.url)));
const market = { name: 'Seaport', version: '1.6', chainId: listings.chainId, verifyingContract: listings.verifyingContract };
const typed = (fields) => Object.entries(fields).map(([name, type]) => ({ name, type }));
const offered = {
  itemType: 'uint8', token: 'address', identifierOrCriteria: 'uint256', startAmount: 'uint256', endAmount: 'uint256',
};
const orderTypes = {
  OrderComponents: typed({
    offerer: 'address', zone: 'address', offer: 'OfferItem[]', consideration: 'ConsiderationItem[]', orderType: 'uint8',
    startTime: 'uint256', endTime: 'uint256', zoneHash: 'bytes32', salt: 'uint256', conduitKey: 'bytes32', counter: 'uint256',
  }),
  OfferItem: typed(offered),
  ConsiderationItem: typed({ ...offered, recipient: 'address' }),
};
const seller = new SigningKey(listings.key);
for (const { name, components, orderHash, digest, signature } of listings.cases) {
  expect(name, 'orderHash', orderHash, TypedDataEncoder.hashStruct('OrderComponents', orderTypes, components));
  expect(name, 'digest', digest, TypedDataEncoder.hash(market, orderTypes, components));
  expect(name, 'signature', signature, seller.sign(digest).serialized);
}

const trades = JSON.parse(readFileSync(new URL('../../vectors/contracts/orders.json', import.meta.url)));
const place = { name: 'modelmark market', version: '1', chainId: trades.chainId, verifyingContract: trades.verifyingContract };
const tradeTypes = {
  Order: typed({
    maker: 'address', taker: 'address', side: 'uint8', selection: 'uint8', goods: 'uint8', registry: 'address', item: 'uint256',
    size: 'uint64', currency: 'address', price: 'uint256', maxRoyaltyBps: 'uint16', startsAt: 'uint40', endsAt: 'uint40',
    nonce: 'uint256', counter: 'uint256',
  }),
};
for (const { name, order, orderHash } of trades.cases) {
  expect(name, 'orderHash', orderHash, TypedDataEncoder.hash(place, tradeTypes, order));
}
if (trades.cases.length === 0 || listings.cases.length === 0 || faults > 0 || vectors.cases.length === 0) process.exitCode = 1;
