import { count } from '../../words/words.ts'

const WIDTH = 4
const GAP = 1
const HEIGHT = 18

/** Occurrences as bars, the oldest at the left. `each`: how long a bar is. */
export function Trend({ counts, each }: { counts: readonly number[]; each: string }) {
  const most = Math.max(...counts, 1)
  const total = counts.reduce((sum, one) => sum + one, 0)
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${counts.length * (WIDTH + GAP)} ${HEIGHT}`}
      width={counts.length * (WIDTH + GAP)}
      height={HEIGHT}
      role="img"
      aria-label={`${count(total)} in ${counts.length} ${each}s, at most ${count(Math.max(...counts, 0))} in one`}
    >
      {counts.map((one, index) => {
        const height = one === 0 ? 1 : Math.max(2, Math.round((one / most) * HEIGHT))
        return (
          <rect
            key={index}
            x={index * (WIDTH + GAP)}
            y={HEIGHT - height}
            width={WIDTH}
            height={height}
            class={one === 0 ? 'none' : ''}
          />
        )
      })}
    </svg>
  )
}
