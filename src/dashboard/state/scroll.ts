/** How far a view was scrolled is kept with its place in the history, and comes back with it. */

const GIVE_UP_MS = 3_000

interface Kept {
  scrollY: number
  scrollHeight: number
}

/** Before another place is gone to. */
export function keepScroll(): void {
  const state = history.state as object | null
  const { scrollHeight } = document.documentElement
  history.replaceState({ ...state, scrollY, scrollHeight }, '')
}

/**
 * After somebody has gone back: as soon as there is enough to see, and once more when there is as much as there was,
 * since what comes in above moves it. Unless they scroll themselves.
 */
export function scrollBack(state: unknown): void {
  const { scrollY: to = 0, scrollHeight: whole = 0 } = (state ?? {}) as Partial<Kept>
  if (to === 0) return
  const until = performance.now() + GIVE_UP_MS
  const own = new AbortController()
  for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown', 'popstate'] as const) {
    addEventListener(kind, () => own.abort(), { signal: own.signal, passive: true })
  }
  let near = false
  const look = () => {
    if (own.signal.aborted) return
    const { scrollHeight } = document.documentElement
    const there = scrollHeight >= whole
    const late = performance.now() > until
    if (there || (!near && (late || scrollHeight >= to + innerHeight))) {
      near = true
      scrollTo(0, to)
    }
    if (there || late) own.abort()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
