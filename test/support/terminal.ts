import { Writable } from 'node:stream'
import { WriteStream } from 'node:tty'

// ESC [ numbers letter: what terminals take as a command and not as text.
// eslint-disable-next-line no-control-regex -- it is what terminals understand
const COMMAND = /^\x1b\[(\d*)(?:;\d+)*([A-Za-z])/

/** A terminal that shows what was written as a person would see it, with lines that wrap at its width. */
export class FakeTerminal extends Writable {
  readonly isTTY = true
  readonly columns: number
  /** All that was written, commands included. */
  written = ''
  #rows: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns: number) {
    super()
    this.columns = columns
  }

  /** Decides by NO_COLOR and TERM, as a real one does. */
  getColorDepth(env?: object): number {
    return WriteStream.prototype.getColorDepth.call(this as never, env)
  }

  /** The lines on the screen, without the empty ones at its end. */
  get screen(): string[] {
    const lines = this.#rows.map((row) => Array.from(row, (letter) => letter ?? ' ').join(''))
    return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1)
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    this.#show(String(chunk))
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }

  #show(text: string): void {
    this.written += text
    for (let at = 0; at < text.length;) {
      const [command, number = '', letter = ''] = COMMAND.exec(text.slice(at)) ?? []
      if (command === undefined) this.#put(text[at] ?? '')
      else this.#obey(letter, number === '' ? undefined : Number(number))
      at += command?.length ?? 1
    }
  }

  #put(letter: string): void {
    if (letter === '\n' || this.#column >= this.columns) {
      this.#row += 1
      this.#column = 0
    }
    this.#rows[this.#row] ??= []
    if (letter === '\n') return
    const row = this.#rows[this.#row]
    if (row) row[this.#column] = letter
    this.#column += 1
  }

  #obey(letter: string, number: number | undefined): void {
    if (letter === 'A') this.#row = Math.max(0, this.#row - (number ?? 1))
    if (letter === 'G') this.#column = (number ?? 1) - 1
    if (letter === 'K') this.#rows[this.#row]?.splice(number === 2 ? 0 : this.#column)
    if (letter === 'J') {
      this.#rows[this.#row]?.splice(this.#column)
      this.#rows.length = this.#row + 1
    }
  }
}
