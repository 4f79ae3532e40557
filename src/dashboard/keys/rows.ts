const ROWS = 'main tbody tr, main li'

/** The first link of each row of the lists on the page: what `j` and `k` go along. */
function linksOfRows(): HTMLAnchorElement[] {
  return [...document.querySelectorAll(ROWS)].flatMap((row) => {
    const link = row.querySelector<HTMLAnchorElement>('a[href]')
    // A row within a row has the same link; one that is hidden has none to go to.
    return link && link.closest(ROWS) === row && link.checkVisibility() ? [link] : []
  })
}

/** Puts the focus on the next row, or the one before it: from where it is, or from the top. */
export function moveAlongRows(by: 1 | -1): void {
  const links = linksOfRows()
  const row = document.activeElement?.closest(ROWS)
  const here = links.findIndex((link) => link.closest(ROWS) === row)
  const to = here < 0 ? (by === 1 ? 0 : -1) : Math.max(0, here + by)
  const link = links.at(to)
  link?.focus()
  link?.closest(ROWS)?.scrollIntoView({ block: 'nearest' })
}

/** Ticks the row that has the focus, or takes the tick away, where rows can be ticked. */
export function tickRow(): void {
  document.activeElement
    ?.closest(ROWS)
    ?.querySelector<HTMLInputElement>('input[type=checkbox]')
    ?.click()
}
