import { cutText } from '../engine/cut-text.ts'
import { render, useContext, useRef } from 'hono/jsx/dom'
import 'uplot/dist/uPlot.min.css'
import { AddedViews, type AddedView } from './added-view.ts'
import { client, type Session } from './state/api.ts'
import { useBeginning } from './state/effect.ts'
import { ConfirmDialog } from './parts/confirm.tsx'
import { Icon, SIGNS } from './parts/icons.tsx'
import { Answer, ConnectionNotice } from './parts/notice.tsx'
import { Explanation } from './parts/term.tsx'
import { ThemeSwitch } from './parts/theme.tsx'
import { ZoneSwitch } from './parts/zone.tsx'
import { Keyboard } from './keys/keyboard.tsx'
import { useQuery } from './state/query.ts'
import { useRoute, type Route } from './state/route.ts'
import { useEnvironmentTitle, useOpenAlerts, useTitle } from './state/title.ts'
import { RoleContext, useMay } from './state/session.tsx'
import { followTheme } from './state/theme.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/forms.css'
import './styles/keys.css'
import './styles/run.css'
import './styles/views.css'
import { AlertsView } from './views/alerts.tsx'
import { AuditView } from './views/audit.tsx'
import { ErrorGroupView } from './views/error-group.tsx'
import { ErrorsView } from './views/errors.tsx'
import { LoginView } from './views/login.tsx'
import { OverviewView } from './views/overview.tsx'
import { RunView } from './views/run.tsx'
import { RunsView } from './views/runs.tsx'
import { JobView } from './views/job.tsx'
import { StartView } from './views/start.tsx'
import { href } from './state/base.ts'

type Link = Pick<AddedView, 'path' | 'words' | 'icon' | 'role'>

const LINKS: readonly Link[] = [
  { path: '', words: 'Overview', icon: SIGNS.overview, role: 'viewer' },
  { path: 'runs', words: 'Runs', icon: SIGNS.runs, role: 'viewer' },
  { path: 'start', words: 'Start a run', icon: SIGNS.start, role: 'operator' },
  { path: 'errors', words: 'Errors', icon: SIGNS.errors, role: 'viewer' },
  { path: 'alerts', words: 'Alerts', icon: SIGNS.alerts, role: 'viewer' },
  { path: 'audit', words: 'Audit', icon: SIGNS.audit, role: 'operator' },
]

/** The links of the page for who looks, each added one behind the view that it names. */
function useLinks(): readonly Link[] {
  const may = useMay()
  return useContext(AddedViews)
    .reduce<readonly Link[]>((links, view) => {
      const before = links.findIndex(({ path }) => path === view.after)
      return before < 0 ? [...links, view] : links.toSpliced(before + 1, 0, view)
    }, LINKS)
    .filter(({ role }) => may(role))
}

/** A session ends by itself after hours, or with its token. */
const SESSION_EVERY_MS = 60_000

/** Views of one thing among many have a title of their own. */
function namesItself({ parts: [view, id] }: Route): boolean {
  return (view === 'runs' || view === 'errors') && id !== undefined
}

function App() {
  const route = useRoute()
  const session = useQuery('session', () => client.session(), SESSION_EVERY_MS)
  const arrived = useRef(false)
  useTitle(namesItself(route) ? undefined : route.parts.map((part) => cutText(part, 24)))
  useBeginning(() => {
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
        <a class="brand" href={href('/')}>
          <img src={href('/icon.svg')} alt="" width="24" height="24" /> Dogear
        </a>
        <EnvironmentBadge of={session.data?.environment} />
        {session.data ? (
          <RoleContext.Provider value={session.data.role}>
            <Views here={route.parts[0] ?? ''} />
            <Keys />
            <div class="who">
              <ZoneSwitch />
              <ThemeSwitch />
              <Who session={session.data} />
            </div>
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
                <View route={route} />
              </RoleContext.Provider>
            )}
          </Answer>
        )}
      </main>
      <ConfirmDialog />
      <Explanation />
    </div>
  )
}

/** Not by `scrollIntoView`: the next Tab would start behind what it shows. */
function scrollSideways(bar: HTMLElement, to: Element): void {
  const [outer, inner] = [bar.getBoundingClientRect(), to.getBoundingClientRect()]
  if (inner.left < outer.left) bar.scrollLeft -= outer.left - inner.left
  else if (inner.right > outer.right) bar.scrollLeft += inner.right - outer.right
}

function Views({ here }: { here: string }) {
  const links = useLinks()
  const alerts = useOpenAlerts()
  const bar = useRef<HTMLElement>(null)
  // On a phone the bar holds more than it can show.
  useBeginning(() => {
    const link = bar.current?.querySelector('[aria-current]')
    if (bar.current && link) scrollSideways(bar.current, link)
  }, [here])
  return (
    <nav ref={bar} class="views" aria-label="Views">
      {links.map(({ path, words, icon }) => (
        <a key={path} href={href(`/${path}`)} {...(here === path && { 'aria-current': 'page' })}>
          <Icon path={icon} />
          {words}
          {path === 'alerts' && alerts !== '' ? (
            <span class="badge tone-failed" aria-hidden="true">
              {alerts}
            </span>
          ) : null}
        </a>
      ))}
    </nav>
  )
}

/** Which deployment this is: nobody should take staging for production, or the reverse. */
function EnvironmentBadge({ of }: { of: Session['environment'] }) {
  useEnvironmentTitle(of?.name)
  return of ? <strong class={`environment is-${of.color}`}>{of.name}</strong> : null
}

function Keys() {
  return <Keyboard views={useLinks()} />
}

function Who({ session: { name, role, how } }: { session: Session }) {
  const leave = () => void client.logOut().finally(() => location.reload())
  return (
    <>
      <span>
        {name} <span class="quiet">{role}</span>
      </span>
      {how === 'session' ? (
        <button type="button" onClick={leave}>
          Log out
        </button>
      ) : null}
    </>
  )
}

function View({ route }: { route: Route }) {
  const [asked, id] = route.parts
  const added = useContext(AddedViews).find(({ path }) => path === asked)
  if (added) return <added.View route={route} />
  switch (asked) {
    case undefined:
      return <OverviewView />
    case 'runs':
      return id === undefined ? <RunsView route={route} /> : <RunView key={id} id={id} />
    case 'jobs':
      return id === undefined ? <StartView route={route} /> : <JobView key={id} name={id} />
    case 'start':
      return <StartView route={route} />
    case 'errors':
      return id === undefined ? <ErrorsView route={route} /> : <ErrorGroupView key={id} id={id} />
    case 'alerts':
      return <AlertsView route={route} />
    case 'audit':
      return <AuditView route={route} />
    default:
      return (
        <>
          <h1>Nothing here</h1>
          <p>
            There is no view at this address. <a href={href('/')}>To the overview</a>.
          </p>
        </>
      )
  }
}

/** Shows the page in the element `page` of the document, with the views that are added to it. */
export function mount(views: readonly AddedView[] = []): void {
  followTheme()
  const page = (
    <AddedViews.Provider value={views}>
      <App />
    </AddedViews.Provider>
  )
  render(page, document.getElementById('page') as HTMLElement)
}
