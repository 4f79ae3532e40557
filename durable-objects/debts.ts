import * as commands from '../src/engine/commands.ts'
import { codeVersion } from '../src/engine/code-version.ts'
import { withTimeout } from '../src/engine/d1-errors.ts'
import { needsClosing, type Driving } from '../src/engine/driving.ts'
import type { NewRun } from '../src/engine/protocol.ts'
import { cancelInD1, indexRun, insertRun, raiseInD1, reopenInD1 } from '../src/engine/run-store.ts'
import { runView } from '../src/engine/run-view.ts'
import { redactorOf } from '../src/engine/sensitive.ts'
import { textOf } from '../src/engine/thrown.ts'
import { queueGone, queueNamed } from './queues.ts'
import type { RunStorage } from './run-storage.ts'
import { plainJson } from '../src/engine/plain-text.ts'

/** How long one statement may take before it is owed again. It may still land: each can be repeated. */
const D1_PATIENCE_MS = 10_000

interface Context {
  env: Cloudflare.Env
  storage: RunStorage
  now: () => number
  /** Persists a change of the state and arms the alarm for it. */
  change: <T>(how: (d: Driving) => T) => Promise<T | undefined>
}

/**
 * Does what the stored state owes: D1's rows, a cancel, a pause, a reopening, the message, the index.
 * What fails stays owed, and the object's alarm tries again.
 */
export class Debts {
  readonly #context: Context
  #settling: Promise<void> = Promise.resolve()

  constructor(context: Context) {
    this.#context = context
  }

  /** One at a time; who comes meanwhile waits, then looks anew at what is still owed. */
  settle(): Promise<void> {
    this.#settling = this.#settling.then(() => this.#pay())
    return this.#settling
  }

  get #driving(): Driving | undefined {
    return this.#context.storage.load()?.driving
  }

  async #pay(): Promise<void> {
    const run = this.#context.storage.load()?.run
    if (!run) return
    try {
      await this.#insert(run)
      // Twice: when D1 has a higher fence, the first answer brings it and the second one counts.
      await this.#obey(run)
      await this.#obey(run)
      await this.#send(run.id)
      await this.#index(run)
      if (this.#driving?.unpaid) await this.#context.change((d) => void (d.unpaid = 0))
    } catch (error) {
      await this.#context.change((d) => void (d.unpaid += 1))
      const text = redactorOf(run)(textOf(error))
      // eslint-disable-next-line no-console -- the only trace of a debt that is paid later
      console.warn(plainJson({ event: 'run.debt_unpaid', run: run.id, error: text }))
    }
  }

  async #insert(run: NewRun): Promise<void> {
    const { env, storage, change } = this.#context
    const d = this.#driving
    if (!d || d.inD1) return
    const at = new Date(d.createdAt).toISOString()
    await patiently(insertRun(env.DB, run, at, codeVersion(env), storage.beginning))
    await change((now) => {
      now.inD1 = true
      storage.forgetBeginning()
    })
  }

  /** Carries out in D1 what a person asked for. */
  async #obey(run: NewRun): Promise<void> {
    const { env, now, change } = this.#context
    const d = this.#driving
    const at = new Date(now()).toISOString()
    if (d?.cancelling) {
      const answer = await patiently(cancelInD1(env.DB, run.id, d.fence, at, !needsClosing(run)))
      await change((state) => commands.cancelAnswered(state, run, answer, now()))
    } else if (d?.pausing === 'revoked') {
      const answer = await patiently(raiseInD1(env.DB, run.id, d.fence, at))
      await change((state) => commands.pauseAnswered(state, answer, now()))
    } else if (d?.reopening) {
      const answer = await patiently(reopenInD1(env.DB, run.id, d.fence, at))
      await change((state) => commands.reopenAnswered(state, answer, now()))
    }
  }

  async #send(run: string): Promise<void> {
    const { env, now, change } = this.#context
    const d = this.#driving
    if (!d || d.sendAt === null || d.sendAt > now() || !d.inD1) return
    const { n } = d
    const queue = queueNamed(env, d.queue)
    await change((state) => {
      if (!queue && state.attention === null) {
        state.attention = queueGone(state.queue)
        state.rev += 1
      }
      state.overdueAt = now() + state.patienceMs
      state.sendAt = null
      if (state.sent?.n !== n) state.sent = { n, at: now() }
      // Written, read and deleted: what a message costs.
      state.queueOperations += 3
    })
    await patiently(
      (queue ?? env.QUEUE).send({ run, lane: 0, n, ...(d.alone && { alone: true as const }) }),
    )
  }

  async #index(run: NewRun): Promise<void> {
    const d = this.#driving
    if (!d || d.rev === d.indexed) return
    const { rev, status } = d
    const waiting = status === 'queued' || status === 'interrupted' || status === 'paused'
    const view = JSON.stringify(runView(run, d))
    await patiently(indexRun(this.#context.env.DB, run.id, rev, waiting ? status : 'running', view))
    await this.#context.change((state) => void (state.indexed = Math.max(state.indexed, rev)))
  }
}

function patiently<T>(work: Promise<T>): Promise<T> {
  return withTimeout(work, D1_PATIENCE_MS)
}
