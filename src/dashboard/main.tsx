import { render, useEffect, useRef } from 'hono/jsx/dom'
import 'uplot/dist/uPlot.min.css'
import { api, type Session } from './api.ts'
import { Answer } from './parts/notice.tsx'
import { useQuery } from './query.ts'
import { useRoute, type Route } from './route.ts'
import './style.css'
import { LoginView } from './views/login.tsx'
import { OverviewView } from './views/overview.tsx'
import { RunView } from './views/run.tsx'
import { RunsView } from './views/runs.tsx'
import { ShopView } from './views/shop.tsx'
import { StartView } from './views/start.tsx'

const LINKS = [
  ['/', 'Overview'],
  ['/runs', 'Runs'],
  ['/start', 'Start'],
  ['/shop', 'Shop'],
] as const

function App() {
  const route = useRoute()
  const session = useQuery('session', api.session)
  const arrived = useRef(false)
  useEffect(() => {
    document.title = [...route.parts, 'Dogear'].join(' · ')
    // Not at first: a page that was just loaded has its focus where browsers put it.
    if (arrived.current) document.getElementById('main')?.focus()
    arrived.current = true
  }, [route.parts.join('/')])
  const here = `/${route.parts[0] ?? ''}`
  return (
    <>
      <a class="skip-link" href="#main" data-server>
        To the content
      </a>
      <header>
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="20" height="20" /> Dogear
        </a>
        <nav aria-label="Views">
          {LINKS.map(([path, words]) => (
            <a key={path} href={path} {...(here === path && { 'aria-current': 'page' })}>
              {words}
            </a>
          ))}
        </nav>
        {session.data ? <Who session={session.data} /> : null}
      </header>
      <main id="main" tabIndex={-1}>
        {session.problem?.status === 401 ? (
          <LoginView problem={session.problem} onDone={session.again} />
        ) : (
          <Answer of={session}>{() => <View route={route} />}</Answer>
        )}
      </main>
    </>
  )
}

function Who({ session: { name, role, how } }: { session: Session }) {
  const leave = () => void api.logOut().finally(() => location.reload())
  return (
    <div class="who">
      <span class="quiet">
        {name} ({role})
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
  const [view, id] = route.parts
  if (view === undefined) return <OverviewView />
  if (view === 'runs' && id !== undefined) return <RunView key={id} id={id} />
  if (view === 'runs') return <RunsView route={route} />
  if (view === 'start') return <StartView route={route} />
  if (view === 'shop') return <ShopView />
  return (
    <>
      <h1>Nothing here</h1>
      <p>
        There is no view at this address. <a href="/">To the overview</a>.
      </p>
    </>
  )
}

render(<App />, document.getElementById('page') as HTMLElement)
