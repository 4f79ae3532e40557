import { Choice } from './choice.ts'

export type Theme = 'system' | 'light' | 'dark'

/** The colours of the page: those of the system, or always the same. */
export const theme = new Choice<Theme>('dogear-theme', ['system', 'light', 'dark'])

/** The style sheet has each colour twice; this says which of the two. */
function apply(chosen: Theme): void {
  document.documentElement.dataset['theme'] = chosen
}

/** From now on the page has the chosen colours. */
export function followTheme(): void {
  apply(theme.chosen)
  theme.listen(apply)
}

/** Calls `draw` when colours change: what is drawn on a canvas keeps those it was drawn with. */
export function onNewColours(draw: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', draw)
  const forget = theme.listen(draw)
  return () => {
    system.removeEventListener('change', draw)
    forget()
  }
}
