import { createServer, type Server, type Socket } from 'node:net'

/** One commit that a slice has asked D1 for. `asked` until D1's answer has come. */
export interface WitnessedCommit {
  readonly run: string
  readonly seq: number
  readonly fence: number
  readonly items: number
  readonly state: 'asked' | 'answered' | 'refused'
}

/**
 * Hears of every commit of the Worker, over a socket, and outlives it: so it knows which commits were
 * under way at a kill, which were answered before it, and when the first one came after a restart. All
 * without asking the Worker anything, which might wake what is to wake by itself.
 */
export class Witness {
  readonly #commits = new Map<string, WitnessedCommit>()
  readonly #itemsOf = new Map<string, number>()
  /** When answers came, in order. */
  readonly #answers: { run: string; at: number }[] = []
  #unanswered = new Map<string, WitnessedCommit>()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server.on('connection', (socket) => this.#listen(socket))
  }

  static start(): Promise<Witness> {
    const witness = new Witness(createServer())
    return new Promise((resolve, reject) => {
      witness.#server.once('error', reject).listen(0, '127.0.0.1', () => resolve(witness))
    })
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Items of the run's answered commits. */
  items(run: string): number {
    return this.#itemsOf.get(run) ?? 0
  }

  /** When the first answer to a commit of the run came in after that time. */
  firstAnswerAfter(time: number, run: string): number | undefined {
    // Looked for from the end, where recent ones are.
    const since = this.#answers.slice(this.#answers.findLastIndex(({ at }) => at <= time) + 1)
    return since.find((answer) => answer.run === run)?.at
  }

  all(): WitnessedCommit[] {
    return [...this.#commits.values()]
  }

  /** The commits under way, once each: after a kill, those that it hit. */
  takeUnanswered(): WitnessedCommit[] {
    const taken = [...this.#unanswered.values()]
    this.#unanswered = new Map()
    return taken
  }

  /** Nobody speaks any more, and all that was said has been heard. */
  get quiet(): boolean {
    return this.#sockets.size === 0
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #listen(socket: Socket): void {
    this.#sockets.add(socket)
    let rest = ''
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) this.#hear(JSON.parse(line) as WitnessedCommit)
      })
      // The other side was killed.
      .on('error', () => socket.destroy())
      .on('close', () => this.#sockets.delete(socket))
  }

  #hear(commit: WitnessedCommit): void {
    const name = commitName(commit)
    this.#commits.set(name, commit)
    if (commit.state === 'asked') {
      this.#unanswered.set(name, commit)
      return
    }
    this.#unanswered.delete(name)
    if (commit.state !== 'answered') return
    this.#itemsOf.set(commit.run, this.items(commit.run) + commit.items)
    this.#answers.push({ run: commit.run, at: Date.now() })
  }
}

/** A seq is used once under a fence: the same name, the same commit. */
export function commitName({ run, seq, fence }: Pick<WitnessedCommit, 'run' | 'seq' | 'fence'>) {
  return `${run} ${seq} ${fence}`
}
