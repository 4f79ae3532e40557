import type { Clock } from '../clock.ts'
import { LEASE_MS } from '../drive/driving.ts'
import type { RunObject } from '../drive/protocol.ts'
import type { EngineEvent, ToldEvents } from '../events.ts'
import type { InterruptionReason } from '../run.ts'
import type { Lane } from '../store/store.ts'
import type { KillSwitch } from './kill-switch.ts'
import { UntoldEvents } from './untold-events.ts'

/** At most one report in this time: fresh enough for a page, and for an interrupt to be seen soon. */
const REPORT_EVERY_MS = 150
/** A slice that has not committed for this long is not kept alive any more; the platform would not either. */
const HEARTBEAT_LIMIT_MS = 15 * 60_000

/**
 * Tells the run's Durable Object how far its slice has come and what has happened, which renews the
 * lease, and brings back a request to stop. No commit waits for it: reports are coalesced, and a lost one
 * costs nothing.
 */
export class Reporter {
  /** What the Durable Object asked for last. */
  stop: InterruptionReason | null = null
  readonly #object: () => Pick<RunObject, 'report'>
  readonly #lane: Lane
  readonly #clock: Clock
  readonly #resumed: () => boolean
  readonly #killSwitch: KillSwitch
  readonly #untold = new UntoldEvents()
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #inFlight: Promise<void> | undefined
  #lastAt = 0
  #progressTold = false
  #lastCommitAt: number

  constructor(
    object: () => Pick<RunObject, 'report'>,
    lane: Lane,
    clock: Clock,
    resumed: () => boolean,
    killSwitch: KillSwitch,
  ) {
    this.#object = object
    this.#lane = lane
    this.#clock = clock
    this.#resumed = resumed
    this.#killSwitch = killSwitch
    this.#lastCommitAt = clock.now()
  }

  /** Keeps the lease alive also while D1, or a single item, takes long. */
  start(leaseMs: number): void {
    this.#heartbeat = setInterval(
      () => {
        if (this.#clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()
        // The first sign of progress resets a patience that had grown, and with it the lease.
      },
      Math.min(leaseMs, LEASE_MS) / 3,
    )
  }

  /** To be called after each commit. */
  committed(): void {
    const now = this.#clock.now()
    this.#lastCommitAt = now
    // The first progress is told at once: it resets a patience that had grown, should this slice die.
    const due = !this.#progressTold || now - this.#lastAt >= REPORT_EVERY_MS
    if (!due || this.#inFlight) return
    this.#progressTold = true
    this.send()
  }

  /** To be told with the next report, or with the release. */
  note(event: EngineEvent): void {
    this.#untold.add(event)
  }

  get untold(): ToldEvents {
    return this.#untold.all()
  }

  send(): void {
    if (this.#inFlight || this.#killSwitch.dead) return
    this.#lastAt = this.#clock.now()
    this.#inFlight = this.#report().finally(() => {
      this.#inFlight = undefined
    })
  }

  async #report(): Promise<void> {
    try {
      const { untold } = this
      const reported = await this.#object().report(this.#lane.report(this.#resumed()), untold)
      if (!reported.ok) return
      if (reported.kill) return this.#killSwitch.kill()
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
