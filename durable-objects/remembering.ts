import { DurableObject } from 'cloudflare:workers'
import type {
  EventsPage,
  EventsQuery,
  LinesPage,
  LinesQuery,
  SlicesQuery,
  SliceView,
  Stretches,
} from '../src/engine/drive/protocol.ts'
import { NOTHING, type Past } from './past.ts'

/** An object that tells what its run remembers. */
export abstract class Remembering extends DurableObject {
  /** Null while there is no run. */
  protected abstract get past(): Past | null

  async slices(query?: SlicesQuery): Promise<SliceView[]> {
    return this.past?.slices.page(query) ?? []
  }

  async history(query: EventsQuery): Promise<EventsPage> {
    return this.past?.events.page(query) ?? NOTHING.events
  }

  async logs(query: LinesQuery): Promise<LinesPage> {
    return this.past?.lines.page(query) ?? NOTHING.lines
  }

  async stretches(after?: number): Promise<Stretches> {
    return this.past?.stretches.since(after) ?? NOTHING.stretches
  }
}
