import { env } from 'cloudflare:workers'
import { excerpt } from '../../src/engine/cut-text.ts'
import type { RunObject, RunObjects, SliceMessage } from '../../src/engine/drive/protocol.ts'
import type { Job, RunView } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import type { Command } from '../../src/engine/run.ts'
import { startRun } from '../../src/engine/runs/start.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import { runSlice } from '../../src/engine/slice/slice.ts'
import {
  FaultyQueue,
  Invocation,
  limitedDatabase,
  testBench,
  type TestBench,
} from '../../src/testing/index.ts'
import { interceptedDatabase } from '../../src/testing/intercepted-database.ts'
import { Random } from '../../src/testing/random.ts'
import { restoreRows, rowsOfRuns, type RowsOfRuns } from './many-runs-travel.ts'

const D1_ERRORS = [
  'D1_ERROR: Network connection lost.',
  'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  'D1_ERROR: something that nobody knows',
]

/** What may happen besides what every schedule has. */
export interface Harm {
  /** D1 is restored to an earlier state, under everybody's feet. */
  timeTravel?: boolean
  /** Objects lose all that they have stored. */
  lostStorage?: boolean
  /** Some invocations have only a few D1 statements. */
  statementLimits?: boolean
}

/**
 * All that a seed makes of networks, platform and people around one run and its follow-up runs, with the
 * real objects and the real D1: statements of slices and of the objects themselves that are lost, late or
 * whose answer is; messages that are refused, lost, doubled, reordered; calls of objects that are lost;
 * slices that die at any call, and two at once; evictions; commands. Whoever decides something draws from
 * numbers of their own, so that the same seed does the same although much happens at once.
 */
export class HostileWorld {
  /** What has gone wrong so far. */
  readonly log: string[] = []
  readonly random: Random
  readonly #calls: Random
  readonly #seed: number
  readonly #harm: Harm
  readonly #bench: TestBench
  readonly #jobs: Registry
  /** The runs whose objects were called, the first one first. */
  readonly #runs = new Set<string>()
  readonly #late: (() => Promise<unknown>)[] = []
  readonly #working: Promise<unknown>[] = []
  #slices = 0
  #calm = false
  #bookmark: RowsOfRuns | undefined

  constructor(seed: number, jobs: readonly Job[], harm: Harm) {
    this.#seed = seed
    this.#harm = harm
    this.random = this.#numbers('turns')
    this.#calls = this.#numbers('calls')
    this.#jobs = new Registry([...jobs])
    const queue = this.#numbers('queue')
    this.#bench = testBench({
      jobs,
      objectsDb: this.#faulty(this.#numbers('objects'), 0.12, 'object'),
      queue: new FaultyQueue(() =>
        !this.#calm && queue.chance(0.2)
          ? queue.pick(['lost', 'refused', 'doubled', 'reordered', 'late'])
          : undefined,
      ),
    })
  }

  get runs(): readonly string[] {
    return [...this.#runs]
  }

  /** Starts a run, however often that takes. */
  async start(job: Job, items: number): Promise<string> {
    const options = {
      params: { items },
      commit: { everyItems: 1 + this.random.below(3) },
      idempotencyKey: crypto.randomUUID(),
    }
    for (;;) {
      const created = await startRun(this.#objects, job, options).catch(() => undefined)
      if (created?.ok) return created.run.id
    }
  }

  /** Something happens. */
  async turn(): Promise<void> {
    const { random } = this
    const what = random.next()
    if (what < 0.5) return this.#deliver(random.chance(0.7))
    if (what < 0.62) return this.#passTime(random.pick([100, 1_100, 6_000, 30_000, 1_000_000]))
    const run = random.pick(this.runs)
    if (what < 0.68) return this.#evict(run)
    if (what < 0.71) return this.#quietly('poke', () => this.#objects(run).poke(run))
    if (what < 0.76) return this.#beHarmful(run)
    await this.#ask(random.pick(['pause', 'resume', 'interrupt', 'retry', 'resume', 'cancel']))
  }

  /** From here on nothing goes wrong any more, but for what is still on its way. */
  async calm(): Promise<void> {
    this.#calm = true
    await this.#land()
    await Promise.race([Promise.allSettled(this.#working), scheduler.wait(50)])
  }

  /** Drives all runs to their ends: what stands still is resumed, and what has failed tried again. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 120; turn++) {
      this.#bench.queue.land()
      const message = this.#bench.queue.receive()
      if (message) {
        await this.#slice(message)
        continue
      }
      const open = await this.#open()
      if (open.length === 0) return
      for (const run of open) {
        const view = await this.view(run)
        const { status, held } = view ?? {}
        if (status === 'paused' || held) await this.#objects(run).command('resume', {})
        else if (status === 'failed' || status === 'cancelled')
          await this.#objects(run).command('retry', {})
        else await this.#objects(run).poke(run)
      }
      await this.#passTime(1_000_000)
    }
    const views = await Promise.all(this.runs.map((run) => this.view(run)))
    throw new Error(`no end of it: ${JSON.stringify(views)}`)
  }

  view(run: string): Promise<RunView | null> {
    return this.#bench.objects(run).describe()
  }

  /** Runs that are not through: in D1 not completed, not closed, or not there yet; or not by their object. */
  async #open(): Promise<string[]> {
    const { results } = await env.DB.prepare(
      `WITH mine (id) AS (
         SELECT value FROM json_each(?1)
         UNION SELECT child.value ->> 'id' FROM dogear_runs, json_each(dogear_runs.children) AS child
           WHERE dogear_runs.id IN (SELECT value FROM json_each(?1)))
       SELECT mine.id FROM mine LEFT JOIN dogear_runs USING (id)
       WHERE status IS NOT 'completed' OR closed_at IS NULL`,
    )
      .bind(JSON.stringify(this.runs))
      .all<{ id: string }>()
    if (results.length > 0) return results.map(({ id }) => id)
    const views = await Promise.all(this.runs.map((run) => this.view(run)))
    return this.runs.filter((_run, index) => views[index]?.status !== 'completed')
  }

  async #deliver(waitForIt: boolean): Promise<void> {
    this.#bench.queue.land()
    const message = this.#bench.queue.receive()
    if (!message) return this.#passTime(6_000)
    const slice = this.#slice(message)
    if (waitForIt) await slice
    else this.#working.push(slice)
  }

  #slice(message: SliceMessage): Promise<void> {
    const name = `slice ${++this.#slices}`
    const random = this.#numbers(name)
    const limit =
      this.#harm.statementLimits && !this.#calm && random.chance(0.1)
        ? 2 + random.below(20)
        : Infinity
    const DB = limitedDatabase(this.#faulty(random, 0.1, name), limit)
    const wallMs = random.chance(0.3) ? 0 : 20_000
    const deps = this.#bench.deps({
      env: { ...env, DB },
      objects: this.#objects,
      jobs: this.#jobs,
      wallMs,
      d1PatienceMs: FOR_EVER_MS,
    })
    if (limit < Infinity) this.log.push(`${name} has ${limit} statements`)
    return this.#quietly(name, () => this.#live(message, deps, random, name))
  }

  /** A slice, which may die at one of its calls. */
  #live(message: SliceMessage, deps: SliceDeps, random: Random, name: string): Promise<void> {
    if (this.#calm || !random.chance(0.25)) return runSlice(message, deps)
    const at = 1 + random.below(12)
    const death = random.pick(['dies_before', 'dies_after'] as const)
    let calls = 0
    const invocation = new Invocation(deps, () => (++calls === at ? death : undefined))
    this.log.push(`${name} ${death} its call ${at}`)
    const { env: mortal, objects } = invocation
    return Promise.race([invocation.died, runSlice(message, { ...deps, env: mortal, objects })])
  }

  /** D1 as somebody sees it: now and then a call is lost, or late, or its answer is. */
  #faulty(random: Random, rate: number, whose: string): D1Database {
    return interceptedDatabase(env.DB, async ({ sql }, work) => {
      if (this.#calm) return work()
      if (this.#late.length > 0 && random.chance(0.3)) await this.#land(1)
      if (!random.chance(rate)) return work()
      const fault = random.pick(['never_lands', 'lost_answer', 'late'] as const)
      this.log.push(`${whose}: ${fault} ${excerpt(sql[0] ?? '', 40)}`)
      if (fault === 'lost_answer') await work()
      if (fault === 'late') this.#late.push(work)
      throw new Error(random.pick(D1_ERRORS))
    })
  }

  /** Late calls arrive, the oldest first; what D1 answers goes to nobody. */
  async #land(most = Infinity): Promise<void> {
    for (const call of this.#late.splice(0, most)) await call().catch(() => undefined)
  }

  readonly #objects: RunObjects = (run) => {
    this.#runs.add(run)
    const random = this.#calls
    return new Proxy<RunObject>(this.#bench.objects(run), {
      get: (object, name) => {
        const method = Reflect.get(object, name) as (...args: unknown[]) => Promise<unknown>
        return async (...args: unknown[]) => {
          if (this.#calm || !random.chance(0.04)) return method(...args)
          const landed = random.chance(0.5)
          this.log.push(`call ${String(name)} ${landed ? 'lands, its answer is lost' : 'is lost'}`)
          if (landed) await method(...args)
          throw new Error('Network connection lost.')
        }
      },
    })
  }

  async #passTime(ms: number): Promise<void> {
    await this.#quietly('alarm', () => this.#bench.clock.advance(ms))
  }

  async #evict(run: string): Promise<void> {
    this.log.push('an object is evicted')
    await this.#bench.evict(run)
  }

  async #beHarmful(run: string): Promise<void> {
    const { lostStorage, timeTravel } = this.#harm
    if (lostStorage && this.random.chance(0.5)) return this.#loseStorage(run)
    if (!timeTravel) return
    if (!this.#bookmark) {
      // Put back to a time before D1 had the run, D1 loses it, and no key asks for it again here.
      if (await isInD1(run)) this.#bookmark = await rowsOfRuns(this.runs)
      return
    }
    this.log.push('D1 is restored')
    // What was under way when D1 was restored never arrives.
    this.#late.length = 0
    await restoreRows(this.#bookmark, this.runs)
    this.#bookmark = undefined
  }

  /** Not before D1 has the run: until then the object is all that there is of it. */
  async #loseStorage(run: string): Promise<void> {
    if (!(await isInD1(run))) return
    this.log.push('an object loses its storage')
    await this.#bench.loseStorage(run)
  }

  /** A person asks; once they see the run stopped, nothing may be committed until they ask for more. */
  async #ask(command: Command): Promise<void> {
    const [run = ''] = this.runs
    this.log.push(`a person asks to ${command}`)
    const options = this.random.chance(0.2) ? { hold: true } : {}
    const answer = await this.#objects(run)
      .command(command, options)
      .catch(() => undefined)
    if (!answer?.ok || answer.pending) return
    const { status } = answer.run
    if (status !== 'paused' && status !== 'cancelled') return
    const before = await committed(run)
    await this.#land()
    await Promise.race([Promise.allSettled(this.#working), scheduler.wait(5)])
    const after = await committed(run)
    if (after !== before) throw new Error(`${after - before} effects after '${status}' was shown`)
  }

  async #quietly(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.log.push(`${what}: ${error instanceof Error ? error.message : typeof error}`)
    }
  }

  /** Numbers of somebody's own. */
  #numbers(whose: string): Random {
    let hash = this.#seed
    for (const char of whose) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    return new Random(hash)
  }
}

/** No call of D1 is given up on: whoever waits for ever is dead. (The longest a timer can take.) */
const FOR_EVER_MS = 2 ** 31 - 1

async function isInD1(run: string): Promise<boolean> {
  return (await env.DB.prepare('SELECT 1 FROM dogear_runs WHERE id = ?').bind(run).first()) !== null
}

async function committed(run: string): Promise<number> {
  const count = await env.DB.prepare('SELECT count(*) AS n FROM appended WHERE run_id = ?')
    .bind(run)
    .first<number>('n')
  return count ?? 0
}
