import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** For each folder of src/, what it may import besides itself: folders, or single files where only an interface is meant. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  backend: ['protocol'],
  client: ['protocol'],
  chat: ['protocol', 'backend/backend.ts'],
  server: ['chat', 'protocol', 'backend/backend.ts'],
  element: ['client', 'protocol'],
  react: ['client.ts', 'element.ts'],
  cli: ['*.ts'],
  '*.ts': ['protocol', 'backend', 'client', 'chat', 'server', 'element', 'react'],
}

/** Modules that only some folders may know. */
const KNOWN_ONLY_IN: ReadonlyArray<{ modules: RegExp; folders: readonly string[] }> = [
  { modules: /^node:/, folders: ['backend', 'chat', 'server', 'cli'] },
  { modules: /^(node:(http|https|http2|net)|ws|hono|@hono)(\/|$)/, folders: ['server'] },
  { modules: /^(node:sqlite|@redis\/client)$/, folders: ['backend'] },
  { modules: /^(preact|@preact\/.*)$/, folders: ['element'] },
  { modules: /^react$/, folders: ['react'] },
]

/** Folders whose code is sent to browsers, where zod would cost more than all the rest: types of it only. */
const SENT_TO_BROWSERS = ['client', 'element', 'react']

export interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string
  readonly text: string
}

interface Import {
  readonly specifier: string
  /** The imported file relative to src/, or undefined for a package or a built-in module. */
  readonly target: string | undefined
  readonly typeOnly: boolean
}

/** Everything in `files` that breaks the house rules, each as one line that names the file; empty when all is well. */
export function checkImports(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]))
  return files.flatMap((file) => {
    const own = imports.get(file.path) ?? []
    return [
      ...wrongDirections(file, own),
      ...unknownModules(file, own),
      ...zodInBrowser(file, imports),
      ...environmentReads(file),
      ...moreThanReExports(file),
    ].map((problem) => `src/${file.path}: ${problem}`)
  })
}

function wrongDirections({ path }: SourceFile, imports: readonly Import[]): string[] {
  const folder = folderOf(path)
  const allowed = MAY_IMPORT[folder]
  if (allowed === undefined) return [`src/${folder} is not in the table of scripts/check-imports.ts`]
  return imports
    .flatMap(({ target }) => target ?? [])
    .filter((target) => ![folder, ...allowed].some((entry) => entry === folderOf(target) || entry === target))
    .map((target) => `may not import ${target}; ${folder} may import ${allowed.join(', ') || 'nothing of ours'}`)
}

function unknownModules({ path }: SourceFile, imports: readonly Import[]): string[] {
  return imports
    .filter(({ target }) => target === undefined)
    .flatMap(({ specifier }) =>
      KNOWN_ONLY_IN.filter(({ modules, folders }) => modules.test(specifier) && !folders.includes(folderOf(path))).map(
        ({ folders }) => `may not import ${specifier}, which only ${folders.join(', ')} may know`,
      ),
    )
}

function zodInBrowser({ path }: SourceFile, imports: ReadonlyMap<string, readonly Import[]>): string[] {
  if (!SENT_TO_BROWSERS.includes(folderOf(path))) return []
  const reached = new Set([path])
  // The set grows while it is walked: all that is loaded with this file.
  for (const file of reached) {
    for (const { specifier, target, typeOnly } of imports.get(file) ?? []) {
      if (typeOnly) continue
      if (specifier === 'zod') return [`loads zod through ${file}; import types only, or from a file without zod`]
      if (target !== undefined) reached.add(target)
    }
  }
  return []
}

function environmentReads({ path, text }: SourceFile): string[] {
  if (folderOf(path) === 'cli') return []
  return /\bprocess\.env\b/.test(withoutComments(text)) ? ['reads process.env, which only src/cli may'] : []
}

function moreThanReExports({ path, text }: SourceFile): string[] {
  if (folderOf(path) !== '*.ts') return []
  const rest = withoutComments(text).replaceAll(/^export (type )?(\*( as \w+)?|\{[^}]*\}) from '[^']+';?$/gm, '')
  return rest.trim() === '' ? [] : [`may only re-export, and has: ${rest.trim().split('\n', 1).join()}`]
}

/** The first part of a path, and `*.ts` for the files directly in src/. */
function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '*.ts'
}

/**
 * Reads what the formatter leaves: statements begin at the margin, so an example in a comment is none. A dynamic
 * import may stand anywhere.
 */
function importsOf({ path, text }: SourceFile): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{][^'"=;()]*\sfrom\s+)?['"]([^'"]+)['"]/gm)
  const calls = text.matchAll(/\b(import)\(\s*['"]([^'"]+)['"]/g)
  return [...statements, ...calls].map(([, keyword, specifier = '']) => ({
    specifier,
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined,
    typeOnly: keyword?.trim() === 'type',
  }))
}

/** Good enough for finding words: it also cuts strings that look like a comment. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')
}

if (import.meta.main) {
  const paths = globSync('**/*.{ts,tsx}', { cwd: 'src', exclude: ['**/*.test.ts', '**/*.d.ts'] })
  const files = paths.map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(posix.join('src', path), 'utf8'),
  }))
  const problems = checkImports(files)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`${files.length} files keep to the import directions`)
}
