import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkImports } from './check-imports.ts'

/** The files that break a rule, when `sources` (path → text) were all of src/. */
function offenders(sources: Record<string, string>): string[] {
  const files = Object.entries(sources).map(([path, text]) => ({ path, text }))
  return checkImports(files).map((problem) => problem.slice('src/'.length, problem.indexOf(': ')))
}

test('imports along the allowed directions pass', () => {
  const problems = offenders({
    'index.ts':
      "/** The server. */\nexport { createChat } from './server/chat.ts'\nexport type {\n  Log,\n} from './backend/backend.ts'\n",
    'server/chat.ts': "import { createServer } from 'node:http'\nimport { Room } from '../chat/room.ts'\n",
    'chat/room.ts':
      "import type { Backend } from '../backend/backend.ts'\nimport { LIMITS } from '../protocol/limits.ts'\n",
    'backend/backend.ts': "import type { Message } from '../protocol/message.ts'\n",
    'protocol/limits.ts': 'export const LIMITS = {}\n',
    'protocol/message.ts': 'export interface Message {}\n',
    'cli/main.ts': "import { createChat } from '../index.ts'\nconsole.log(process.env.PORT)\n",
  })
  assert.deepEqual(problems, [])
})

test('the client and the chat never meet', () => {
  const problems = offenders({
    'chat/room.ts': "import { connect } from '../client/connect.ts'\n",
    'client/connect.ts': "export const room = await import('../chat/room.ts')\n",
  })
  assert.deepEqual(problems, ['chat/room.ts', 'client/connect.ts'])
})

test('where only an interface may be known, its neighbours may not', () => {
  assert.deepEqual(offenders({ 'chat/room.ts': "import { Sqlite } from '../backend/sqlite.ts'\n" }), ['chat/room.ts'])
})

test('an import over several lines, a re-export and an import for its effect all count', () => {
  const problems = offenders({
    'protocol/a.ts': "import {\n  type Room,\n  Rooms,\n} from '../chat/room.ts'\n",
    'protocol/b.ts': "export * from '../chat/room.ts'\n",
    'protocol/c.ts': "import '../chat/room.ts'\n",
  })
  assert.deepEqual(problems, ['protocol/a.ts', 'protocol/b.ts', 'protocol/c.ts'])
})

test('browser code and the protocol know nothing of Node', () => {
  const problems = offenders({
    'protocol/a.ts': "import type { Buffer } from 'node:buffer'\n",
    'client/a.ts': "import { once } from 'node:events'\n",
    'element/a.tsx': "const { readFile } = await import('node:fs/promises')\n",
  })
  assert.deepEqual(problems, ['protocol/a.ts', 'client/a.ts', 'element/a.tsx'])
})

test('only the server knows HTTP and sockets, and only the backend knows SQL', () => {
  const problems = offenders({
    'chat/a.ts': "import { WebSocket } from 'ws'\n",
    'backend/a.ts': "import { createServer } from 'node:http'\n",
    'server/a.ts': "import { DatabaseSync } from 'node:sqlite'\n",
  })
  assert.deepEqual(problems, ['chat/a.ts', 'backend/a.ts', 'server/a.ts'])
})

test('browser code loads no zod, not even through another file, but may use its types', () => {
  const problems = offenders({
    'protocol/commands.ts': "import { z } from 'zod'\n",
    'protocol/parse.ts': "export { parseCommand } from './commands.ts'\n",
    'client/loads.ts': "import { parseCommand } from '../protocol/parse.ts'\n",
    'client/types.ts': "import type { Command } from '../protocol/parse.ts'\n",
  })
  assert.deepEqual(problems, ['client/loads.ts'])
})

test('only the command line reads the environment', () => {
  const problems = offenders({
    'server/a.ts': 'const port = process.env.PORT\n',
    'server/b.ts': '/** The command line fills this from process.env. */\nexport const port = 0\n',
  })
  assert.deepEqual(problems, ['server/a.ts'])
})

test('an entry of the package does nothing but re-export', () => {
  assert.deepEqual(offenders({ 'client.ts': "export * from './client/a.ts'\nexport const version = 1\n" }), [
    'client.ts',
  ])
})

test('a folder that nobody gave a place is refused', () => {
  assert.deepEqual(offenders({ 'utils/a.ts': '' }), ['utils/a.ts'])
})

test('an import in an example inside a comment does not count', () => {
  assert.deepEqual(offenders({ 'protocol/a.ts': "/**\n * import { Chat } from '../chat/chat.ts'\n */\n" }), [])
})
