import { useState } from 'hono/jsx/dom'
import { LOG_LEVELS, type LogLevel } from '../../../engine/log-level.ts'
import { client, type LogLine, type LogPage, type Run } from '../../state/api.ts'
import type { Live } from '../../state/live.ts'
import { usePaged } from '../../state/paged.ts'
import { useQuery } from '../../state/query.ts'
import { useZone } from '../../state/zone.ts'
import { clock } from '../../words/times.ts'
import { count } from '../../words/words.ts'
import { Chips } from '../chips.tsx'
import { LoadMore } from '../load-more.tsx'
import { LongText } from '../long-text.tsx'
import { Empty } from '../notice.tsx'
import { ZoneLabel } from '../zone.tsx'

/** The lines that the job has written by `run.log`, live, the newest first. A job that writes none has no such part. */
export function RunLog({ run, live }: { run: Run; live: Live }) {
  const [level, setLevel] = useState<LogLevel>('info')
  const [text, setText] = useState('')
  const [until, setUntil] = useState<number | undefined>(undefined)
  if ((live.log?.total ?? 0) + live.lines.length === 0) return null
  const newest = (live.lines.at(-1) ?? live.log?.lines[0])?.id ?? 0
  return (
    <section class="sheet flush" aria-labelledby="log">
      <div class="head">
        <h2 id="log">
          Log <ZoneLabel />
        </h2>
        <div class="row">
          <input
            type="search"
            class="small"
            aria-label="Only lines with this text"
            placeholder="Filter"
            value={text}
            onInput={(event: Event) => setText((event.target as HTMLInputElement).value)}
          />
          <Chips of={LOG_LEVELS} chosen={level} choose={setLevel} label="Least level" />
          <button
            type="button"
            class="small"
            aria-pressed={`${until !== undefined}`}
            onClick={() => setUntil(until === undefined ? newest : undefined)}
          >
            {until === undefined ? 'Pause' : `Go on (${count(newest - until)} new)`}
          </button>
        </div>
      </div>
      <Lines
        key={`${run.id} ${level}`}
        run={run}
        live={live}
        level={level}
        text={text}
        until={until}
      />
    </section>
  )
}

function Lines({
  run: { id },
  live,
  level,
  text,
  until = Infinity,
}: {
  run: Run
  live: Live
  level: LogLevel
  text: string
  until: number | undefined
}) {
  const page = async (cursor?: string) =>
    client.logs(id, { level, ...(cursor !== undefined && { cursor }) })
  const asked = useQuery(level === 'info' ? undefined : `logs ${id} ${level}`, () => page())
  const past = level === 'info' ? live.log : asked.data
  const paged = usePaged(past && pageOf(past), async (cursor) => pageOf(await page(cursor)))
  const known = past?.lines[0]?.id ?? 0
  const since = live.lines.filter((line) => line.id > known && isAtLeast(line, level))
  const all = [...since.toReversed(), ...paged.items]
  const shown = all.filter((line) => line.id <= until && contains(line, text))
  const total = (past?.total ?? 0) + since.length
  return (
    <>
      {shown.length === 0 ? (
        <Empty>
          {text === '' ? `No lines of level ${level}.` : 'No line that is loaded has it.'}
        </Empty>
      ) : (
        <LineList lines={shown} />
      )}
      {level === 'info' || paged.more ? (
        <LoadMore of={paged} shown={all.length} total={total} what="lines" />
      ) : null}
      <NotKept of={past?.leftOut ?? null} />
      <p class="small quiet hint">
        Workers Logs has each line, too: search them for <code class="whole">{id}</code>
      </p>
    </>
  )
}

function LineList({ lines }: { lines: readonly LogLine[] }) {
  const zone = useZone()
  return (
    <ol class="events log" tabIndex={0} aria-label="Lines, the newest first">
      {lines.map(({ id, at, level, message, fields, fence }) => (
        <li key={id} class={`tone-${TONES[level]}`}>
          <time class="mono quiet" dateTime={at}>
            {clock(at, zone)}
          </time>
          <span class="dot" title={level} />
          <span class="words">
            {level === 'info' ? null : <span class="unseen">{level}: </span>}
            <LongText text={message} />{' '}
            {fields === undefined ? null : (
              <code class="quiet long-text">{JSON.stringify(fields)}</code>
            )}
          </span>
          <span class="quiet fence">fence {fence}</span>
        </li>
      ))}
    </ol>
  )
}

function NotKept({ of }: { of: LogPage['leftOut'] }) {
  const zone = useZone()
  if (of === null) return null
  return (
    <p class="small quiet hint">
      {count(of.count)} older lines are not kept: {clock(of.from, zone)} to {clock(of.to, zone)}
    </p>
  )
}

const TONES: Record<LogLevel, string> = { info: 'queued', warn: 'interrupted', error: 'failed' }

function pageOf({ lines, nextCursor }: LogPage) {
  return { items: lines, nextCursor }
}

function isAtLeast({ level }: LogLine, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least)
}

function contains({ message, fields }: LogLine, text: string): boolean {
  const all = fields === undefined ? message : `${message} ${JSON.stringify(fields)}`
  return all.toLowerCase().includes(text.trim().toLowerCase())
}
