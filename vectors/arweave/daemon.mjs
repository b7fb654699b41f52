// Runs a gateway and a bundler on two ports of this machine until its input ends: node daemon.mjs GATEWAY_PORT BUNDLER_PORT FOLDER
//
// The gateway is arlocal. The bundler stands for those of the network: it has arbundles check each item, puts it into a bundle, signs a transaction
// for that with arweave-js, hands it to the gateway, has a block mined and answers with a receipt.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { arbundles, jwk, require } from "./keys.mjs";

const [gatewayPort, bundlerPort, folder] = process.argv.slice(2);
const { DataItem, EthereumSigner, bundleAndSignData } = arbundles;
const ArLocal = require("arlocal").default;
const arweaveJs = require("arweave");
const Arweave = arweaveJs.default ?? arweaveJs;

console.error = () => {};
const log = console.log;
console.log = () => {};
const gateway = new ArLocal(Number(gatewayPort), false, folder, false);
await gateway.start();
const url = `http://127.0.0.1:${gatewayPort}`;
const arweave = Arweave.init({ host: "127.0.0.1", port: gatewayPort, protocol: "http" });
const mint = (address) => fetch(`${url}/mint/${address}/1000000000000000`);
await mint(await arweave.wallets.jwkToAddress(jwk));

async function take(body) {
  if (!(await DataItem.verify(body))) return [400, { error: "Invalid Data Item!" }];
  const item = new DataItem(body);
  item.rawId = createHash("sha256").update(item.rawSignature).digest();
  // arlocal takes no items of wallets that it has never seen.
  await mint(createHash("sha256").update(item.rawOwner).digest("base64url"));
  const bundle = await bundleAndSignData([item], new EthereumSigner("11".repeat(32)));
  const transaction = await bundle.toTransaction({}, arweave, jwk);
  await arweave.transactions.sign(transaction, jwk);
  const answer = await arweave.api.post("tx", transaction);
  if (answer.status !== 200) return [502, { error: String(answer.status) }];
  await fetch(`${url}/mine`);
  return [200, { id: item.id, timestamp: Date.now(), winc: String(body.length), version: "0.2.0", deadlineHeight: 200, dataCaches: [] }];
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const typed = request.headers["content-type"] === "application/octet-stream" && request.headers["content-length"];
  const fits = request.method === "POST" && request.url === "/tx" && typed;
  const [status, answer] = fits ? await take(Buffer.concat(chunks)).catch((error) => [500, { error: String(error) }]) : [404, {}];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(bundlerPort), "127.0.0.1", () => log("ready"));

process.stdin.on("end", () => process.exit()).resume();
