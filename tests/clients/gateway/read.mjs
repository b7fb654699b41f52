// Reads content from a trustless gateway, and CAR files, with the IPFS project's own readers. Knows nothing of modelmark, and believes nobody: each
// block is held against its CID.
//
//     read.mjs file URL CID/PATH     a file, once from one stream of blocks and once block by block
//     read.mjs car FILE              what is in a CAR file
//
// Prints one JSON object.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { CarBlockIterator } from '@ipld/car'
import { exporter } from 'ipfs-unixfs-exporter'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

async function verified (cid, bytes) {
  const digest = await sha256.digest(bytes)
  if (!Buffer.from(digest.bytes).equals(Buffer.from(cid.multihash.bytes))) throw new Error(`${cid} has other bytes than it says`)
  return bytes
}

async function blocksOf (stream) {
  const reader = await CarBlockIterator.fromIterable(stream)
  const blocks = new Map()
  const order = []
  for await (const { cid, bytes } of reader) {
    blocks.set(cid.toString(), await verified(cid, bytes))
    order.push(cid.toString())
  }
  return { roots: (await reader.getRoots()).map(String), blocks, order }
}

// The exporter asks for one block at a time and gets it in one piece.
const store = (get) => ({ get: async function * (cid) { yield await get(cid) } })

async function content (path, blockstore) {
  const entry = await exporter(path, blockstore)
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of entry.content()) {
    hash.update(piece)
    size += piece.length
  }
  return { cid: entry.cid.toString(), size, sha256: hash.digest('hex') }
}

async function get (url, accept) {
  const response = await fetch(url, { headers: { accept } })
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  if (!response.headers.get('content-type').startsWith(accept.split(';')[0])) throw new Error(`${url}: ${response.headers.get('content-type')}`)
  return response
}

async function file (gateway, path) {
  const stream = await get(`${gateway}/ipfs/${path}?format=car&dag-scope=entity`, 'application/vnd.ipld.car; version=1; order=dfs; dups=y')
  const { blocks, order } = await blocksOf(stream.body)
  const fromStream = await content(path, store((cid) => {
    const block = blocks.get(cid.toString())
    if (block == null) throw new Error(`${cid} is not in the stream`)
    return block
  }))
  const fromBlocks = await content(path, store(async (cid) => {
    const response = await get(`${gateway}/ipfs/${cid}?format=raw`, 'application/vnd.ipld.raw')
    return verified(CID.asCID(cid), new Uint8Array(await response.arrayBuffer()))
  }))
  return { fromStream, fromBlocks, blocks: order.length }
}

async function car (path) {
  const { roots, order } = await blocksOf(createReadStream(path))
  return { roots, blocks: order }
}

const [what, ...rest] = process.argv.slice(2)
console.log(JSON.stringify(await { file, car }[what](...rest)))
