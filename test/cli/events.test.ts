import { describe, expect, it } from 'vitest'
import { dayText, eventText } from '../../src/cli/text/event-text.ts'
import { plainLook } from '../../src/cli/text/look.ts'
import type { EngineEvent } from '../../src/client/index.ts'
import { eventWords } from '../../src/sentences/event-words.ts'

const known = { run: 'r', job: 'a-job', at: '2026-02-02T10:23:45.678Z', fence: 3 }
const errored = {
  ...known,
  type: 'run.errored',
  description: 'in step load',
  error: {
    name: 'Error',
    message: `UNIQUE constraint failed\n${'x'.repeat(5_000)}`,
    stack: 'at f',
  },
  willRetry: true,
} as unknown as EngineEvent

describe('An event on the command line', () => {
  it('is the sentence of the page, with its number and its time', () => {
    const event = { ...known, type: 'slice.started', queueLagMs: 12 } as unknown as EngineEvent
    expect(eventText(7, event)).toBe(`   7  10:23:45.678  ${eventWords(event)}`)
    expect(eventText(7, event)).toContain('Slice began after 12 ms in the queue')
    expect(dayText(event)).toBe('2026-02-02 UTC')
  })

  it('stays on one line, and is whole in a wide one', () => {
    const line = eventText(1_234, errored)
    expect(line).toMatch(
      /^1234 {2}10:23:45\.678 {2}Error in step load: UNIQUE constraint failed\\nx+…$/,
    )
    expect(line.length).toBe(80)
    const wide = eventText(1_234, errored, { ...plainLook, columns: Infinity })
    expect(wide).toMatch(/x{5000}; will be tried again$/)
  })

  it('has a colour when it is worth a look', () => {
    const paint = (colour: string, text: string) => `<${colour}>${text}`
    expect(eventText(1, errored, { ...plainLook, paint })).toContain('<red>Error in step load')
  })

  it.each(['commit.new', 'run.new', 'other.new'])(
    'of a newer Worker is shown by name: %s',
    (type) => {
      expect(eventText(1, { ...known, type } as never)).toMatch(new RegExp(`  ${type}$`))
    },
  )
})
