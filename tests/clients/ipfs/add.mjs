// Adds a file to a fresh repository of js-ipfs, as `ipfs add --cid-version 1 --raw-leaves` does.
//
//     node add.mjs FILE DIR
//
// prints the CID and the seconds that adding took, without the start of the node.

import './with-resolvers.mjs'
import fs from 'node:fs'
import { create } from 'ipfs-core'

const ipfs = await create({
  repo: process.argv[3],
  start: false,
  silent: true,
  init: { emptyRepo: true, profiles: ['test'], algorithm: 'Ed25519' }
})
const begin = process.hrtime.bigint()
const added = await ipfs.add(fs.createReadStream(process.argv[2]), { cidVersion: 1, rawLeaves: true, pin: true })
console.log(`${added.cid} ${Number(process.hrtime.bigint() - begin) / 1e9}`)
process.exit(0)
