import { Registry } from '../../src/engine/job/registry.ts'
import type { Job } from '../../src/engine/index.ts'
import { start } from './drive.ts'

/** A run of a job made for one test, with the jobs to deliver it with. */
export async function runOf(
  job: Job,
  options: Parameters<typeof start>[1] = {},
): Promise<{ run: string; jobs: Registry }> {
  return { run: await start(job, options), jobs: new Registry([job]) }
}
