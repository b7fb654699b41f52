// Azure Blob Storage on loopback, all of it in memory, with the container `models`.
//
//     node server.mjs DIR
//
// keeps in DIR what it cannot keep in memory, prints one line of JSON (`url` of the account, `account`, `key`, and `sas`: the query of a shared access signature for everything) when it is ready, and
// ends when its standard input does: whoever started it cannot leave it behind. No telemetry is set up, so none is sent.

import { createHmac } from 'node:crypto'

const account = 'somebody'
const key = Buffer.from('hunter2hunter2hunter2hunter2hunt').toString('base64')
process.env.AZURITE_ACCOUNTS = `${account}:${key}`

const { BlobServerFactory } = (await import('azurite/dist/src/blob/BlobServerFactory.js')).default
const server = await new BlobServerFactory().createServer({
  location: async () => process.argv[2],
  debug: async () => undefined,
  blobHost: () => '127.0.0.1',
  blobPort: () => 0,
  blobKeepAliveTimeout: () => undefined,
  silent: () => true,
  loose: () => false,
  skipApiVersionCheck: () => false,
  cert: () => undefined,
  key: () => undefined,
  pwd: () => undefined,
  oauth: () => undefined,
  disableProductStyleUrl: () => true,
  inMemoryPersistence: () => true,
  extentMemoryLimit: () => undefined
})
await server.start()
const url = `${server.getHttpServerAddress()}/${account}`

// An account SAS: https://learn.microsoft.com/rest/api/storageservices/create-account-sas
const fields = { sv: '2021-12-02', ss: 'b', srt: 'sco', sp: 'rwdlc', se: '2099-01-01T00:00:00Z' }
const signed = [account, fields.sp, fields.ss, fields.srt, '', fields.se, '', '', fields.sv, '', ''].join('\n')
const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64')
const sas = new URLSearchParams({ ...fields, sig }).toString()

const made = await fetch(`${url}/models?restype=container&${sas}`, { method: 'PUT' })
if (made.status !== 201) throw new Error(`the container was not made: ${made.status} ${await made.text()}`)
console.log(JSON.stringify({ url, account, key, sas }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
