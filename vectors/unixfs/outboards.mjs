// Makes outboards.json: outboard files written from their specification (docs/spec/outboard.md), the CIDs that they must recompute to, and the
// nodes of range proofs, both made by ipfs-unixfs-importer.
//
//     npm ci && npm run generate

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import * as dagPb from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { UnixFS } from 'ipfs-unixfs'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { importer } from 'ipfs-unixfs-importer'

// Kubo without configuration, and the importer's own profile of 2025 (IPIP-499), which only has names to give.
const PROFILES = {
  'unixfs-v1-256KiB-174': {
    leaf: 262144,
    cidVersion: 1,
    rawLeaves: true,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: 262144 }),
    layout: balanced({ maxChildrenPerNode: 174 }),
    shardSplitStrategy: 'links-bytes',
    shardSplitThresholdBytes: 262144,
    shardFanoutBits: 8,
    fieldOrder: 'links-first'
  },
  'unixfs-v1-2025': { leaf: 1048576, profile: 'unixfs-v1-2025' }
}

// The content of every file: byte i of file number f is (i * 31 + f * 7 + (i >> 13)) mod 256.
function content (number, size) {
  const out = Buffer.alloc(size)
  for (let i = 0; i < size; i++) out[i] = (i * 31 + number * 7 + (i >> 13)) & 255
  return out
}

const u16 = n => { const b = Buffer.alloc(2); b.writeUInt16LE(n); return b }
const u32 = n => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b }
const u64 = n => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b }
const path = text => Buffer.concat([u16(Buffer.byteLength(text)), Buffer.from(text)])
const byBytes = (a, b) => Buffer.compare(Buffer.from(a.path ?? a), Buffer.from(b.path ?? b))

function outboard (profile, kind, files, folders) {
  const leaf = PROFILES[profile].leaf
  const parts = [Buffer.from('modelmark leaves'), u32(1), Buffer.from([kind === 'file' ? 0 : 1, profile.length]), Buffer.from(profile), u32(files.length), u32(folders.length)]
  for (const file of files) parts.push(path(kind === 'file' ? '' : file.path), u64(file.bytes.length))
  for (const folder of folders) parts.push(path(folder))
  for (const { bytes } of files) {
    for (let at = 0; at < bytes.length; at += leaf) parts.push(createHash('sha256').update(bytes.subarray(at, at + leaf)).digest())
  }
  return Buffer.concat(parts).toString('hex')
}

// The dag-pb blocks that hold bytes of a range, each before its children: what a client that asks a gateway for these bytes has to get besides the leaves.
async function nodes (store, cid, start, { from, to }, out = []) {
  if (cid.code !== dagPb.code) return out
  const block = await bytesOf(store.get(cid))
  out.push(Buffer.from(block).toString('base64'))
  const node = dagPb.decode(block)
  for (const [index, size] of UnixFS.unmarshal(node.Data).blockSizes.entries()) {
    const end = start + Number(size)
    if (start < to && from < end) await nodes(store, node.Links[index].Hash, start, { from, to }, out)
    start = end
  }
  return out
}

async function bytesOf (found) {
  found = await found
  if (found instanceof Uint8Array) return found
  const parts = []
  for await (const part of found) parts.push(part)
  return Buffer.concat(parts)
}

async function vector (profile, name, kind, listed, folders = [], ranges = []) {
  const { leaf, ...options } = PROFILES[profile]
  const files = listed.map(([path, size], number) => ({ path, number, size, bytes: content(number, size) })).sort(byBytes)
  folders = [...folders].sort(byBytes)
  const prefix = kind === 'file' ? '' : 'model/'
  const source = [...files.map(({ path, bytes }) => ({ path: prefix + path, content: bytes })), ...folders.map(path => ({ path: prefix + path }))]
  const store = new MemoryBlockstore()
  const cids = {}
  for await (const entry of importer(source, store, { ...options, wrapWithDirectory: false })) cids[entry.path ?? ''] = entry.cid
  const cid = kind === 'file' ? Object.values(cids).at(-1) : cids.model
  const proven = []
  for (const [path, from, to] of ranges) {
    const file = kind === 'file' ? cid : cids[prefix + path]
    proven.push({ path, start: from, end: to, cid: file.toString(), nodes: await nodes(store, file, 0, { from, to }) })
  }
  const shown = files.map(({ path, number, size }) => ({ path, number, size }))
  return { profile, name, kind, files: shown, folders, cid: cid.toString(), outboard: outboard(profile, kind, files, folders), ranges: proven }
}

async function vectorsOf (profile, last) {
  const { leaf } = PROFILES[profile]
  return [
    await vector(profile, 'a file', 'file', [['model.bin', 3 * leaf + 17]], [], [['model.bin', 0, 1], ['model.bin', leaf - 1, 2 * leaf + 1], ['model.bin', 0, 3 * leaf + 17]]),
    await vector(profile, 'a file of one leaf', 'file', [['model.bin', leaf]], [], [['model.bin', 5, 9]]),
    await vector(profile, 'an empty file', 'file', [['model.bin', 0]]),
    await vector(profile, 'a directory', 'directory', [['README.md', 20], ['config.json', 0], ['weights/model-00001-of-00002.safetensors', 2 * leaf + 1], ['weights/model-00002-of-00002.safetensors', leaf]], [], [['weights/model-00001-of-00002.safetensors', 2 * leaf, 2 * leaf + 1], ['README.md', 0, 20]]),
    await vector(profile, 'empty folders', 'directory', [['a/b', 1], ['a-b', 2], ['модель.bin', leaf + 1]], ['z', 'a/empty', 'deep/er']),
    ...last
  ]
}

const twoLevels = 175 * 262144 + 1
const vectors = {
  about: 'Outboard files in hex, the CID that each must recompute to, and the nodes of range proofs in base64. Byte i of file number f is (i * 31 + f * 7 + (i >> 13)) mod 256.',
  outboards: [
    ...await vectorsOf('unixfs-v1-256KiB-174', [
      await vector('unixfs-v1-256KiB-174', 'two levels', 'directory', [['x.bin', twoLevels]], [], [['x.bin', 0, 1], ['x.bin', twoLevels - 1, twoLevels], ['x.bin', 173 * 262144, 174 * 262144 + 1]])
    ]),
    ...await vectorsOf('unixfs-v1-2025', [])
  ]
}
writeFileSync(new URL('outboards.json', import.meta.url), JSON.stringify(vectors, null, 1) + '\n')
