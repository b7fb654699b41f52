// Verifies a credential with Digital Bazaar's packages (JSON) or jose (JSON Web Tokens): exit code 0 when it verifies, else 1 and why.
//   node verify.mjs FILE [JWK of the issuer, for tokens]
import { readFileSync } from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createVerifyCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { importJWK, jwtVerify } from 'jose';
import { documentLoader } from './documents.mjs';

const [file, jwk] = process.argv.slice(2);
const text = readFileSync(file, 'utf8').trim();

async function embedded() {
  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
  const result = await vc.verifyCredential({ credential: JSON.parse(text), suite, documentLoader: documentLoader() });
  if (!result.verified) throw new Error(JSON.stringify(result.error?.errors?.map(String) ?? String(result.error)));
}

async function token() {
  const key = JSON.parse(readFileSync(jwk, 'utf8'));
  const algorithms = [key.kty === 'OKP' ? 'EdDSA' : 'ES256'];
  const { payload } = await jwtVerify(text, await importJWK(key, algorithms[0]), { algorithms, typ: 'vc+jwt' });
  if (!payload.type.includes('VerifiableCredential')) throw new Error('no credential');
}

try {
  await (text.startsWith('{') ? embedded() : token());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
