import { useEffect, useState } from 'hono/jsx/dom'
import type { EngineEvent } from '../engine/events.ts'
import type { Run } from './api.ts'

/** An event with its number in the run's log. */
export interface Told {
  id: string
  event: EngineEvent
}

/** A point of the run's progress as the page saw it. */
export interface Sample {
  at: number
  done: number
}

export interface Live {
  run: Run | undefined
  events: Told[]
  samples: Sample[]
  /** The connection is lost; the browser tries again by itself. */
  lost: boolean
}

const KEPT = 300
const COMEBACK_MS = 3_000
const NOTHING: Live = { run: undefined, events: [], samples: [], lost: false }

/** The names of events are those of the engine; a browser wants each named that it is to hear. */
const TYPES: readonly EngineEvent['type'][] = [
  'run.created',
  'run.commanded',
  'run.changed',
  'run.resumed',
  'run.interrupted',
  'run.errored',
  'run.ended',
  'commit.found',
  'slice.claimed',
  'slice.vanished',
  'slice.started',
  'slice.released',
  'step.started',
  'step.skipped',
  'step.completed',
  'step.interrupted',
  'step.errored',
  'iteration.built',
  'iteration.none',
  'iteration.skipped',
  'iteration.throttled',
  'iteration.nothing_found',
  'iteration.aborted',
  'iteration.completed',
]

/** Watches a run live. Frames that come in one go are shown in one go. */
export function useRun(id: string): Live {
  const [live, setLive] = useState<Live>(NOTHING)
  useEffect(() => {
    setLive(NOTHING)
    let source: EventSource
    let lastId = '0'
    let comeback: ReturnType<typeof setTimeout> | undefined
    let heard: ((last: Live) => Live)[] = []
    const later = (change: (last: Live) => Live) => {
      heard.push(change)
      if (heard.length > 1) return
      setTimeout(() => {
        const changes = heard
        heard = []
        setLive((last) => changes.reduce((state, one) => one(state), last))
      }, 50)
    }
    const open = () => {
      source = new EventSource(`/api/runs/${encodeURIComponent(id)}/events?after=${lastId}`)
      source.addEventListener('open', () => later((last) => ({ ...last, lost: false })))
      source.addEventListener('error', () => {
        later((last) => ({ ...last, lost: true }))
        // After an answer that is no stream (a deploy, a proxy) the browser does not try again.
        if (source.readyState === EventSource.CLOSED) comeback = setTimeout(open, COMEBACK_MS)
      })
      source.addEventListener('run', ({ data }) => {
        const run = JSON.parse(data as string) as Run
        const sample = { at: Date.now(), done: run.progress.done }
        later((last) => ({ ...last, run, samples: [...last.samples, sample].slice(-KEPT) }))
      })
      for (const type of TYPES) {
        source.addEventListener(type, ({ data, lastEventId }) => {
          lastId = lastEventId
          const told = { id: lastEventId, event: JSON.parse(data as string) as EngineEvent }
          later((last) => ({ ...last, events: [...last.events, told].slice(-KEPT) }))
        })
      }
    }
    open()
    return () => {
      clearTimeout(comeback)
      source.close()
    }
  }, [id])
  return live
}
