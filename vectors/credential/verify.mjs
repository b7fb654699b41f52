// Verifies a credential with Digital Bazaar's packages (JSON), jose (JSON Web Tokens) or @sd-jwt/core (tokens with disclosures): exit code 0 and the claims
// of a token when it verifies, else 1 and why.
//   node verify.mjs FILE [JWK of the issuer, for tokens [NONCE that the holder signed]]
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createVerifyCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { cryptosuite as rdfSuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import { SDJwtInstance } from '@sd-jwt/core';
import { importJWK, jwtVerify } from 'jose';
import { documentLoader } from './documents.mjs';

const [file, jwk, keyBindingNonce] = process.argv.slice(2);
const text = readFileSync(file, 'utf8').trim();

async function embedded() {
  const suite = [createVerifyCryptosuite(), rdfSuite].map(cryptosuite => new DataIntegrityProof({ cryptosuite }));
  const result = await vc.verifyCredential({ credential: JSON.parse(text), suite, documentLoader: documentLoader() });
  if (!result.verified) throw new Error(JSON.stringify(result.error?.errors?.map(String) ?? String(result.error)));
}

async function token() {
  const key = JSON.parse(readFileSync(jwk, 'utf8'));
  const algorithms = [key.kty === 'OKP' ? 'EdDSA' : 'ES256'];
  const { payload } = await jwtVerify(text, await importJWK(key, algorithms[0]), { algorithms, typ: 'vc+jwt' });
  if (!payload.type.includes('VerifiableCredential')) throw new Error('no credential');
  return payload;
}

function signed(key, data, signature) {
  const hash = key.kty === 'OKP' ? null : 'sha256';
  return verify(hash, Buffer.from(data), { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
}

async function selective() {
  const key = JSON.parse(readFileSync(jwk, 'utf8'));
  const reader = new SDJwtInstance({
    hasher: data => createHash('sha256').update(data).digest(),
    hashAlg: 'sha-256',
    verifier: (data, signature) => signed(key, data, signature),
    kbVerifier: (data, signature, payload) => signed(payload.cnf.jwk, data, signature),
  });
  const { payload, header } = await reader.verify(text, { keyBindingNonce });
  if (header.typ !== 'dc+sd-jwt') throw new Error('no credential');
  return payload;
}

try {
  if (text.startsWith('{')) await embedded();
  else console.log(JSON.stringify(await (text.includes('~') ? selective() : token())));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
