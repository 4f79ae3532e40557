/** How far a view was scrolled is kept with its place in the history, and comes back with it. */

const GIVE_UP_MS = 3_000

/** Before another place is gone to. */
export function keepScroll(): void {
  const state = history.state as object | null
  history.replaceState({ ...state, scrollY }, '')
}

/** After somebody has gone back: as soon as there is as much to see as there was, unless they scroll themselves. */
export function scrollBack(state: unknown): void {
  const to = (state as { scrollY?: number } | null)?.scrollY
  if (to === undefined || to === 0) return
  const until = performance.now() + GIVE_UP_MS
  const own = new AbortController()
  for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown', 'popstate'] as const) {
    addEventListener(kind, () => own.abort(), { signal: own.signal, passive: true })
  }
  const look = () => {
    if (own.signal.aborted) return
    const tall = document.documentElement.scrollHeight >= to + innerHeight
    if (tall || performance.now() > until) {
      own.abort()
      scrollTo(0, to)
    } else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
