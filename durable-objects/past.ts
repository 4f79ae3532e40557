import type { EventsPage, LinesPage, Stretches } from '../src/engine/drive/protocol.ts'
import type { Report } from '../src/engine/drive/run-record.ts'
import type { EngineEvent, LoggedEvent } from '../src/engine/events.ts'
import { shortEvent } from '../src/engine/short-event.ts'
import { EventLog } from './event-log.ts'
import { LineLog } from './line-log.ts'
import { SliceLog } from './slice-log.ts'
import { StretchLog } from './stretches.ts'

/** Of an object without a run. */
export const NOTHING: { events: EventsPage; lines: LinesPage; stretches: Stretches } = {
  events: { events: [], next: null, total: 0, leftOut: [] },
  lines: { lines: [], next: null, total: 0, leftOut: null },
  stretches: { widthMs: 0, stretches: [] },
}

/** What a run remembers: its events, its slices, its whole course in stretches, its job's lines. All of it bounded. */
export class Past {
  readonly events: EventLog
  readonly slices: SliceLog
  readonly stretches: StretchLog
  readonly lines: LineLog

  constructor(sql: SqlStorage) {
    this.events = new EventLog(sql)
    this.slices = new SliceLog(sql)
    this.stretches = new StretchLog(sql)
    this.lines = new LineLog(sql)
  }

  /** Slices and stretches follow from events. */
  append(told: readonly EngineEvent[]): LoggedEvent[] {
    // Older code tells them at full length.
    const events = told.map(shortEvent)
    for (const event of events) {
      this.slices.take(event)
      this.stretches.take(event)
    }
    return this.events.append(events)
  }

  progress(at: number, fence: number, report: Report): void {
    this.slices.progress(fence, report)
    this.stretches.progress(at, report)
  }

  /** The storage may have been rolled back. */
  forget(): void {
    this.events.forget()
    this.stretches.forget()
    this.lines.forget()
  }
}
