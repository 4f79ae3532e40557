import { DogearError } from '../errors.ts'
import type { Job } from './job.ts'

/** The jobs a Worker knows, by name. */
export class Registry {
  readonly #jobs = new Map<string, Job>()

  /** Throws `invalid_job` for two jobs of one name. */
  constructor(jobs: readonly Job[]) {
    for (const job of jobs) {
      if (this.#jobs.has(job.name))
        throw new DogearError('invalid_job', `Two jobs are named '${job.name}'`)
      this.#jobs.set(job.name, job)
    }
  }

  get(name: string): Job | undefined {
    return this.#jobs.get(name)
  }

  /** Throws `unknown_job`. */
  require(name: string): Job {
    const job = this.#jobs.get(name)
    if (job) return job
    const known = [...this.#jobs.keys()].join(', ')
    throw new DogearError('unknown_job', `Job '${name}' is not known; expected one of: ${known}`)
  }

  all(): Job[] {
    return [...this.#jobs.values()]
  }
}
