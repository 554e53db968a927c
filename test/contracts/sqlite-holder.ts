// Holds the database named on the command line until it is killed. `sqlite-opening.test.ts` starts it.
import { createSqliteBackend } from '../../src/backend/sqlite.ts'

const [file = ''] = process.argv.slice(2)
await createSqliteBackend({ file }).ping()
process.stdout.write('open\n')
setInterval(() => {}, 60_000)
