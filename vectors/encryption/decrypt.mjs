// Decrypts an age file with typage: `node decrypt.mjs IDENTITIES FILE > plaintext`.
import { readFileSync, writeSync } from 'node:fs'
import { Decrypter } from 'age-encryption'

const [identities, file] = process.argv.slice(2)
const decrypter = new Decrypter()
for (const line of readFileSync(identities, 'utf8').split('\n')) if (line && !line.startsWith('#')) decrypter.addIdentity(line)
const plaintext = await decrypter.decrypt(readFileSync(file))
for (let at = 0; at < plaintext.length; ) at += writeSync(1, plaintext, at)
