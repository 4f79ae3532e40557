import { useEffect, useState } from 'hono/jsx/dom'
import type { EngineEvent, RunNews } from '../client/index.ts'
import { client, type Run } from './api.ts'

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
  /** The connection is lost; the client tries again by itself. */
  lost: boolean
}

const KEPT = 300
const TOGETHER_MS = 50
const NOTHING: Live = { run: undefined, events: [], samples: [], lost: false }

/** Watches a run live. News that come in one go are shown in one go. */
export function useRun(id: string): Live {
  const [live, setLive] = useState<Live>(NOTHING)
  useEffect(() => {
    setLive(NOTHING)
    const gone = new AbortController()
    let heard: RunNews[] = []
    const show = () => {
      const news = heard
      heard = []
      setLive((last) => news.reduce(withNews, last))
    }
    const listen = async () => {
      for await (const news of client.events(id, { signal: gone.signal })) {
        heard.push(news)
        if (heard.length === 1) setTimeout(show, TOGETHER_MS)
      }
    }
    // What cannot be watched at all, the view's own questions tell.
    listen().catch(() => setLive((last) => ({ ...last, lost: !gone.signal.aborted })))
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
    case 'run': {
      const sample = { at: Date.now(), done: news.run.progress.done }
      return { ...live, run: news.run, samples: [...live.samples, sample].slice(-KEPT) }
    }
    case 'lost':
      return { ...live, lost: true }
    case 'regained':
      return { ...live, lost: false }
  }
}
