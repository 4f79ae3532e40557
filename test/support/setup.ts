import { env } from 'cloudflare:workers'
import { importEntryOnce } from './entry-once.ts'

importEntryOnce(new URL('./worker.ts', import.meta.url).pathname)
await env.DB.batch(env.SCHEMA.map((statement) => env.DB.prepare(statement)))
