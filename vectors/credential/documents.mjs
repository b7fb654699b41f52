// What both scripts share: a loader of contexts and DID documents that knows the W3C's contexts and did:key, and fetches nothing.
import { securityLoader } from '@digitalbazaar/security-document-loader';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

export function documentLoader() {
  const loader = securityLoader().build();
  return async url => {
    if (!url.startsWith('did:key:')) return loader(url);
    const [controller, fragment] = url.split('#');
    const publicKeyMultibase = controller.slice('did:key:'.length);
    const id = `${controller}#${publicKeyMultibase}`;
    const method = { '@context': MULTIKEY, id, type: 'Multikey', controller, publicKeyMultibase };
    const document = { '@context': ['https://www.w3.org/ns/did/v1', MULTIKEY], id: controller, verificationMethod: [method], assertionMethod: [id] };
    return { contextUrl: null, documentUrl: url, document: fragment === undefined ? document : method };
  };
}
