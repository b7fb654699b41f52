// Makes files.json and directories.json with ipfs-unixfs-importer, the JavaScript implementation of UnixFS by the IPFS project.
//
//     npm ci && npm run generate
//
// Parameters are those of Kubo's `ipfs add -r --hidden --cid-version 1 --raw-leaves`: 256 KiB chunks, 174 links, balanced, raw leaves, directories
// sharded (fanout 256) when names and ids add up to more than 256 KiB.

import { writeFileSync } from 'node:fs'
import { MemoryBlockstore } from 'blockstore-core'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { importer, importByteStream } from 'ipfs-unixfs-importer'

const LEAF = 262144
const OPTIONS = {
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  chunker: fixedSize({ chunkSize: LEAF }),
  layout: balanced({ maxChildrenPerNode: 174 }),
  shardSplitStrategy: 'links-bytes',
  shardSplitThresholdBytes: 262144,
  shardFanoutBits: 8,
  fieldOrder: 'links-first'
}

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

async function file (size) {
  const { cid, size: tsize } = await importByteStream([content(size)], new NodeStore(), OPTIONS)
  return { size, tsize: Number(tsize), cid: cid.toString() }
}

async function repeated (leaves, tail) {
  const leaf = content(LEAF)
  async function * source () {
    for (let i = 0; i < leaves; i++) yield leaf
    if (tail > 0) yield content(tail)
  }
  const { cid, size: tsize } = await importByteStream(source(), new NodeStore(), OPTIONS)
  return { leaves, tail, tsize: Number(tsize), cid: cid.toString() }
}

async function directory (name, files, folders = []) {
  const store = new MemoryBlockstore()
  const source = [...files.map(({ path, size }) => ({ path: `model/${path}`, content: content(size) })), ...folders.map(path => ({ path: `model/${path}` }))]
  let root
  for await (const entry of importer(source, store, { ...OPTIONS, wrapWithDirectory: false })) {
    if (entry.path === 'model') root = entry
  }
  return { name, tsize: Number(root.size), cid: root.cid.toString(), folders, files }
}

// Directories of many small files are given by rule: file i has the name `<prefix><i, zero-padded><suffix>` and i % 7 bytes.
async function numbered (name, { count, prefix, width, suffix, extra = [] }) {
  const files = Array.from({ length: count }, (_, i) => ({ path: `${prefix}${String(i).padStart(width, '0')}${suffix}`, size: i % 7 }))
  const { tsize, cid } = await directory(name, [...files, ...extra])
  return { name, tsize, cid, count, prefix, width, suffix, extra }
}

const sizes = [0, 1, 2, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF - 1, 2 * LEAF, 2 * LEAF + 1, 4 * LEAF, 4 * LEAF + 1, 9 * LEAF + 5]
const trees = [[1, 1], [173, 0], [173, 1], [174, 0], [174, 1], [175, 0], [348, 0], [348, 1], [349, 0], [30276, 0], [30276, 1], [30277, 262143], [30450, 7]]

writeJson('files.json', {
  about: 'UnixFS ids of files. `stream`: content(size) of generate.mjs. `repeated`: content(262144) so many times, then content(tail).',
  stream: await inTurn(sizes, file),
  repeated: await inTurn(trees, ([leaves, tail]) => repeated(leaves, tail))
})

const named = names => names.map((path, i) => ({ path, size: i + 1 }))
writeJson('directories.json', {
  about: 'UnixFS ids of directories; every file holds content(size) of generate.mjs. `numbered`: file i is <prefix><i zero-padded to width><suffix> and has i % 7 bytes.',
  listed: [
    await directory('one file', named(['a'])),
    await directory('nested', named(['README.md', 'config.json', 'a/b/c/d.txt', 'a/b/e.txt', 'a/f.txt', 'model-00001-of-00002.safetensors'])),
    await directory('large and empty files', [{ path: 'empty', size: 0 }, { path: 'leaf', size: LEAF }, { path: 'two', size: LEAF + 1 }, { path: 'sub/eleven', size: 10 * LEAF + 3 }]),
    await directory('empty folders', named(['x/file']), ['empty', 'x/also empty', 'deep/er/est']),
    await directory('hidden', named(['.gitattributes', '.hidden/file', 'plain'])),
    await directory('unicode', named(['модель.bin', '模型/权重.bin', 'caf\u00e9', 'cafe\u0301', 'naïve 🤖.txt', ' leading space', 'back\\slash', 'quote"'])),
    await directory('utf-8 and utf-16 order', named(['\uff5e', '\u{1f600}', '\ue000', '\u{10000}', 'z', 'Z', '\u00e9', '-', '.a', '~'])),
    await directory('a name that begins another', named(['a', 'a.b', 'a-b/c', 'a0', 'aa/b', 'ab']))
  ],
  numbered: [
    // 4096 names of 28 bytes and their ids make exactly 256 KiB: the largest directory in one block.
    await numbered('at the threshold', { count: 4096, prefix: 'at-the-threshold-', width: 7, suffix: '.bin' }),
    await numbered('one byte above', { count: 4096, prefix: 'at-the-threshold-', width: 7, suffix: '.bin', extra: [{ path: 'x', size: 1 }] }),
    await numbered('two levels of shards', { count: 6000, prefix: 'файл ', width: 5, suffix: '.txt' }),
    await numbered('shards below a directory, folders inside', { count: 20000, prefix: 'many/', width: 6, suffix: '', extra: named(['many/sub/folder/file', 'README.md']) })
  ]
})

async function inTurn (items, make) {
  const out = []
  for (const item of items) out.push(await make(item))
  return out
}

function writeJson (name, value) {
  writeFileSync(new URL(name, import.meta.url), JSON.stringify(value, null, 1) + '\n')
}
