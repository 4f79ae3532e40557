import { DogearError } from '../errors.ts'
import type { Job } from './job.ts'
import type { Schedule } from '../../schedules/schedule.ts'

/** The jobs a Worker knows, by name, and the schedules that start runs of them. */
export class Registry {
  readonly #jobs = new Map<string, Job>()
  readonly #schedules = new Map<string, Schedule>()

  /**
   * Throws `invalid_job` for two jobs of one name, `invalid_schedule` for two schedules of one name and
   * for one whose job is not among these.
   */
  constructor(jobs: readonly Job[], schedules: readonly Schedule[] = []) {
    for (const job of jobs) {
      if (this.#jobs.has(job.name))
        throw new DogearError('invalid_job', `Two jobs are named '${job.name}'`)
      this.#jobs.set(job.name, job)
    }
    for (const schedule of schedules) this.#addSchedule(schedule)
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

  schedules(): Schedule[] {
    return [...this.#schedules.values()]
  }

  #addSchedule(schedule: Schedule): void {
    const { name, job } = schedule
    if (this.#schedules.has(name))
      throw new DogearError('invalid_schedule', `Two schedules are named '${name}'`)
    if (this.#jobs.get(job.name) !== job) {
      throw new DogearError(
        'invalid_schedule',
        `Schedule '${name}' starts job '${job.name}', which this Worker was not given; expected it among its jobs`,
      )
    }
    this.#schedules.set(name, schedule)
  }
}
