/** One of several, by buttons side by side. */
export function Chips<T extends string>({
  of,
  chosen,
  choose,
  label,
}: {
  of: readonly T[]
  chosen: T
  choose: (one: T) => void
  label: string
}) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {of.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={`${one === chosen}`}
          onClick={() => choose(one)}
        >
          {one}
        </button>
      ))}
    </div>
  )
}
