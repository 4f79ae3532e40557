/** One message of a `text/event-stream`. */
export interface StreamMessage {
  /** Of this message or the last one before that had one. */
  id: string
  type: string
  data: string
}

/**
 * The messages of a `text/event-stream`, as the HTML standard has it; `heard` is called for all that
 * comes in, comments included. A message that the stream's end cut off is dropped.
 */
export async function* streamMessages(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => {},
): AsyncGenerator<StreamMessage, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let halved = false
  let id = ''
  let fields = { type: '', data: [] as string[] }
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      heard()
      const text = decoder.decode(value, { stream: true })
      if (text === '') continue
      // A CR at the end of what came before may have been half of a CR LF.
      const lines = (rest + (halved && text.startsWith('\n') ? text.slice(1) : text)).split(
        /\r\n|\n|\r/,
      )
      halved = text.endsWith('\r')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, name, content = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
        if (line === '') {
          const { type, data } = fields
          fields = { type: '', data: [] }
          if (data.length > 0) yield { id, type: type || 'message', data: data.join('\n') }
        } else if (name === 'data') fields.data.push(content)
        else if (name === 'event') fields.type = content
        else if (name === 'id' && !content.includes('\0')) id = content
      }
    }
  } finally {
    // Also when nobody reads on: the connection is given up.
    await reader.cancel().catch(() => {})
  }
}
