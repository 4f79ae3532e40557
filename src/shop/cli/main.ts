import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// As Dogear's own command does: most of the start is spent on reading the sources.
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/dogear'))

const { runCommand } = await import('dogear/cli')
const { createShopProgram } = await import('./program.ts')
await runCommand(createShopProgram())
