import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type Run, type Slice } from '../src/client/index.ts'
import type { SimulatorSettings } from '../src/testing/simulator/index.ts'
import type { Span, Work } from './baselines.ts'

/** One commit of the ledger. */
export interface Commit {
  at: number
  fence: number
  items: number
}

const POLL_MS = 250
const END_WITHIN_MS = 10 * 60_000

/** The bench Worker over HTTP. */
export class BenchClient {
  /** What every Worker has; the rest is the bench's own. */
  readonly api: Client

  constructor(url: string) {
    this.api = new Client(url)
  }

  seed(orders: number): Promise<unknown> {
    return this.request('POST', '/bench/seed', { orders })
  }

  reset(upTo: number): Promise<unknown> {
    return this.request('POST', '/bench/reset', { upTo })
  }

  /** From now on the Worker's bindings are some way off. */
  simulate(settings: SimulatorSettings): Promise<unknown> {
    return this.request('POST', '/bench/simulate', settings)
  }

  start(job: string, { upTo, everyItems }: Omit<Work, 'run'>): Promise<Run> {
    return this.api.start(job, { params: { upTo }, commit: { everyItems, everyMs: 1e9 } })
  }

  /** Waits before its first slice, so that everybody can get ready. */
  startLater(job: string, { upTo, everyItems }: Omit<Work, 'run'>, wait: number): Promise<Run> {
    return this.api.start(job, { params: { upTo }, commit: { everyItems, everyMs: 1e9 }, wait })
  }

  async slices(run: string): Promise<Slice[]> {
    return (await this.api.slices(run)).slices
  }

  async ledger(run: string): Promise<Commit[]> {
    const rows = await this.request<[string, number, number][]>('GET', `/bench/ledger/${run}`)
    return rows.map(([at, fence, items]) => ({ at: Date.parse(at), fence, items }))
  }

  handled(run: string): Promise<number> {
    return this.request('GET', `/bench/handled/${run}`)
  }

  /** Waits for the end of a run, no longer than so many ms. */
  async endedWithin(run: string, ms: number): Promise<boolean> {
    for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(POLL_MS)) {
      if (await this.request<boolean>('GET', `/bench/ended/${run}`)) return true
    }
    return false
  }

  /** Waits for the end of a run; throws when it is not `completed`. */
  async completed(run: string): Promise<Run> {
    await until(`run ${run}`, async () => {
      const ended = await this.request<boolean>('GET', `/bench/ended/${run}`)
      return ended || undefined
    })
    // D1 has the end a moment before the run's Durable Object.
    const view = await until(`run ${run}`, async () => {
      const shown = await this.api.run(run)
      return shown.finishedAt === undefined ? undefined : shown
    })
    if (view.status !== 'completed')
      throw new Error(`run ${run} is ${view.status}: ${JSON.stringify(view.error)}`)
    return view
  }

  bare(work: Work): Promise<Span & { commitTimes: number[] }> {
    return this.request('POST', '/bench/bare', work)
  }

  async workflow(work: Work): Promise<Span & { createdAt: number }> {
    const { createdAt } = await this.request<{ createdAt: number }>('POST', '/bench/workflow', work)
    const span = await until(`Workflow ${work.run}`, async () => {
      const found = await this.request<Span | null>('GET', `/bench/workflow/${work.run}`)
      return found ?? undefined
    })
    return { ...span, createdAt }
  }

  async request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.api.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(END_WITHIN_MS),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`)
    return JSON.parse(text) as T
  }
}

/** Asks until there is an answer. What is measured carries its own times, so the wait adds nothing. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + END_WITHIN_MS
  while (Date.now() < deadline) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(POLL_MS)
  }
  throw new Error(`${what} has not ended within ${END_WITHIN_MS / 60_000} minutes`)
}
