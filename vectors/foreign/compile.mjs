// Compiles ForeignToken.sol with the packages of contracts/package-lock.json (`cargo xtask test` installs them) into ForeignToken.json.
//
//     node compile.mjs

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const contracts = new URL('../../contracts/', import.meta.url);
const require = createRequire(new URL('package.json', contracts));
const solc = require('solc');
const read = (path) => readFileSync(new URL(path, contracts), 'utf8');
const input = {
  language: 'Solidity',
  sources: { 'ForeignToken.sol': { content: readFileSync(new URL('ForeignToken.sol', import.meta.url), 'utf8') } },
  settings: {
    evmVersion: 'cancun', optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { 'ForeignToken.sol': { ForeignToken: ['abi', 'evm.bytecode.object'] } },
  },
};
const find = (path) => ({ contents: read(`node_modules/${path}`) });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
const { abi, evm } = output.contracts['ForeignToken.sol'].ForeignToken;
const { version } = require('solc/package.json');
const openzeppelin = require('@openzeppelin/contracts/package.json').version;
const artifact = { contractName: 'ForeignToken', compiler: version, openzeppelin, abi, bytecode: `0x${evm.bytecode.object}` };
writeFileSync(new URL('ForeignToken.json', import.meta.url), `${JSON.stringify(artifact)}\n`);
