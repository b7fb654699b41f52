// Makes the vectors of both CID profiles with ipfs-unixfs-importer, the JavaScript implementation of UnixFS by the IPFS project.
//
//     npm ci && npm run generate
//
// files.json and directories.json: Kubo's `ipfs add -r --hidden --cid-version 1 --raw-leaves`, that is 256 KiB chunks, 174 links, balanced, raw
// leaves, directories sharded (fanout 256) when names and ids add up to more than 256 KiB.
// files-2025.json and directories-2025.json: the importer's own profile `unixfs-v1-2025` (IPIP-499).
// files-version-0.json: `ipfs add` without options, that is CIDs of version 0 over leaves that are dag-pb nodes.

import { writeFileSync } from 'node:fs'
import { MemoryBlockstore } from 'blockstore-core'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { importer, importByteStream } from 'ipfs-unixfs-importer'

const LEGACY = {
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  chunker: fixedSize({ chunkSize: 262144 }),
  layout: balanced({ maxChildrenPerNode: 174 }),
  shardSplitStrategy: 'links-bytes',
  shardSplitThresholdBytes: 262144,
  shardFanoutBits: 8,
  fieldOrder: 'links-first'
}
const VERSION_0 = { ...LEGACY, cidVersion: 0, rawLeaves: false, leafType: 'file' }
const OF_2025 = { profile: 'unixfs-v1-2025' }

// The content of every file: 32-bit words in little-endian order, each a mix of its own number; cut to the size.
function content (size) {
  const out = Buffer.alloc(Math.ceil(size / 4) * 4)
  for (let word = 0; word * 4 < size; word++) {
    let x = Math.imul(word, 0x9E3779B1)
    x ^= x >>> 15
    x = Math.imul(x, 0x85EBCA77)
    x ^= x >>> 13
    x = Math.imul(x, 0xC2B2AE3D)
    x ^= x >>> 16
    out.writeInt32LE(x, word * 4)
  }
  return out.subarray(0, size)
}

// Keeps dag-pb blocks only: the leaves of the largest case are 8 GB.
class NodeStore {
  blocks = new Map()
  async put (cid, block) {
    if (cid.code === 0x70) this.blocks.set(cid.toString(), block)
    return cid
  }
}

async function file (size, options) {
  const { cid, size: tsize } = await importByteStream([content(size)], new NodeStore(), { ...options })
  return { size, tsize: Number(tsize), cid: cid.toString() }
}

async function repeated (leaves, tail, size, options) {
  const leaf = content(size)
  async function * source () {
    for (let i = 0; i < leaves; i++) yield leaf
    if (tail > 0) yield content(tail)
  }
  const { cid, size: tsize } = await importByteStream(source(), new NodeStore(), { ...options })
  return { leaves, tail, tsize: Number(tsize), cid: cid.toString() }
}

async function directory (options, name, files, folders = []) {
  const store = new MemoryBlockstore()
  const source = [...files.map(({ path, size }) => ({ path: `model/${path}`, content: content(size) })), ...folders.map(path => ({ path: `model/${path}` }))]
  let root
  for await (const entry of importer(source, store, { ...options, wrapWithDirectory: false })) {
    if (entry.path === 'model') root = entry
  }
  return { name, tsize: Number(root.size), cid: root.cid.toString(), folders, files }
}

// Directories of many small files are given by rule: file i has the name `<prefix><i, zero-padded><suffix>` and i % 7 bytes.
async function numbered (options, name, { count, prefix, width, suffix, extra = [] }) {
  const files = Array.from({ length: count }, (_, i) => ({ path: `${prefix}${String(i).padStart(width, '0')}${suffix}`, size: i % 7 }))
  const { tsize, cid } = await directory(options, name, [...files, ...extra])
  return { name, tsize, cid, count, prefix, width, suffix, extra }
}

function writeFiles (name, options, leaf, trees) {
  const sizes = [0, 1, 2, leaf - 1, leaf, leaf + 1, 2 * leaf - 1, 2 * leaf, 2 * leaf + 1, 4 * leaf, 4 * leaf + 1, 9 * leaf + 5]
  return (async () => writeJson(name, {
    about: `UnixFS ids of files. \`stream\`: content(size) of generate.mjs. \`repeated\`: content(${leaf}) so many times, then content(tail).`,
    stream: await inTurn(sizes, size => file(size, options)),
    repeated: await inTurn(trees, ([leaves, tail]) => repeated(leaves, tail, leaf, options))
  }))()
}

const named = names => names.map((path, i) => ({ path, size: i + 1 }))

function listed (options, leaf) {
  return [
    ['one file', named(['a'])],
    ['nested', named(['README.md', 'config.json', 'a/b/c/d.txt', 'a/b/e.txt', 'a/f.txt', 'model-00001-of-00002.safetensors'])],
    ['large and empty files', [{ path: 'empty', size: 0 }, { path: 'leaf', size: leaf }, { path: 'two', size: leaf + 1 }, { path: 'sub/eleven', size: 10 * leaf + 3 }]],
    ['empty folders', named(['x/file']), ['empty', 'x/also empty', 'deep/er/est']],
    ['hidden', named(['.gitattributes', '.hidden/file', 'plain'])],
    ['unicode', named(['модель.bin', '模型/权重.bin', 'caf\u00e9', 'cafe\u0301', 'naïve 🤖.txt', ' leading space', 'back\\slash', 'quote"'])],
    ['utf-8 and utf-16 order', named(['\uff5e', '\u{1f600}', '\ue000', '\u{10000}', 'z', 'Z', '\u00e9', '-', '.a', '~'])],
    ['a name that begins another', named(['a', 'a.b', 'a-b/c', 'a0', 'aa/b', 'ab'])]
  ].map(([name, files, folders]) => () => directory(options, name, files, folders))
}

async function writeDirectories (name, options, leaf, atTheThreshold) {
  writeJson(name, {
    about: 'UnixFS ids of directories; every file holds content(size) of generate.mjs. `numbered`: file i is <prefix><i zero-padded to width><suffix> and has i % 7 bytes.',
    listed: await inTurn(listed(options, leaf), make => make()),
    numbered: await inTurn([
      ...atTheThreshold,
      ['two levels of shards', { count: 6000, prefix: 'файл ', width: 5, suffix: '.txt' }],
      ['shards below a directory, folders inside', { count: 20000, prefix: 'many/', width: 6, suffix: '', extra: named(['many/sub/folder/file', 'README.md']) }]
    ], ([name, rule]) => numbered(options, name, rule))
  })
}

await writeFiles('files.json', LEGACY, 262144,
  [[1, 1], [173, 0], [173, 1], [174, 0], [174, 1], [175, 0], [348, 0], [348, 1], [349, 0], [30276, 0], [30276, 1], [30277, 262143], [30450, 7]])
await writeDirectories('directories.json', LEGACY, 262144, [
  // 4096 names of 28 bytes and their ids make exactly 256 KiB: the largest directory in one block.
  ['at the threshold', { count: 4096, prefix: 'at-the-threshold-', width: 7, suffix: '.bin' }],
  ['one byte above', { count: 4096, prefix: 'at-the-threshold-', width: 7, suffix: '.bin', extra: [{ path: 'x', size: 1 }] }]
])
await writeFiles('files-version-0.json', VERSION_0, 262144, [[174, 0], [174, 1]])
// No file here has between 2^31 and 2^32 bytes: such sizes come out wrong from uint8-varint 3.0.0, which ipfs-unixfs 13.1.1 uses (its
// own reader does not read them back).
await writeFiles('files-2025.json', OF_2025, 1048576, [[1, 1], [1023, 0], [1023, 1], [1024, 0], [1024, 1], [1025, 0], [1026, 5], [4100, 5]])
await writeDirectories('directories-2025.json', OF_2025, 1048576, [
  // A link with a name of 24 bytes takes 68: 3855 of them and the four bytes of data make a block of exactly 256 KiB.
  ['at the threshold', { count: 3855, prefix: 'at-the-threshold-', width: 7, suffix: '' }],
  ['one byte above', { count: 3854, prefix: 'at-the-threshold-', width: 7, suffix: '', extra: [{ path: 'a-name-of-twenty-five-byt', size: 1 }] }]
])

async function inTurn (items, make) {
  const out = []
  for (const item of items) out.push(await make(item))
  return out
}

function writeJson (name, value) {
  writeFileSync(new URL(name, import.meta.url), JSON.stringify(value, null, 1) + '\n')
}
