import { cutText } from '../engine/cut-text.ts'
import { render, useContext, useRef } from 'hono/jsx/dom'
import 'uplot/dist/uPlot.min.css'
import { client, type Session } from './api.ts'
import { useBeginning } from './effect.ts'
import { ConfirmDialog } from './parts/confirm.tsx'
import { Icon } from './parts/icons.tsx'
import { Answer, ConnectionNotice } from './parts/notice.tsx'
import { useQuery } from './query.ts'
import { useRoute, type Route } from './route.ts'
import { RoleContext, ShopContext, useMay } from './session.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/forms.css'
import './styles/run.css'
import './styles/views.css'
import './styles/compare.css'
import { AlertsView } from './views/alerts.tsx'
import { AuditView } from './views/audit.tsx'
import { CompareView } from '../shop/page/compare.tsx'
import { LoginView } from './views/login.tsx'
import { OverviewView } from './views/overview.tsx'
import { RunView } from './views/run.tsx'
import { RunsView } from './views/runs.tsx'
import { ShopView } from '../shop/page/shop.tsx'
import { StartView } from './views/start.tsx'

const LINKS = [
  { path: '/', words: 'Overview', icon: 'overview', role: 'viewer' },
  { path: '/runs', words: 'Runs', icon: 'runs', role: 'viewer' },
  { path: '/start', words: 'Start a run', icon: 'start', role: 'operator' },
  { path: '/compare', words: 'Side by side', icon: 'compare', role: 'operator', shop: true },
  { path: '/alerts', words: 'Alerts', icon: 'alerts', role: 'viewer' },
  { path: '/shop', words: 'Shop', icon: 'shop', role: 'viewer', shop: true },
  { path: '/audit', words: 'Audit', icon: 'audit', role: 'operator' },
] as const

/** Where the shop's routes are described, if there are any. */
async function hasShop(): Promise<boolean> {
  const { paths } = (await client.openapi()) as { paths?: Record<string, unknown> }
  return paths !== undefined && '/api/shop/snapshot' in paths
}

/** A session ends by itself after hours, or with its token. */
const SESSION_EVERY_MS = 60_000

function App() {
  const route = useRoute()
  const session = useQuery('session', () => client.session(), SESSION_EVERY_MS)
  // Asked once: what a Worker serves changes with its deploys.
  const shop = useQuery(session.data && 'shop', hasShop).data
  const arrived = useRef(false)
  useBeginning(() => {
    document.title = [...route.parts.map((part) => cutText(part, 24)), 'Dogear'].join(' · ')
    // Not at first: a page that was just loaded has its focus where browsers put it.
    if (arrived.current) document.getElementById('main')?.focus()
    arrived.current = true
  }, [route.parts.join('/')])
  return (
    <div class="frame">
      <header class="bar">
        <a class="skip-link" href="#main" data-server>
          To the content
        </a>
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" /> Dogear
        </a>
        {session.data ? (
          <RoleContext.Provider value={session.data.role}>
            <ShopContext.Provider value={shop}>
              <Views here={`/${route.parts[0] ?? ''}`} />
            </ShopContext.Provider>
            <Who session={session.data} />
          </RoleContext.Provider>
        ) : null}
      </header>
      <main id="main" tabIndex={-1}>
        <ConnectionNotice />
        {session.problem?.status === 401 ? (
          <LoginView problem={session.problem} onDone={session.again} />
        ) : (
          <Answer of={session}>
            {(known) => (
              <RoleContext.Provider value={known.role}>
                <ShopContext.Provider value={shop}>
                  <View route={route} />
                </ShopContext.Provider>
              </RoleContext.Provider>
            )}
          </Answer>
        )}
      </main>
      <ConfirmDialog />
    </div>
  )
}

function Views({ here }: { here: string }) {
  const may = useMay()
  const shop = useContext(ShopContext)
  const bar = useRef<HTMLElement>(null)
  // On a phone the bar holds more than it can show.
  useBeginning(() => {
    const link = bar.current?.querySelector('[aria-current]')
    // It may answer with a promise, which is nothing that an effect may give back.
    link?.scrollIntoView({ block: 'nearest' })
  }, [here])
  return (
    <nav ref={bar} class="views" aria-label="Views">
      {LINKS.filter((link) => may(link.role) && (shop || !('shop' in link))).map(
        ({ path, words, icon }) => (
          <a key={path} href={path} {...(here === path && { 'aria-current': 'page' })}>
            <Icon name={icon} />
            {words}
          </a>
        ),
      )}
    </nav>
  )
}

function Who({ session: { name, role, how } }: { session: Session }) {
  const leave = () => void client.logOut().finally(() => location.reload())
  return (
    <div class="who">
      <span>
        {name} <span class="quiet">{role}</span>
      </span>
      {how === 'session' ? (
        <button type="button" onClick={leave}>
          Log out
        </button>
      ) : null}
    </div>
  )
}

function View({ route }: { route: Route }) {
  const [asked, id] = route.parts
  const shop = useContext(ShopContext)
  const isShops = LINKS.some((link) => 'shop' in link && link.path === `/${asked}`)
  const view = isShops && shop === false ? 'nothing' : asked
  switch (view) {
    case undefined:
      return <OverviewView />
    case 'runs':
      return id === undefined ? <RunsView route={route} /> : <RunView key={id} id={id} />
    case 'start':
      return <StartView route={route} />
    case 'compare':
      return <CompareView route={route} />
    case 'alerts':
      return <AlertsView route={route} />
    case 'shop':
      return <ShopView />
    case 'audit':
      return <AuditView route={route} />
    default:
      return (
        <>
          <h1>Nothing here</h1>
          <p>
            There is no view at this address. <a href="/">To the overview</a>.
          </p>
        </>
      )
  }
}

render(<App />, document.getElementById('page') as HTMLElement)
