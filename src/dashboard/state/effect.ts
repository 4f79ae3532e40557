import { useLayoutEffect } from 'hono/jsx/dom'

/**
 * Begins what a part does beside showing (it asks, listens, waits), with the render itself: `useEffect` of
 * hono/jsx waits for the next frame, and begins twice when the part is rendered again until then, and
 * even when it has gone, so that nobody ends what was begun. The part may not be in the document yet.
 */
export const useBeginning = useLayoutEffect
