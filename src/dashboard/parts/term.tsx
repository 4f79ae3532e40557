import { useRef, useState } from 'hono/jsx/dom'
import { GLOSSARY, termFor } from '../../sentences/glossary.ts'
import { useBeginning } from '../state/effect.ts'

interface Explained {
  term: string
  /** Beside what it is shown. */
  by: DOMRect
}

let show: ((explained: Explained) => void) | undefined

/** A name on the page. One that the glossary has says what it means when it is pressed. */
export function Term({ children: name }: { children: string }) {
  const term = termFor(name)
  if (term === undefined) return <>{name}</>
  const explain = (event: Event) =>
    show?.({ term, by: (event.currentTarget as Element).getBoundingClientRect() })
  return (
    <button type="button" class="term" title={GLOSSARY[term] ?? ''} onClick={explain}>
      {name}
    </button>
  )
}

/** The one explanation of the page; it goes with the next click elsewhere, or with Escape. */
export function Explanation() {
  const [explained, setExplained] = useState<Explained | undefined>(undefined)
  const popover = useRef<HTMLDivElement>(null)
  // An object of its own each time, so that the same term shows again.
  show = (next) => setExplained({ ...next })
  useBeginning(() => {
    const element = popover.current
    if (!explained || !element) return
    element.showPopover()
    const { by } = explained
    const [width, height] = [element.offsetWidth, element.offsetHeight]
    const left = Math.max(GAP, Math.min(by.left, innerWidth - width - GAP))
    const below = by.bottom + GAP
    element.style.left = `${left}px`
    element.style.top = `${below + height < innerHeight ? below : by.top - height - GAP}px`
  }, [explained])
  return (
    <div ref={popover} popover="auto" class="explanation" role="note" aria-live="polite">
      <strong>{explained?.term}</strong>: {explained ? GLOSSARY[explained.term] : ''}
    </div>
  )
}

const GAP = 6
