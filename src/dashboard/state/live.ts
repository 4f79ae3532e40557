import { useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'
import type { EngineEvent, RunNews } from '../../client/index.ts'
import { client, type HistoryPage, type LogLine, type LogPage, type Run } from './api.ts'
import { tellConnection } from './connection.ts'
import type { Sample } from '../figures/rate-series.ts'

/** An event with its number in the run's log. */
export interface Told {
  id: string
  event: EngineEvent
}

export interface Live {
  run: Run | undefined
  /** What had happened when the page began to listen: the newest of it. */
  past: HistoryPage | undefined
  /** What has happened since. */
  events: Told[]
  /** The same of the job's own lines. */
  log: LogPage | undefined
  lines: LogLine[]
  samples: Sample[]
}

const KEPT = 500
const TOGETHER_MS = 50
const NOTHING: Live = {
  run: undefined,
  past: undefined,
  events: [],
  log: undefined,
  lines: [],
  samples: [],
}

/** Watches a run live. News that come in one go are shown in one go. */
export function useRun(id: string): Live {
  const [live, setLive] = useState<Live>(NOTHING)
  useBeginning(() => {
    setLive(NOTHING)
    const gone = new AbortController()
    let heard: RunNews[] = []
    const show = () => {
      const news = heard
      heard = []
      setLive((last) => news.reduce(withNews, last))
    }
    const { signal } = gone
    const listen = async () => {
      // An object of older code does not tell its past by pages; it is heard from the beginning then.
      const [past, log] = await Promise.all([
        client.history(id, {}, { signal }).catch(() => undefined),
        client.logs(id, {}, { signal }).catch(() => undefined),
      ])
      setLive((last) => ({ ...last, past, log }))
      const known = { after: past?.events[0]?.id ?? 0, logs: log?.lines[0]?.id ?? 0 }
      for await (const news of client.events(id, { ...known, signal })) {
        if (news.kind === 'lost' || news.kind === 'regained') tellConnection(news.kind === 'lost')
        heard.push(news)
        if (heard.length === 1) setTimeout(show, TOGETHER_MS)
      }
    }
    // What cannot be watched at all, the view's own questions tell.
    listen().catch(() => undefined)
    return () => gone.abort()
  }, [id])
  return live
}

function withNews(live: Live, news: RunNews): Live {
  switch (news.kind) {
    case 'event': {
      const told = { id: `${news.id}`, event: news.event }
      return { ...live, events: [...live.events, told].slice(-KEPT) }
    }
    case 'line':
      return { ...live, lines: [...live.lines, news.line].slice(-KEPT) }
    case 'run': {
      const sample = { at: Date.now(), done: news.run.progress.done }
      return { ...live, run: news.run, samples: [...live.samples, sample].slice(-KEPT) }
    }
    case 'lost':
    case 'regained':
      return live
  }
}
