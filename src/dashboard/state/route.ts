import { useState } from 'hono/jsx/dom'
import { href, within } from './base.ts'
import { useBeginning } from './effect.ts'
import { keepScroll, scrollBack } from './scroll.ts'

/** The place within the page: the parts of its path, and its query. */
export interface Route {
  parts: string[]
  query: URLSearchParams
}

/** A part that is no valid encoding is taken as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function current(): Route {
  return {
    parts: (within(location.pathname) ?? '').split('/').filter(Boolean).map(decoded),
    query: new URLSearchParams(location.search),
  }
}

/** Goes to another view, as a link would: `go('/runs')`, wherever the page is mounted. `replace` leaves no trace in the history. */
export function go(path: string, { replace = false } = {}): void {
  if (!replace) keepScroll()
  history[replace ? 'replaceState' : 'pushState'](null, '', href(path))
  dispatchEvent(new PopStateEvent('popstate'))
}

export function useRoute(): Route {
  const [route, setRoute] = useState(current)
  useBeginning(() => {
    const follow = (event: PopStateEvent) => {
      setRoute(current())
      scrollBack(event.state)
    }
    const click = (event: MouseEvent) => {
      const link = (event.target as Element).closest('a')
      const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0)
      if (!link || !plain || link.target || link.origin !== location.origin) return
      if (link.hasAttribute('data-server')) return
      const path = within(link.pathname)
      // Out of the page: the browser's own affair.
      if (path === undefined) return
      event.preventDefault()
      go(path + link.search)
      scrollTo(0, 0)
    }
    addEventListener('popstate', follow)
    document.addEventListener('click', click)
    return () => {
      removeEventListener('popstate', follow)
      document.removeEventListener('click', click)
    }
  }, [])
  return route
}
