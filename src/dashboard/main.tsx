import { render } from 'hono/jsx/dom'
import 'uplot/dist/uPlot.min.css'
import { useRoute, type Route } from './route.ts'
import './style.css'
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
      </header>
      <main id="main" tabIndex={-1}>
        <View route={route} />
      </main>
    </>
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
