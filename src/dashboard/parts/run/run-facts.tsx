import type { Child } from 'hono/jsx'
import type { Run } from '../../state/api.ts'
import { inWords } from '../../words/why.ts'
import { count } from '../../words/words.ts'
import { Facts } from '../facts.tsx'
import { Minute, RunLink, When } from '../status.tsx'
import { href } from '../../state/base.ts'

/** The other facts about a run. */
export function RunFacts({ run }: { run: Run }) {
  const facts: [string, Child][] = [
    ['Run', <code class="whole">{run.id}</code>],
    ['Created', <When at={run.createdAt} />],
    ...some(run.startedAt, (at): [string, Child] => ['Started', <When at={at} />]),
    ...some(run.finishedAt, (at): [string, Child] => ['Ended', <When at={at} />]),
    ...some(run.labels, (labels): [string, Child] => [
      'Labels',
      <span class="row">
        {Object.entries(labels).map(([name, value]) => (
          <a
            key={name}
            class="badge plain"
            href={href(`/runs?label=${encodeURIComponent(`${name}:${value}`)}`)}
          >
            {name}:{value}
          </a>
        ))}
      </span>,
    ]),
    ...some(run.parent, (id): [string, Child] => ['Parent', <RunLink id={id} />]),
    ...some(run.schedule, ({ name, tick }): [string, Child] => [
      'Schedule',
      <span>
        <a href={href(`/runs?schedule=${name}`)}>{name}</a>,{' '}
        {tick === null ? (
          'by hand'
        ) : (
          <>
            tick of <Minute at={tick} />
          </>
        )}
      </span>,
    ]),
    ...some(run.redriveOf, (id): [string, Child] => ['Re-drive of', <RunLink id={id} />]),
    ...some(run.forkOf, ({ run: id, seq }): [string, Child] => [
      'Fork of',
      <span>
        <RunLink id={id} /> at commit {seq}
      </span>,
    ]),
    ...(run.retry && run.retry.failed > 0 ? [attemptsOf(run.retry)] : []),
    ...some(run.lease, ({ heardAt }): [string, Child] => ['Last heard', <When at={heardAt} />]),
    ...some(run.lease, ({ endsAt }): [string, Child] => [
      'Lease ends',
      <time dateTime={endsAt} title={endsAt}>
        {inWords(endsAt)}
      </time>,
    ]),
    ['Code', <code>{run.codeVersion || 'not begun'}</code>],
  ]
  return <Facts of={facts} look="pairs" />
}

function some<T, R>(value: T | undefined, show: (value: T) => R): R[] {
  return value === undefined ? [] : [show(value)]
}

function attemptsOf({ failed, limit }: NonNullable<Run['retry']>): [string, Child] {
  return ['Attempts', `${count(failed)}${limit === null ? '' : ` of ${count(limit)}`} failed`]
}
