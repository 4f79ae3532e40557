import type { Clock } from '../clock.ts'
import { LEASE_MS } from '../drive/driving.ts'
import type { RunObject } from '../drive/protocol.ts'
import { PROTOCOL } from '../drive/protocol-number.ts'
import type { Report } from '../drive/run-record.ts'
import type { InterruptionReason } from '../run.ts'
import type { KillSwitch } from './kill-switch.ts'
import type { UntoldEvents } from './untold-events.ts'

/** At most one report in this time: fresh enough for a page, and for an interrupt to be seen soon. */
const REPORT_EVERY_MS = 150
/** A slice that has not committed for this long is not kept alive any more; the platform would not either. */
const HEARTBEAT_LIMIT_MS = 15 * 60_000

/** Dependencies of a reporter. */
interface ReporterDeps {
  object: () => Pick<RunObject, 'report'>
  clock: Clock
  state: { report(): Report }
  killSwitch: KillSwitch
  untold: UntoldEvents
}

/**
 * Tells the run's Durable Object how far its slice has come and what has happened, which renews the
 * lease, and brings back a request to stop. No commit waits for it: reports are coalesced, and a lost one
 * costs nothing.
 */
export class Reporter {
  /** The last request of the Durable Object. */
  stop: InterruptionReason | null
  readonly #deps: ReporterDeps
  readonly #untold: UntoldEvents
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #inFlight: Promise<void> | undefined
  #lastAt = 0
  #progressTold = false
  #lastCommitAt: number

  /** `stop`: what was asked for with the claim. */
  constructor(deps: ReporterDeps, stop: InterruptionReason | null) {
    this.stop = stop
    this.#deps = deps
    this.#untold = deps.untold
    this.#lastCommitAt = deps.clock.now()
  }

  /** Keeps the lease alive also while D1, or a single item, takes long. */
  start(leaseMs: number): void {
    this.#heartbeat = setInterval(
      () => {
        if (this.#deps.clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()
        // The first sign of progress resets a patience that had grown, and with it the lease.
      },
      Math.min(leaseMs, LEASE_MS) / 3,
    )
  }

  /** To be called after each commit. */
  committed(): void {
    const now = this.#deps.clock.now()
    this.#lastCommitAt = now
    // The first progress is reported at once: it resets a patience that had grown, should this slice die.
    const due = !this.#progressTold || now - this.#lastAt >= REPORT_EVERY_MS
    if (!due || this.#inFlight) return
    this.#progressTold = true
    this.send()
  }

  send(): void {
    if (this.#inFlight || this.#deps.killSwitch.dead) return
    this.#lastAt = this.#deps.clock.now()
    this.#inFlight = this.#report().finally(() => {
      this.#inFlight = undefined
    })
  }

  async #report(): Promise<void> {
    try {
      const untold = this.#untold.all()
      const { object, state } = this.#deps
      const reported = await object().report(state.report(), untold, PROTOCOL)
      if (!reported.ok) return
      if (reported.kill) return this.#deps.killSwitch.kill()
      this.stop = reported.stop
      this.#untold.heard(untold)
    } catch {
      // Out of reach: the next commit or heartbeat reports again, and the lease has its own patience.
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#inFlight
  }
}
