import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamMessages, type StreamMessage } from '../../src/client/event-stream.ts'

/** The messages of a stream that comes in these pieces. */
async function messagesOf(...pieces: readonly Uint8Array[]): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = []
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  for await (const message of streamMessages(stream)) messages.push(message)
  return messages
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a text/event-stream', () => {
  it('is read as the standard has it', async () => {
    const text =
      ': a comment\n\n' +
      'event: run\nid: 7\ndata: {"a":1}\n\n' +
      'data:first\ndata: second\nunknown: x\ndata\n\n' +
      'event: nothing to tell\n\n' +
      'id: 8\ndata: last\n\n' +
      'data: cut off'
    expect(await messagesOf(bytes(text))).toEqual([
      { id: '7', type: 'run', data: '{"a":1}' },
      { id: '7', type: 'message', data: 'first\nsecond\n' },
      { id: '8', type: 'message', data: 'last' },
    ])
  })

  it('reads the same in whatever pieces it comes, and whatever ends its lines', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/g, ''))
    const message = fc.record({ id: line, type: line, data: fc.array(line, { minLength: 1 }) })
    const end = fc.constantFrom('\n', '\r\n', '\r')
    await fc.assert(
      fc.asyncProperty(
        fc.array(message),
        end,
        fc.array(fc.nat({ max: 40 })),
        async (sent, newline, cuts) => {
          const text = sent
            .flatMap(({ id, type, data }) => [
              `id: ${id}`,
              `event: ${type}`,
              ...data.map((one) => `data: ${one}`),
              '',
              '',
            ])
            .join(newline)
          let rest = bytes(text)
          const pieces = cuts.map((cut) => {
            const piece = rest.slice(0, cut)
            rest = rest.slice(cut)
            return piece
          })
          const read = await messagesOf(...pieces, rest)
          expect(read).toEqual(
            sent.map(({ id, type, data }) => ({
              id,
              type: type || 'message',
              data: data.join('\n'),
            })),
          )
        },
      ),
      { seed: 7, numRuns: 100 },
    )
  })
})
