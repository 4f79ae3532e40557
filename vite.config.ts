import { defineConfig } from 'vite'

/** The page: static files in `dist/page`, which the Worker serves (`[assets]` in wrangler.toml). */
export default defineConfig({
  root: 'src/dashboard',
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
  build: { outDir: '../../dist/page', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
})
