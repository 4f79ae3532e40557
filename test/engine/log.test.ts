import { afterEach, describe, expect, it, vi } from 'vitest'
import { log } from '../../src/engine/log.ts'

afterEach(() => vi.restoreAllMocks())

/** What `write` writes, once, by that method of the console. */
function written(method: 'warn' | 'error', write: () => void): string {
  const said = vi.spyOn(console, method).mockImplementation(() => undefined)
  write()
  expect(said).toHaveBeenCalledOnce()
  return String(said.mock.calls[0]?.[0])
}

describe('the log', () => {
  it('is a line of JSON by which events are found, the error last', () => {
    const line = written('warn', () =>
      log.warn('slice.stood_back', { run: 'r1', error: new TypeError('gone'), fence: 3 }),
    )
    expect(line).toBe('{"event":"slice.stood_back","run":"r1","fence":3,"error":"TypeError: gone"}')
  })

  it('takes whatever was thrown, and shows no secret of it', () => {
    const redact = <T>(text: T): T => String(text).replace('s3cret', '***') as T
    const hostile = { toString: () => ({}) as string }
    expect(written('error', () => log.error('e', { error: 'the s3cret' }, redact))).toBe(
      '{"event":"e","error":"the ***"}',
    )
    expect(written('warn', () => log.warn('e', { error: hostile }))).toBe(
      '{"event":"e","error":"an object"}',
    )
  })

  it('does nothing to a terminal', () => {
    const line = written('error', () => log.error('e', { queue: '\u009b31m\u202e', error: '\n' }))
    expect(line).toBe(String.raw`{"event":"e","queue":"\u009b31m\u202e","error":"\n"}`)
  })
})
