// Writes the CAR vectors of this folder with the reference implementation, `@ipld/car`, and reads them back with it.
//
//     npm ci && npm run generate
//
// record.car    a record, a signature document and a model, in the order that `modelmark_storage::car::export` promises: roots as given, depth
//               first, each block once. Our test imports it, exports the same roots and compares the bytes, so what the reader below accepts
//               is what we write.
// shuffled.car  the same blocks as other tools may order them: last first, one block twice.
// wrapped.car   record.car in the frame of version 2, with an index behind it, and bare.car, without an index and with padding before the blocks. The
//               package reads version 2 and does not write it, so the frame is written here by the specification; what the package reads in both
//               stands in vectors.json.
// vectors.json  what the reader found in both.
import { readFileSync, writeFileSync } from 'node:fs'
import { CarIndexer, CarReader, CarWriter } from '@ipld/car'
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

async function block(codec, bytes) {
  return { cid: CID.createV1(codec.code, await sha256.digest(bytes)), bytes, tsize: bytes.length, size: bytes.length }
}

function linked(links, data) {
  return dagPb.encode(dagPb.createNode(data.marshal(), links.map(({ name = '', node }) => ({ Name: name, Hash: node.cid, Tsize: node.tsize }))))
}

async function node(links, data) {
  const made = await block(dagPb, linked(links, data))
  made.tsize = links.reduce((sum, link) => sum + link.node.tsize, made.bytes.length)
  return made
}

const text = (value) => new TextEncoder().encode(value)
const file = (leaves) => node(leaves.map((leaf) => ({ node: leaf })), new UnixFS({ type: 'file', blockSizes: leaves.map((leaf) => BigInt(leaf.size)) }))
const directory = (links) => node(links, new UnixFS({ type: 'directory' }))

const record = await block(raw, text('{"name":"a record"}'))
const signatures = await block(raw, text('{"signatures":[]}'))
const config = await block(raw, text('{"hidden_size":4}\n'))
const ones = await block(raw, new Uint8Array(100).fill(1))
const twos = await block(raw, new Uint8Array(100).fill(2))
const tail = await block(raw, new Uint8Array(50).fill(3))
const weights = await file([ones, twos, ones, tail])
const data = await directory([{ name: 'config.json', node: config }, { name: 'empty', node: await directory([]) }])
const model = await directory([{ name: 'config.json', node: config }, { name: 'data', node: data }, { name: 'weights.bin', node: weights }])
const empty = await directory([])

const roots = [record, signatures, model].map((root) => root.cid)
const ordered = [record, signatures, model, config, data, empty, weights, ones, twos, tail]

async function write(path, blocks) {
  const { writer, out } = CarWriter.create(roots)
  const parts = []
  const collected = (async () => { for await (const part of out) parts.push(part) })()
  for (const { cid, bytes } of blocks) await writer.put({ cid, bytes })
  await writer.close()
  await collected
  writeFileSync(new URL(path, import.meta.url), Buffer.concat(parts))
}

async function read(path) {
  const reader = await CarReader.fromBytes(readFileSync(new URL(path, import.meta.url)))
  const found = { file: path, roots: (await reader.getRoots()).map(String), blocks: [] }
  for await (const { cid, bytes } of reader.blocks()) {
    const again = await sha256.digest(bytes)
    if (!Buffer.from(again.bytes).equals(Buffer.from(cid.multihash.bytes))) throw new Error(`${path}: ${cid} does not fit its bytes`)
    found.blocks.push({ cid: String(cid), size: bytes.length })
  }
  return found
}

const number = (value) => { const word = Buffer.alloc(8); word.writeBigUInt64LE(BigInt(value)); return word }
const FRAME = 51

// Index format 0x0400 (IndexSorted): after the codec the number of widths, then for each its width, its length and its sorted entries.
async function index(path) {
  const entries = []
  for await (const { cid, offset } of await CarIndexer.fromBytes(readFileSync(new URL(path, import.meta.url)))) {
    entries.push(Buffer.concat([cid.multihash.digest, number(offset)]))
  }
  const head = Buffer.alloc(8)
  head.writeUInt32LE(1, 0)
  head.writeUInt32LE(40, 4)
  return Buffer.concat([Buffer.from([0x80, 0x08]), head, number(40 * entries.length), ...entries.sort(Buffer.compare)])
}

async function wrap(path, from, { padding = 0, indexed }) {
  const inner = readFileSync(new URL(from, import.meta.url))
  const start = FRAME + padding
  const behind = start + inner.length
  const pragma = Buffer.from('0aa16776657273696f6e02', 'hex')
  const header = Buffer.concat([Buffer.from([indexed ? 0x80 : 0]), Buffer.alloc(15), number(start), number(inner.length), number(indexed ? behind : 0)])
  const parts = [pragma, header, Buffer.alloc(padding), inner, indexed ? await index(from) : Buffer.alloc(0)]
  writeFileSync(new URL(path, import.meta.url), Buffer.concat(parts))
}

await write('record.car', ordered)
await write('shuffled.car', [...ordered].reverse().concat(record))
await wrap('wrapped.car', 'record.car', { indexed: true })
await wrap('bare.car', 'shuffled.car', { padding: 13, indexed: false })
const content = Buffer.concat([ones, twos, ones, tail].map((leaf) => leaf.bytes)).toString('hex')
const vectors = {
  comment: 'Written by generate.mjs with @ipld/car; do not edit.',
  cars: [await read('record.car'), await read('shuffled.car'), await read('wrapped.car'), await read('bare.car')],
  weights: { cid: String(weights.cid), hex: content },
}
writeFileSync(new URL('vectors.json', import.meta.url), JSON.stringify(vectors, null, 2) + '\n')
