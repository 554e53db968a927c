import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface HostPageOptions {
  /** What stands in the page's body. */
  readonly body: string
  /** The page's own style sheet. */
  readonly css?: string
  /** The page's own script, a module that runs before those of `scripts`. */
  readonly script?: string
  /** Addresses of modules that the page loads. */
  readonly scripts?: readonly string[]
  /** Origins that the page's policy lets it load scripts from and connect to, besides its own. */
  readonly allows?: readonly string[]
  /** What else than files of its own it shows pictures from, as its policy says that. */
  readonly pictures?: readonly string[]
  /** Answers what the page asks of its own server. */
  readonly routes?: Readonly<Record<string, () => { readonly status?: number; readonly body: string }>>
}

export interface HostPage {
  /** `http://127.0.0.1:…`: another site than the chat's, which is at `localhost`. */
  readonly url: string
}

/** A page of somebody else's site, under a policy as strict as there is. */
export async function startHostPage(t: TestContext, options: HostPageOptions): Promise<HostPage> {
  const { css = '', script = '', routes = {} } = options
  const files: HostPageOptions['routes'] = {
    '/': () => ({ body: documentOf(options) }),
    '/host.css': () => ({ body: css }),
    '/host.js': () => ({ body: script }),
    '/favicon.ico': () => ({ status: 204, body: '' }),
    ...routes,
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host')
    const { status = 200, body } = files[pathname]?.() ?? { status: 404, body: 'not found' }
    response.writeHead(status, { 'Content-Type': typeOf(pathname), 'Content-Security-Policy': policyOf(options) })
    response.end(status === 204 ? undefined : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function documentOf({ body, scripts = [] }: HostPageOptions): string {
  const modules = ['/host.js', ...scripts].map((src) => `<script type="module" src="${src}"></script>`)
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>A shop</title>
    <link rel="stylesheet" href="/host.css" />
    ${modules.join('\n    ')}
  </head>
  <body>${body}</body>
</html>
`
}

function policyOf({ allows = [], pictures = [] }: HostPageOptions): string {
  const sockets = allows.map((origin) => origin.replace('http', 'ws'))
  return [
    "default-src 'none'",
    "style-src 'self'",
    `script-src 'self' ${allows.join(' ')}`,
    `connect-src 'self' ${[...allows, ...sockets].join(' ')}`,
    `img-src 'self' ${pictures.join(' ')}`,
    "frame-src 'self'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

function typeOf(path: string): string {
  if (path.endsWith('.css')) return 'text/css; charset=utf-8'
  return path.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8'
}
