import { createInterface } from 'node:readline'

/** True when somebody sits at a terminal who can answer. */
export function isAnswered(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY
}

/** Asks whoever sits at the terminal. What is not a yes is a no. */
export function confirmed(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  const lines = createInterface({ input, output })
  return new Promise((resolve) => {
    // Ctrl-C, or the end of what is typed.
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => resolve(false))
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
  })
}
