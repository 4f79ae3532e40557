import type { Command } from '../engine/run.ts'
import type {
  Alert,
  AlertPage,
  AlertsQuery,
  Checkpoint,
  Delivery,
  JobInfo,
  Overview,
  PageQuery,
  Run,
  RunFilter,
  RunsQuery,
  Schedule,
  SeedOptions,
  SkipPage,
  Slice,
  Snapshot,
  StartOptions,
  Verification,
  Webhooks,
  WebhooksQuery,
} from './api.ts'
import { CliError, problemOf } from './errors.ts'

/** An RFC 9457 problem document, as the API answers errors. */
interface Problem {
  title?: string
  detail?: string
  code?: string
}

/** The server refused or failed: `code` and `problem` are its own. */
export class ApiError extends CliError {
  override readonly name = 'ApiError'
  readonly status: number
  readonly #problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.code ?? `http_${status}`, problem.detail ?? problem.title ?? `HTTP ${status}`)
    this.status = status
    this.#problem = problem
  }

  override get problem(): object {
    return this.#problem
  }

  /** The same refusal, saying also what else could have been meant. */
  withHint(hint: string): ApiError {
    return new ApiError(this.status, { ...this.#problem, detail: this.message + hint })
  }
}

/** The API, one method per route. */
export class Client {
  readonly url: string
  readonly #token: string | undefined
  readonly #readWithinMs: number

  /** `readWithinMs`: how long a read may take, 30 s by default. Writes may take their time. */
  constructor(url: string, token?: string, { readWithinMs = 30_000 } = {}) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
    this.#readWithinMs = readWithinMs
  }

  jobs = () => this.#request<{ jobs: JobInfo[] }>('GET', '/api/jobs')
  runs = (query: RunsQuery = {}) =>
    this.#request<{ runs: Run[]; nextCursor: string | null }>('GET', `/api/runs${search(query)}`)
  run = (id: string) => this.#request<Run>('GET', path`/api/runs/${id}`)
  checkpoint = (id: string) => this.#request<Checkpoint>('GET', path`/api/runs/${id}/checkpoint`)
  verification = (id: string) =>
    this.#request<Verification>('GET', path`/api/runs/${id}/verification`)
  start = (job: string, options: StartOptions) =>
    this.#request<Run>('POST', path`/api/jobs/${job}/runs`, options)
  command = (id: string, command: Command, options: { hold?: boolean } = {}) =>
    this.#request<Run>('POST', path`/api/runs/${id}/${command}`, options)
  slices = (id: string) => this.#request<{ slices: Slice[] }>('GET', path`/api/runs/${id}/slices`)
  skips = (id: string, query: PageQuery = {}) =>
    this.#request<SkipPage>('GET', path`/api/runs/${id}/skips` + search(query))
  redrive = (id: string) => this.#request<Run>('POST', path`/api/runs/${id}/redrive`)
  steer = (command: Command, filter: RunFilter) =>
    this.#request<Run>('POST', '/api/runs/bulk', { command, filter })
  overview = () => this.#request<Overview>('GET', '/api/overview')
  schedules = () => this.#request<{ schedules: Schedule[] }>('GET', '/api/schedules')
  alerts = (query: AlertsQuery = {}) =>
    this.#request<AlertPage>('GET', `/api/alerts${search(query)}`)
  dismiss = (alert: number) => this.#request<Alert>('POST', path`/api/alerts/${alert}/dismiss`)
  webhooks = (query: WebhooksQuery = {}) =>
    this.#request<Webhooks>('GET', `/api/webhooks${search(query)}`)
  retryDelivery = (id: number) =>
    this.#request<Delivery>('POST', path`/api/webhooks/deliveries/${id}/retry`)
  testWebhook = (endpoint: string) =>
    this.#request<Delivery>('POST', '/api/webhooks/test', { endpoint })
  seed = (options: SeedOptions) => this.#request<Snapshot>('POST', '/api/shop/seed', options)
  reset = () => this.#request<Snapshot>('POST', '/api/shop/reset')
  clean = () => this.#request<Snapshot>('POST', '/api/shop/clean')
  snapshot = () => this.#request<Snapshot>('GET', '/api/shop/snapshot')
  /** Sends the file as it is, unpacked nowhere; answers the import run. */
  upload = (name: string, file: Blob) =>
    this.#request<Run>('PUT', path`/api/shop/imports/${name}`, file)

  async #request<T>(method: string, target: string, body?: object): Promise<T> {
    const raw = body instanceof Blob
    const headers = {
      accept: 'application/json',
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      ...(body !== undefined && {
        'content-type': raw ? 'application/octet-stream' : 'application/json',
      }),
    }
    const response = await this.#fetch(target, {
      method,
      headers,
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
      // A poll that hangs must not hang its caller.
      ...(method === 'GET' && { signal: AbortSignal.timeout(this.#readWithinMs) }),
    })
    const text = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error)
    })
    const document = parse(text)
    if (!response.ok) {
      throw new ApiError(
        response.status,
        problemFrom(document) ?? this.#foreign(method, target, response),
      )
    }
    if (document === undefined) {
      throw new CliError(
        'invalid_answer',
        `${method} ${target} at ${this.url} did not answer with JSON`,
      )
    }
    return document as T
  }

  async #fetch(target: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + target, init)
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  #unreachable(cause: unknown): CliError {
    const message = `no answer from ${this.url}; start the Worker with 'npm run dev', or say where it is with --url`
    return new CliError('unreachable', message, { cause })
  }

  #foreign(method: string, target: string, { status }: Response): Problem {
    return problemOf(`http_${status}`, `${method} ${target} at ${this.url} answered ${status}`)
  }
}

function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)))
}

function search(query: RunsQuery | AlertsQuery | WebhooksQuery): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined)
  return entries.length === 0
    ? ''
    : `?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)])).toString()}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function problemFrom(document: unknown): Problem | undefined {
  const isProblem = typeof document === 'object' && document !== null && 'code' in document
  return isProblem ? (document as Problem) : undefined
}
