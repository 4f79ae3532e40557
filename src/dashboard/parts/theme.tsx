import { theme } from '../state/theme.ts'
import { Choices } from './choices.tsx'

/** Chooses the colours of the page. */
export function ThemeSwitch() {
  return (
    <Choices
      of={theme}
      name="Colours"
      explained={(one) =>
        one === 'system' ? 'Colours as the system has them' : `Always ${one} colours`
      }
    />
  )
}
