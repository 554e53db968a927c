import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { getMimeType } from 'hono/utils/mime'

/** A file in every encoding it can be sent in. */
export interface UiFile {
  readonly contentType: string
  /** Names the content, whatever its encoding. */
  readonly hash: string
  readonly identity: Uint8Array<ArrayBuffer>
  readonly gzip: Uint8Array<ArrayBuffer>
  readonly br: Uint8Array<ArrayBuffer>
}

/** All that a browser loads, as one build left it. */
export interface Ui {
  /** The standalone page. */
  readonly document: UiFile
  /** A module that defines `<natter-chat>`, under a name that does not change. */
  readonly element: UiFile
  /** By name; the names change with the content. */
  readonly assets: ReadonlyMap<string, UiFile>
}

/** What of `dist/ui/manifest.json` the server goes by; `scripts/build-ui.ts` writes it. */
interface Manifest {
  readonly document: string
  readonly entries: { readonly element: { readonly file: string } }
  readonly files: Readonly<Record<string, unknown>>
}

/** Beside the compiled server in the package, in dist/ where the server runs from its sources. */
const UI_FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../dist/ui/' : '../ui/', import.meta.url)

/**
 * Returns what loads the UI: once, into memory, when it is first asked for. So a server goes on serving the build that it
 * began with, whole, while the next one is being written.
 *
 * @param base The path the chat is mounted on, without a slash at its end.
 * @param folder Where the build is.
 */
export function createUiLoader(base: string, folder: URL = UI_FOLDER): () => Promise<Ui> {
  let loading: Promise<Ui> | undefined
  return () =>
    (loading ??= loadUi(base, folder).catch((error: unknown) => {
      loading = undefined
      throw error
    }))
}

async function loadUi(base: string, folder: URL): Promise<Ui> {
  const manifest = JSON.parse(await readText(folder, 'manifest.json')) as Manifest
  const assets = Object.keys(manifest.files).map(async (name) => [name, await readAsset(folder, name)] as const)
  const document = (await readText(folder, manifest.document)).replaceAll('%BASE%', base)
  return {
    document: await compressed('text/html; charset=utf-8', document),
    element: await compressed(
      'text/javascript; charset=utf-8',
      `export * from './assets/${manifest.entries.element.file}'\n`,
    ),
    assets: new Map(await Promise.all(assets)),
  }
}

async function readAsset(folder: URL, name: string): Promise<UiFile> {
  const [identity, gzipped, br] = await Promise.all(
    ['', '.gz', '.br'].map((end) => readFile(new URL(name + end, folder))),
  )
  if (!identity || !gzipped || !br) throw new Error(`${name} is not whole`)
  return {
    contentType: getMimeType(name) ?? 'application/octet-stream',
    hash: hashOf(identity),
    identity,
    gzip: gzipped,
    br,
  }
}

async function compressed(contentType: string, text: string): Promise<UiFile> {
  const identity = Buffer.from(text)
  const [gzipped, br] = await Promise.all([promisify(gzip)(identity), promisify(brotliCompress)(identity)])
  return { contentType, hash: hashOf(identity), identity, gzip: gzipped, br }
}

function readText(folder: URL, name: string): Promise<string> {
  return readFile(new URL(name, folder), 'utf8')
}

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}
