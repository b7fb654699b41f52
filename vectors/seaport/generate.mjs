// Takes the creation code of Seaport and of its conduit controller out of OpenSea's npm package, as OpenSea compiled it:
//   npm pack @opensea/seaport-js@4.3.0 && tar xzf opensea-seaport-js-4.3.0.tgz && node generate.mjs package
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '4.3.0';
const home = process.argv[2];
const read = (path) => JSON.parse(readFileSync(join(home, path)));
const { name, version } = read('package.json');
if (name !== '@opensea/seaport-js' || version !== VERSION) throw new Error(`${home} is ${name} ${version}, not @opensea/seaport-js ${VERSION}`);

const artifacts = 'src/artifacts/seaport/contracts';
const codes = {
  source: `${name}@${version}, MIT`,
  conduitController: read(`${artifacts}/conduit/ConduitController.sol/LocalConduitController.json`).bytecode,
  seaport: read(`${artifacts}/Seaport.sol/Seaport.json`).bytecode,
};
writeFileSync(new URL('seaport.json', import.meta.url), `${JSON.stringify(codes, null, 1)}\n`);
