import { useState } from 'hono/jsx/dom'
import { client, type Mail } from '../client.ts'
import { Answer, Empty, useQuery, When } from 'dogear/page'

const EVERY_MS = 2_000
const SHOWN = 20

/** The newest mails that the local mailbox has received. */
export function Mailbox() {
  const [to, setTo] = useState('')
  const mails = useQuery(
    `mails ${to}`,
    () => client.mailbox({ limit: SHOWN, ...(to && { to }) }),
    EVERY_MS,
  )
  return (
    <section class="sheet flush" aria-labelledby="mailbox">
      <div class="head">
        <h2 id="mailbox">Mailbox</h2>
        <MailSearch onFind={setTo} />
      </div>
      <Answer of={mails}>
        {(page) =>
          page.mails.length === 0 ? (
            <Empty>{to ? `No mail to ${to} has come in.` : 'No mail has come in.'}</Empty>
          ) : (
            <ul class="list mails">
              {page.mails.map((mail) => (
                <li key={mail.id}>
                  <MailDetails mail={mail} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  )
}

function MailSearch({ onFind }: { onFind: (to: string) => void }) {
  const find = (event: Event) => {
    event.preventDefault()
    const address = new FormData(event.currentTarget as HTMLFormElement).get('to')
    onFind(typeof address === 'string' ? address.trim() : '')
  }
  return (
    <form class="row" role="search" onSubmit={find}>
      <input name="to" type="search" aria-label="Mails to" placeholder="to an address" />
      <button type="submit" class="small">
        Find
      </button>
    </form>
  )
}

function MailDetails({ mail: { to, subject, body, calls, receivedAt } }: { mail: Mail }) {
  return (
    <details>
      <summary>
        <strong>{subject}</strong>
        <span>{to}</span>
        {calls > 1 ? <span class="badge plain">handed over {calls} times</span> : null}
        <span class="quiet small">
          <When at={receivedAt} />
        </span>
      </summary>
      <p class="mail-body">{body}</p>
    </details>
  )
}
