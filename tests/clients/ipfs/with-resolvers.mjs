// Packages below js-ipfs use `Promise.withResolvers`, which Node.js has since version 22.

Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((a, b) => { resolve = a; reject = b })
  return { promise, resolve, reject }
}
