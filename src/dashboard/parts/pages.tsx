/** One turns a page at a time, where there is one. `place`: which of them are shown. */
export function Pages({
  back,
  further,
  first,
  place = '',
}: {
  back: (() => void) | undefined
  further: (() => void) | undefined
  first?: (() => void) | undefined
  place?: string
}) {
  if (!back && !further && place === '') return null
  return (
    <nav class="pages row" aria-label="Pages">
      {first ? <Turn words="« First" turn={first} /> : null}
      {back || further ? <Turn words="‹ Back" turn={back} /> : null}
      {back || further ? <Turn words="Further ›" turn={further} /> : null}
      {place === '' ? null : <span class="small quiet figure">{place}</span>}
    </nav>
  )
}

function Turn({ words, turn }: { words: string; turn: (() => void) | undefined }) {
  return (
    <button type="button" class="small" disabled={!turn} onClick={() => turn?.()}>
      {words}
    </button>
  )
}
