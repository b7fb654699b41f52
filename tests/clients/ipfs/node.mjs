// An IPFS node (js-ipfs) on loopback: the RPC API that Kubo has too, and a read-only gateway. It speaks to no other node.
//
//     node node.mjs DIR
//
// keeps its repository in DIR, prints one line of JSON (`api` and `gateway`, two URLs) when it is ready, and ends when its standard input does:
// whoever started it cannot leave it behind.

import './with-resolvers.mjs'
import { create } from 'ipfs-core'
import { HttpApi } from 'ipfs-http-server'
import { HttpGateway } from 'ipfs-http-gateway'

const ipfs = await create({
  repo: process.argv[2],
  offline: true,
  silent: true,
  preload: { enabled: false },
  init: { emptyRepo: true, profiles: ['test'], algorithm: 'Ed25519' },
  config: {
    Addresses: { Swarm: [], Announce: ['/ip4/127.0.0.1/tcp/4001'], API: '/ip4/127.0.0.1/tcp/0', Gateway: '/ip4/127.0.0.1/tcp/0' },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } },
    Pubsub: { Enabled: false },
    Routing: { Type: 'none' }
  }
})
const api = new HttpApi(ipfs)
await api.start()
const gateway = new HttpGateway(ipfs)
await gateway.start()

const url = ({ info }) => `http://127.0.0.1:${info.port}`
console.log(JSON.stringify({ api: url(api._apiServers[0]), gateway: url(gateway._gatewayServers[0]) }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
