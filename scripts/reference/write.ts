import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../package/faces.ts'
import { referencePages } from './pages.ts'

/** Writes the reference of all public names: `npm run reference`. */
rmSync(join(ROOT, 'docs/reference'), { recursive: true, force: true })
mkdirSync(join(ROOT, 'docs/reference'))
for (const [page, text] of await referencePages()) writeFileSync(join(ROOT, page), text)
