import { join } from 'node:path'
import { defineConfig } from 'vite'
import { pageModule } from './scripts/page-module.ts'

const ROOT = import.meta.dirname

/** The page as the package has it, without the shop's views: one module, which `src/page` serves under any path. */
export default defineConfig({
  root: join(ROOT, 'src/dashboard'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
  build: {
    write: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  experimental: {
    // Whoever serves the document knows where the page is mounted; a file finds the others beside itself.
    renderBuiltUrl: (file, { hostType }) =>
      hostType === 'html' ? `{base}/${file}` : { relative: true },
  },
  plugins: [pageModule(join(ROOT, 'src/dashboard/public'), join(ROOT, 'src/page/files.js'))],
})
