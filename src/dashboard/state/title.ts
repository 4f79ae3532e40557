import { client } from './api.ts'
import { useBeginning } from './effect.ts'
import { useQuery } from './query.ts'

const ALERTS_EVERY_MS = 30_000
const MOST = 20

let words: readonly string[] = []
let alerts = ''
let environment = ''

function show(): void {
  document.title = [
    ...(alerts === '' ? [] : [`(${alerts})`]),
    [...words, `Dogear${environment}`].join(' · '),
  ].join(' ')
}

/** Names what is shown in the title of the tab, until something else does; undefined leaves it to others. */
export function useTitle(parts: readonly string[] | undefined): void {
  useBeginning(() => {
    if (!parts) return
    words = parts
    show()
  }, [parts?.join(' · ')])
}

/** Names the environment in the title of the tab. */
export function useEnvironmentTitle(name: string | undefined): void {
  useBeginning(() => {
    environment = name === undefined ? '' : ` (${name})`
    show()
  }, [name])
}

/** The number of open alerts, which the title of the tab has, too; '' for none. */
export function useOpenAlerts(): string {
  const open = useQuery(
    'open alerts',
    () => client.alerts({ open: true, limit: MOST }),
    ALERTS_EVERY_MS,
  )
  const found = open.data?.alerts.length ?? 0
  const said = found === 0 ? '' : `${found}${open.data?.nextCursor ? '+' : ''}`
  useBeginning(() => {
    alerts = said
    show()
  }, [said])
  return said
}
