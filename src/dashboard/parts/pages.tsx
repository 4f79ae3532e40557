/** One turns a page at a time, where there is one. */
export function Pages({
  back,
  further,
}: {
  back: (() => void) | undefined
  further: (() => void) | undefined
}) {
  if (!back && !further) return null
  return (
    <nav class="pages row" aria-label="Pages">
      <button type="button" class="small" disabled={!back} onClick={() => back?.()}>
        ‹ Back
      </button>
      <button type="button" class="small" disabled={!further} onClick={() => further?.()}>
        Further ›
      </button>
    </nav>
  )
}
