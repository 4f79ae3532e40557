import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { importEntryOnce } from './entry-once.ts'

importEntryOnce(new URL('./worker.ts', import.meta.url).pathname)
await applyD1Migrations(env.DB, env.MIGRATIONS)
