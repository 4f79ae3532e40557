/** The signs beside the names of views; drawn in the colour of the text. */
export const SIGNS = {
  overview: 'M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z',
  runs: 'M3 5h14M3 10h9M3 15h12',
  errors: 'M6.5 3h7l4 4v6l-4 4h-7l-4-4V7zM7 7l6 6M13 7l-6 6',
  alerts: 'M10 3l7.5 13.5h-15zM10 8v4M10 14v.5',
  audit: 'M5 3h7l3 3v11H5zM8 9h4M8 12h4',
  start: 'M6 4l10 6-10 6z',
} as const

export function Icon({ path }: { path: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="18"
      height="18"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linejoin="round"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}
