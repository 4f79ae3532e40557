import type { Choice } from '../state/choice.ts'

/** A choice for the whole page, as a row of buttons. */
export function Choices<T extends string>({
  of,
  name,
  words = (one) => one,
  explained,
}: {
  of: Choice<T>
  name: string
  words?: (one: T) => string
  /** What choosing it does, in a sentence. */
  explained: (one: T) => string
}) {
  const chosen = of.use()
  return (
    <div class="chips small-chips" role="group" aria-label={name}>
      {of.among.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={`${one === chosen}`}
          title={explained(one)}
          onClick={() => of.choose(one)}
        >
          {words(one)}
        </button>
      ))}
    </div>
  )
}
