// A pinning service on loopback: the reference mock of the IPFS Pinning Service API, which holds requests against the API's OpenAPI document.
//
//     node pinning.mjs TOKEN
//
// prints one line of JSON (`api`, a URL) when it is ready, and ends when its standard input does. A pin whose name begins with `pinned-`, `pinning-` or
// `failed-` has that status, any other is queued.

import http from 'node:http'
import mock from 'mock-ipfs-pinning-service'

// The mock's OpenAPI library prints by itself; standard output is ours.
const print = console.log
console.log = console.error

const service = await mock.setup({ token: process.argv[2], loglevel: 'error' })
const server = http.createServer(service)
server.listen(0, '127.0.0.1', () => print(JSON.stringify({ api: `http://127.0.0.1:${server.address().port}` })))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
