const WHERE_ONE_TYPES =
  'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]'

/** True for keys that are somebody else's: a field's, a dialog's, the browser's. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as Element | null
  return (
    event.defaultPrevented ||
    event.isComposing ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    (target?.matches?.(WHERE_ONE_TYPES) ?? false) ||
    document.querySelector('dialog[open]') !== null
  )
}
