import { useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'

/** The place of the page: the parts of its path, and its query. */
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
    parts: location.pathname.split('/').filter(Boolean).map(decoded),
    query: new URLSearchParams(location.search),
  }
}

/** Goes to another view, as a link would. `replace` leaves no trace in the history. */
export function go(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  dispatchEvent(new PopStateEvent('popstate'))
}

export function useRoute(): Route {
  const [route, setRoute] = useState(current)
  useBeginning(() => {
    const follow = () => setRoute(current())
    const click = (event: MouseEvent) => {
      const link = (event.target as Element).closest('a')
      const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0)
      if (!link || !plain || link.target || link.origin !== location.origin) return
      if (link.hasAttribute('data-server')) return
      event.preventDefault()
      go(link.pathname + link.search)
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
