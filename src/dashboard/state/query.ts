import { useCallback, useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'
import { Problem } from './api.ts'
import { tellConnection } from './connection.ts'

/** Something that is being asked for: what was answered last, and what is wrong now. */
export interface Query<T> {
  data: T | undefined
  /** Of the last try; what is shown meanwhile is the last answer. */
  problem: Problem | undefined
  again: () => void
}

/** An error, as a problem to show. */
export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('page', 0, String(error))
}

/**
 * Asks at once, whenever `key` changes, and every `everyMs` while the page is visible. An answer to an
 * older question is dropped; with no key nothing is asked.
 */
export function useQuery<T>(
  key: string | undefined,
  ask: () => Promise<T>,
  everyMs?: number,
): Query<T> {
  const [state, setState] = useState<{ key: string | undefined; data?: T; problem?: Problem }>({
    key,
  })
  const asked = useRef(0)
  const question = useRef(ask)
  question.current = ask

  const again = useCallback(async () => {
    if (key === undefined) return
    const mine = (asked.current ?? 0) + 1
    asked.current = mine
    const askedAt = performance.now()
    try {
      const data = await question.current?.()
      tellConnection(false, askedAt)
      if (asked.current === mine) setState({ key, data: data as T })
    } catch (error) {
      const problem = problemOf(error)
      tellConnection(problem.code === 'unreachable', askedAt)
      if (asked.current === mine)
        setState((last) => (last.key === key ? { ...last, problem } : { key, problem }))
    }
  }, [key])

  useBeginning(() => {
    void again()
    if (everyMs === undefined) return undefined
    const timer = setInterval(() => {
      if (!document.hidden) void again()
    }, everyMs)
    return () => {
      clearInterval(timer)
      // What is still on its way is for a question that is asked no more.
      asked.current = (asked.current ?? 0) + 1
    }
  }, [key, everyMs])

  // What was answered to another question is not shown.
  const data = state.key === key ? state.data : undefined
  return { data, problem: state.key === key ? state.problem : undefined, again: () => void again() }
}
