import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build, type Metafile, type Plugin } from 'esbuild'

const OUT_DIR = 'dist/ui'
const TARGET = 'es2023'

/** What a page loads by name; everything else is reached from these. */
const ENTRY_POINTS = { page: 'src/element/page.ts', element: 'src/element.ts' }

/** The standalone page. It names its assets by their source; in the built one they have their hashed names. */
const DOCUMENT = 'src/element/page.html'
const DOCUMENT_ASSETS = ['src/element/page.css', 'src/element/favicon.svg']

/** `dist/ui/manifest.json`: how the server finds the bundle's files, whose names change with their content. */
export interface UiManifest {
  /**
   * The standalone page, complete but for the path that the chat is mounted at: the server puts it (empty at the root, else
   * like `/chat`) where the file says `%BASE%`, and serves `files` under `%BASE%/assets/`.
   */
  readonly document: string
  readonly entries: Readonly<Record<keyof typeof ENTRY_POINTS, UiEntry>>
  /** Every file that may be served, by name. `name.gz` and `name.br` lie beside it. */
  readonly files: Readonly<Record<string, UiFile>>
}

export interface UiEntry {
  readonly file: string
  /** The files that `file` needs before it runs, directly or through each other: worth preloading. */
  readonly imports: readonly string[]
}

export interface UiFile {
  readonly bytes: number
  readonly gzipBytes: number
  readonly brotliBytes: number
}

/** Bundles the page and the element into `dist/ui/`, compressed ahead of time, and returns the manifest it wrote. */
export async function buildUi(): Promise<UiManifest> {
  const { outputFiles, metafile } = await build({
    entryPoints: [...Object.values(ENTRY_POINTS), ...DOCUMENT_ASSETS],
    outdir: OUT_DIR,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: TARGET,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy', '.png': 'file', '.woff2': 'file' },
    plugins: [cssAsText],
    metafile: true,
    write: false,
    logLevel: 'warning',
  })

  await mkdir(OUT_DIR, { recursive: true })
  const files = await Promise.all(
    outputFiles.map(async ({ path, contents }) => [basename(path), await writeCompressed(path, contents)] as const),
  )
  const entries = entriesOf(metafile)
  await writeFile(join(OUT_DIR, 'index.html'), await documentOf(entries, metafile))
  const manifest: UiManifest = { document: 'index.html', entries, files: Object.fromEntries(files) }
  await writeFile(join(OUT_DIR, 'manifest.json'), JSON.stringify(manifest, undefined, 2) + '\n')
  await removeOtherFiles(manifest)
  return manifest
}

/**
 * `import css from './x.css'` is the minified text of that sheet and of those it imports, for a constructable style sheet: a
 * `<style>` element would need an exception in the content security policy.
 */
const cssAsText: Plugin = {
  name: 'css-as-text',
  setup(bundler) {
    bundler.onResolve({ filter: /\.css$/ }, ({ path, resolveDir, kind }) =>
      kind === 'import-statement' ? { path: join(resolveDir, path), namespace: 'css-text' } : undefined,
    )
    bundler.onLoad({ filter: /\.css$/, namespace: 'css-text' }, async ({ path }) => {
      const { outputFiles, metafile } = await build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        target: TARGET,
        metafile: true,
        write: false,
      })
      return { contents: outputFiles[0]?.text ?? '', loader: 'text', watchFiles: Object.keys(metafile.inputs) }
    })
  },
}

/** The standalone page with the assets' names as they are now, and hints to load at once what its script imports. */
async function documentOf({ page }: UiManifest['entries'], { outputs }: Metafile): Promise<string> {
  const template = await readFile(DOCUMENT, 'utf8')
  const sources = [ENTRY_POINTS.page, ...DOCUMENT_ASSETS]
  const document = sources.reduce(
    (html, source) => replaceOnce(html, `./${basename(source)}`, assetUrl(outputOf(source, outputs))),
    template,
  )
  const preloads = page.imports.map((file) => `<link rel="modulepreload" href="${assetUrl(file)}" />`)
  return replaceOnce(document, '<!-- modulepreload -->', preloads.join(''))
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`${DOCUMENT} must say "${from}" once`)
  return text.replace(from, () => to)
}

function assetUrl(path: string): string {
  return `%BASE%/assets/${basename(path)}`
}

async function writeCompressed(path: string, contents: Uint8Array): Promise<UiFile> {
  const [gzipped, brotli] = await Promise.all([
    promisify(gzip)(contents, { level: constants.Z_BEST_COMPRESSION }),
    promisify(brotliCompress)(contents),
  ])
  await Promise.all([writeFile(path, contents), writeFile(`${path}.gz`, gzipped), writeFile(`${path}.br`, brotli)])
  return { bytes: contents.byteLength, gzipBytes: gzipped.byteLength, brotliBytes: brotli.byteLength }
}

function entriesOf({ outputs }: Metafile): UiManifest['entries'] {
  return { page: entryOf(ENTRY_POINTS.page, outputs), element: entryOf(ENTRY_POINTS.element, outputs) }
}

function entryOf(entryPoint: string, outputs: Metafile['outputs']): UiEntry {
  const path = outputOf(entryPoint, outputs)
  const needed = new Set([path])
  // The set grows while it is walked, so this also reaches what the imports import.
  for (const file of needed) {
    for (const { path: imported, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement') needed.add(imported)
    }
  }
  const [file = path, ...imports] = [...needed].map((output) => basename(output))
  return { file, imports }
}

function outputOf(source: string, outputs: Metafile['outputs']): string {
  const path = Object.keys(outputs).find(
    (output) => outputs[output]?.entryPoint === source || Object.keys(outputs[output]?.inputs ?? {}).join() === source,
  )
  if (path === undefined) throw new Error(`esbuild wrote nothing for ${source}`)
  return path
}

/** After writing, never before: a server that runs meanwhile finds either the old files or the new ones. */
async function removeOtherFiles({ document, files }: UiManifest): Promise<void> {
  const current = new Set(Object.keys(files).flatMap((file) => [file, `${file}.gz`, `${file}.br`]))
  current.add('manifest.json').add(document)
  const stale = (await readdir(OUT_DIR)).filter((file) => !current.has(file))
  await Promise.all(stale.map((file) => rm(join(OUT_DIR, file))))
}

if (import.meta.main) {
  const { entries, files } = await buildUi()
  for (const [name, { file, imports }] of Object.entries(entries)) {
    const gzipBytes = [file, ...imports].reduce((sum, needed) => sum + (files[needed]?.gzipBytes ?? 0), 0)
    console.log(`${name}: ${(gzipBytes / 1024).toFixed(1)} KiB gzip at first load`)
  }
}
