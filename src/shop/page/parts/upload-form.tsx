import { go, ProblemNotice, useAction } from 'dogear/page'
import { client } from '../client.ts'

/** Uploads a file of orders, and shows the run that imports it. */
export function UploadForm() {
  const { act, busy, problem } = useAction()
  const upload = (event: Event) => {
    event.preventDefault()
    const file = new FormData(event.currentTarget as HTMLFormElement).get('file')
    if (!(file instanceof File)) return
    act(async () => {
      const { id } = await client.upload(importName(file.name), file)
      go(`/runs/${id}`)
    })
  }
  return (
    <section class="sheet" aria-labelledby="import">
      <h2 id="import">Import</h2>
      <form class="form" onSubmit={upload}>
        <label class="field">
          <span>File</span>
          <input type="file" name="file" accept=".csv,.gz" required />
          <small class="quiet">
            CSV, gzipped or not, with the columns of UCI <i>Online Retail</i>: InvoiceNo, StockCode,
            Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
          </small>
        </label>
        <ProblemNotice problem={problem} />
        <div>
          <button type="submit" disabled={busy}>
            {busy ? 'Uploading…' : 'Upload and import'}
          </button>
        </div>
      </form>
    </section>
  )
}

/** The file's name with only what the name of an import may have. */
function importName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-')
}
