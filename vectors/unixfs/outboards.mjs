// Makes outboards.json: outboard files written from their specification (docs/spec/outboard.md), and the CIDs that they must recompute to, made by
// ipfs-unixfs-importer.
//
//     npm ci && npm run generate

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { MemoryBlockstore } from 'blockstore-core'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { importer } from 'ipfs-unixfs-importer'

const PROFILE = 'unixfs-v1-256KiB-174'
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
  fieldOrder: 'links-first',
  wrapWithDirectory: false
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

function outboard (kind, files, folders) {
  const parts = [Buffer.from('modelmark leaves'), u32(1), Buffer.from([kind === 'file' ? 0 : 1, PROFILE.length]), Buffer.from(PROFILE), u32(files.length), u32(folders.length)]
  for (const file of files) parts.push(path(kind === 'file' ? '' : file.path), u64(file.bytes.length))
  for (const folder of folders) parts.push(path(folder))
  for (const { bytes } of files) {
    for (let at = 0; at < bytes.length; at += LEAF) parts.push(createHash('sha256').update(bytes.subarray(at, at + LEAF)).digest())
  }
  return Buffer.concat(parts).toString('hex')
}

async function vector (name, kind, listed, folders = []) {
  const files = listed.map(([path, size], number) => ({ path, number, size, bytes: content(number, size) })).sort(byBytes)
  folders = [...folders].sort(byBytes)
  const prefix = kind === 'file' ? '' : 'model/'
  const source = [...files.map(({ path, bytes }) => ({ path: prefix + path, content: bytes })), ...folders.map(path => ({ path: prefix + path }))]
  let cid
  for await (const entry of importer(source, new MemoryBlockstore(), OPTIONS)) {
    if (kind === 'file' || entry.path === 'model') cid = entry.cid.toString()
  }
  return { name, kind, files: files.map(({ path, number, size }) => ({ path, number, size })), folders, cid, outboard: outboard(kind, files, folders) }
}

const vectors = {
  about: 'Outboard files in hex and the CID that each must recompute to. Byte i of file number f is (i * 31 + f * 7 + (i >> 13)) mod 256.',
  outboards: [
    await vector('a file', 'file', [['model.bin', 3 * LEAF + 17]]),
    await vector('a file of one leaf', 'file', [['model.bin', LEAF]]),
    await vector('an empty file', 'file', [['model.bin', 0]]),
    await vector('a directory', 'directory', [['README.md', 20], ['config.json', 0], ['weights/model-00001-of-00002.safetensors', 2 * LEAF + 1], ['weights/model-00002-of-00002.safetensors', LEAF]]),
    await vector('empty folders', 'directory', [['a/b', 1], ['a-b', 2], ['модель.bin', LEAF + 1]], ['z', 'a/empty', 'deep/er']),
    await vector('two levels', 'directory', [['x.bin', 175 * LEAF + 1]])
  ]
}
writeFileSync(new URL('outboards.json', import.meta.url), JSON.stringify(vectors, null, 1) + '\n')
