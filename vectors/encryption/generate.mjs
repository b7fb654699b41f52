// Writes the encrypted model of this folder with typage (`age-encryption`), and nothing of ours but the plaintext of its outboard.
//
//     npm ci && npm run generate
//
// Encryption is random, so that a new run gives other bytes; the test reads whatever is here. `outboard` was written by
// `modelmark digest model --outboard outboard` over the three files below.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'

const pattern = new Uint8Array(70_000).map((_, i) => i % 251)
const files = [new TextEncoder().encode('{}'), new Uint8Array(0), pattern]

async function write(name, recipients, plaintext) {
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  writeFileSync(`model/${name}`, await encrypter.encrypt(plaintext))
}

mkdirSync('model', { recursive: true })
const holder = await generateX25519Identity()
const other = await identityToRecipient(await generateX25519Identity())
writeFileSync('holder.key', `${holder}\n`)
const key = await generateX25519Identity()
const recipient = await identityToRecipient(key)
await write('key-1.age', [other], new TextEncoder().encode(`${key}\n`))
await write('key-2.age', [other, await identityToRecipient(holder)], new TextEncoder().encode(`${key}\n`))
await write('outboard.age', [recipient], readFileSync('outboard'))
for (const [index, content] of files.entries()) await write(`${index + 1}.age`, [recipient], content)
