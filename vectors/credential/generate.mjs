// Writes foreign.json: credentials that Digital Bazaar's packages and jose make, for our verifier. Keys are fixed; ES256 signatures differ from run to run.
import { writeFileSync } from 'node:fs';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createSignCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { SDJwtInstance } from '@sd-jwt/core';
import { SignJWT } from 'jose';
import { documentLoader } from './documents.mjs';

const V2 = 'https://www.w3.org/ns/credentials/v2';
const TERMS = 'https://www.w3.org/ns/credentials/undefined-terms/v2';
const at = '2026-11-23T12:00:00Z';

const unsigned = issuer => ({
  '@context': [V2, TERMS],
  id: 'urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5',
  type: ['VerifiableCredential', 'EvaluationCredential'],
  issuer,
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2027-01-01T00:00:00Z',
  credentialSubject: {
    id: 'ipfs://bafkreie2ckidrwnablwqz5vh5iczzjikqe2esbq2xb4erty2cpvp34z3fq',
    'ключ "\u{1f600}\ufb33': ['\u2028', 1e-7, 0.1, -0, 9007199254740991, null, { nested: [true] }],
  },
});

// A fixed Ed25519 key: 32 bytes of 0x07.
const seed = Buffer.alloc(32, 7);
const ed25519 = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
const { x } = createPublicKey(ed25519).export({ format: 'jwk' });
const pair = await Ed25519Multikey.fromJwk({ jwk: { kty: 'OKP', crv: 'Ed25519', x, d: seed.toString('base64url') }, secretKey: true });
const did = `did:key:${(await pair.export({ publicKey: true })).publicKeyMultibase}`;
pair.controller = did;
pair.id = `${did}#${did.slice('did:key:'.length)}`;

const credentials = [];

const suite = new DataIntegrityProof({ signer: pair.signer(), cryptosuite: createSignCryptosuite(), date: new Date(at) });
const embedded = await vc.issue({ credential: unsigned(did), suite, documentLoader: documentLoader() });
credentials.push({ label: 'eddsa-jcs-2022 by Digital Bazaar', credential: JSON.stringify(embedded) });

const jwt = async (claims, key, header) => new SignJWT(claims).setProtectedHeader(header).sign(key);
credentials.push({
  label: 'vc+jwt, EdDSA, by jose',
  credential: await jwt(unsigned(did), ed25519, { alg: 'EdDSA', typ: 'vc+jwt', cty: 'vc', kid: pair.id }),
});

// A fixed P-256 key, named by its JSON Web Key alone: its issuer is a web address.
const p256 = createPrivateKey({
  key: {
    kty: 'EC', crv: 'P-256', d: 'Ur2bNKuBPOrAaxsRnbSH6hIhmNTxSGXshDSUD1a1y7g',
    x: 'b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ', y: 'Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8',
  },
  format: 'jwk',
});
const { d, ...jwk } = p256.export({ format: 'jwk' });
const url = 'https://models.example/issuers/1';
credentials.push({
  label: 'vc+jwt, ES256, by jose',
  credential: await jwt(unsigned(url), p256, { alg: 'ES256', typ: 'vc+jwt', kid: `${url}#key-1` }),
  issuerKey: jwk,
});

// Some of it disclosed, of two lists and an object inside an object, with decoys.
const salts = (function* () { for (let count = 0; ; count += 1) yield createHash('sha256').update(`salt ${count}`).digest('base64url').slice(0, 22); })();
const selective = new SDJwtInstance({
  signer: data => sign(null, Buffer.from(data), ed25519).toString('base64url'),
  signAlg: 'EdDSA',
  hasher: data => createHash('sha256').update(data).digest(),
  hashAlg: 'sha-256',
  saltGenerator: () => salts.next().value,
});
const claims = { iss: did, vct: 'urn:example:evaluation', nbf: 1767225600, exp: 1798761600, task: 'qa', by: ['a', 'b', 'c'], results: { metric: 'f1', value: 0.25, raw: [1] } };
const frame = { _sd: ['task', 'results'], _sd_decoy: 2, by: { _sd: [0, 2], _sd_decoy: 1 }, results: { _sd: ['metric', 'raw'] } };
const issued = await selective.issue(claims, frame, { header: { typ: 'dc+sd-jwt', kid: pair.id } });
credentials.push({ label: 'dc+sd-jwt, EdDSA, all disclosed, by @sd-jwt/core', credential: issued });
const presented = await selective.present(issued, { by: { 2: true }, results: { metric: true } });
credentials.push({ label: 'dc+sd-jwt, EdDSA, some disclosed, by @sd-jwt/core', credential: presented });

writeFileSync('foreign.json', `${JSON.stringify({ note: 'Written by generate.mjs; see README.md', at, credentials }, null, 1)}\n`);
