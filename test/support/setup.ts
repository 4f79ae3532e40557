import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { renewBench } from './drive.ts'
import { importEntryOnce } from './entry-once.ts'

importEntryOnce(new URL('./worker.ts', import.meta.url).pathname)
renewBench()
await emptyStorage()
await env.DB.batch(env.SCHEMA.map((statement) => env.DB.prepare(statement)))

/** One isolate runs many files, one after the other; each begins with nothing stored. */
async function emptyStorage(): Promise<void> {
  const left = env.DB.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'dogear_runs'`)
  // A database that is at work for the file before survives a reset.
  do await reset()
  while (await left.first())
}
