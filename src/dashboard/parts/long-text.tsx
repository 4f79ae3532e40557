import { useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from '../state/effect.ts'
import { Copy } from './copy.tsx'

/** Somebody else's text, of any length: three lines of it, and the rest when asked for. Its own lines are kept. */
export function LongText({ text }: { text: string }) {
  const place = useRef<HTMLSpanElement>(null)
  const [open, setOpen] = useState(false)
  const clipped = useClipped(place)
  return (
    <span class="long">
      <span ref={place} class={open ? 'long-text open' : 'long-text'}>
        {text}
      </span>
      {clipped || open ? (
        <span class="row small">
          <button
            type="button"
            class="link"
            aria-expanded={`${open}`}
            onClick={() => setOpen(!open)}
          >
            {open ? 'less' : 'more'}
          </button>
          <Copy text={text} />
        </span>
      ) : null}
    </span>
  )
}

/** Whether an element shows less than it holds, at whatever width. */
function useClipped(place: { current: HTMLElement | null }): boolean {
  const [clipped, setClipped] = useState(false)
  useBeginning(() => {
    const element = place.current
    if (!element) return undefined
    const look = () => setClipped(element.scrollHeight > element.clientHeight + 1)
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return clipped
}
