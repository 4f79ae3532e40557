import { useState } from 'hono/jsx/dom'
import { client, type JobInfo, type Run } from '../state/api.ts'
import { useBeginning } from '../state/effect.ts'
import { go } from '../state/route.ts'
import { useMay } from '../state/session.tsx'
import { theme } from '../state/theme.ts'
import { zone } from '../state/zone.ts'
import { ago, stateWords } from '../words/words.ts'
import type { Entry } from './entries.ts'
import type { Reachable } from './letters.ts'

/** Whoever types has not finished yet. */
const TYPING_MS = 200
/** The shortest text that runs are searched for. */
const LEAST = 3
const RUNS = 6

/** All that can be done from here while the palette is open, but for runs. */
export function usePageEntries(isOpen: boolean, views: readonly Reachable[]): readonly Entry[] {
  const may = useMay()
  const [jobs, setJobs] = useState<readonly JobInfo[]>([])
  useBeginning(() => {
    // Without them the rest can be done all the same.
    if (isOpen)
      void client.jobs().then(
        (known) => setJobs(known.jobs),
        () => undefined,
      )
  }, [isOpen])
  if (!isOpen) return []
  return [
    ...buttonsOfPage(),
    ...views.map(({ path, words }) => ({ words, hint: 'view', do: () => go(`/${path}`) })),
    ...jobs.flatMap(({ name }) => [
      ...(may('operator')
        ? [{ words: `Start ${name}`, hint: 'job', do: () => go(`/start/${name}`) }]
        : []),
      { words: `Runs of ${name}`, hint: 'job', do: () => go(`/runs?job=${name}`) },
    ]),
    ...theme.among.map((one) => ({
      words: `Colours: ${one}`,
      hint: 'page',
      do: () => theme.choose(one),
    })),
    ...zone.among.map((one) => ({
      words: `Times: ${one}`,
      hint: 'page',
      do: () => zone.choose(one),
    })),
  ]
}

/** What the view's own buttons do, by their own words and with their own questions. */
function buttonsOfPage(): Entry[] {
  const groups = [...document.querySelectorAll('main [data-commands]')]
  return groups.flatMap((group) =>
    [...group.querySelectorAll<HTMLButtonElement>('button:enabled')].map((button) => ({
      words: button.innerText,
      hint: group.getAttribute('aria-label') ?? 'here',
      do: () => button.click(),
    })),
  )
}

/** The runs that fit what is typed. */
export function useFoundRuns(typed: string): readonly Entry[] {
  const text = typed.trim()
  const [found, setFound] = useState<{ text: string; runs: readonly Run[] }>({ text: '', runs: [] })
  useBeginning(() => {
    if (text.length < LEAST) return undefined
    let isWanted = true
    const timer = setTimeout(() => {
      const show = (runs: readonly Run[]) => isWanted && setFound({ text, runs })
      void client.runs({ q: text, limit: RUNS }).then(
        (page) => show(page.runs),
        () => show([]),
      )
    }, TYPING_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [text])
  if (found.text !== text) return []
  return found.runs.map((run) => ({
    words: `${run.job} ${run.id.slice(0, 8)}`,
    hint: `run, ${stateWords(run)}, ${ago(run.createdAt)}`,
    do: () => go(`/runs/${run.id}`),
  }))
}
