import type { Comparison, StyleFigures } from './comparison.ts'
import { countText, inert, type Paint, plain, table } from 'dogear/cli'
import { type Spread, spreadText } from './spread.ts'

/** A comparison as a table: a row per figure, a column per style; median [min max] of the rounds. */
export function comparisonText(given: Comparison, paint: Paint = plain): string {
  const { orders, rounds, styles } = inert(given)
  const row = (name: string, cell: (style: StyleFigures) => string) => [name, ...styles.map(cell)]
  const rows = [
    row('', ({ job }) => job),
    row('Time (ms)', ({ timeMs }) => spreadText(timeMs)),
    row('Orders/s', ({ ordersPerSecond }) => spreadText(ordersPerSecond)),
    row('Commits', ({ commits }) => spreadText(commits)),
    row('Checkpoint overhead', ({ overhead }) => shareText(overhead.share)),
    row('  with a commit per order', ({ overhead }) => shareText(overhead.shareEachOrder)),
    row('  one commit (ms)', ({ overhead }) =>
      overhead.perCommitMs === undefined
        ? 'unknown'
        : spreadText(overhead.perCommitMs, (ms) => ms.toFixed(2)),
    ),
    row('D1 statements', ({ d1Statements }) => spreadText(d1Statements)),
    row('D1 rows written', ({ d1RowsWritten }) => spreadText(d1RowsWritten)),
    row('Checkpoint (bytes)', ({ checkpointBytes }) => `${checkpointBytes}`),
    row("Lines of author's code", ({ authorLines }) => `${authorLines}`),
    row('Verified', ({ verification: { ok, runs, failed } }) =>
      ok ? paint('green', `all ${runs} runs`) : paint('red', `${failed.length} checks failed`),
    ),
  ]
  const failures = styles.flatMap(({ verification }) => verification.failed)
  return [
    `${orders} orders in both styles, ${countText(rounds, 'round')} by turns: median [min max]`,
    '',
    table(rows),
    ...failures.map((failure) => `❌ ${paint('red', failure)}`),
  ].join('\n')
}

function shareText(share: Spread | undefined): string {
  return share === undefined
    ? 'unknown'
    : spreadText(share, (part) => `${(part * 100).toFixed(1)} %`)
}
