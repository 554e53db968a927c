import { writeFile } from 'node:fs/promises'
import { DOCUMENTS, renderDocument } from '../src/server/rest/documents.ts'

for (const name of Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[])
  await writeFile(new URL(`../docs/${name}`, import.meta.url), renderDocument(name))
