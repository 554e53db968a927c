import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as openRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../helpers.ts'

/** What stands in front of a server on a hosting platform: ends TLS, says so in `X-Forwarded-Proto`, hands on the rest. Gone after the test. */
export async function startTlsProxy(
  t: TestContext,
  target: { readonly url: string },
): Promise<{ readonly url: string }> {
  const carried = new Set<Duplex>()
  const proxy = createServer(await selfSignedCertificate(t))
  proxy.on('request', (request, response) => {
    const forwarded = forward(request, target.url)
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(forwarded)
  })
  proxy.on('upgrade', (request, near) => {
    carried.add(near)
    const forwarded = forward(request, target.url)
    forwarded.on('upgrade', (answer, far) => {
      const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
      near.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`)
      carry(near, far)
    })
    forwarded.on('response', () => near.destroy())
    forwarded.end()
  })
  proxy.listen(0, 'localhost')
  await once(proxy, 'listening')
  t.after(() => {
    for (const socket of carried) socket.destroy()
    proxy.closeAllConnections()
    proxy.close()
  })
  return { url: `https://localhost:${(proxy.address() as AddressInfo).port}` }
}

function forward({ method, url, headers, socket }: IncomingMessage, target: string): ClientRequest {
  const forwarded = openRequest(new URL(url ?? '/', target), {
    method,
    headers: { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': socket.remoteAddress },
  })
  return forwarded.on('error', () => socket.destroy())
}

function carry(near: Duplex, far: Duplex): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => {})
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

async function selfSignedCertificate(t: TestContext): Promise<{ readonly key: Buffer; readonly cert: Buffer }> {
  const folder = await temporaryFolder(t)
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', key, '-out', cert]
  await promisify(execFile)('openssl', ['req', '-x509', '-days', '1', '-subj', '/CN=localhost', ...curve, ...files])
  return { key: await readFile(key), cert: await readFile(cert) }
}
