import { useRef, useState } from 'hono/jsx/dom'
import { useAction } from './action.ts'
import type { Problem } from './api.ts'

interface Page<T> {
  items: readonly T[]
  nextCursor: string | null
}

/** A list that is read page by page, as somebody asks for more of it. */
export interface Paged<T> {
  items: readonly T[]
  /** Undefined when all is there. */
  more: (() => void) | undefined
  busy: boolean
  problem: Problem | undefined
}

/** `first` may be read again meanwhile: what was read after it stays. */
export function usePaged<T>(
  first: Page<T> | undefined,
  ask: (cursor: string) => Promise<Page<T>>,
): Paged<T> {
  const [later, setLater] = useState<readonly Page<T>[]>([])
  const { act, busy, problem } = useAction()
  // The first page ends where it ended when somebody asked for the next one.
  const held = useRef<Page<T> | undefined>(undefined)
  const begin = later.length === 0 ? first : (held.current ?? first)
  const next = (later.at(-1) ?? begin)?.nextCursor ?? null
  const more = (cursor: string) =>
    act(async () => {
      const page = await ask(cursor)
      if (later.length === 0) held.current = first
      setLater([...later, page])
    })
  return {
    items: [begin, ...later].flatMap((page) => page?.items ?? []),
    more: next === null ? undefined : () => more(next),
    busy,
    problem,
  }
}
