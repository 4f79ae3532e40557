import { defineConfig } from 'vite'

/** The page with the shop's views: static files in `dist/page`, which the Worker serves (`[assets]` in wrangler.toml). */
export default defineConfig({
  root: 'src/shop/page',
  publicDir: '../../dashboard/public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
  build: {
    outDir: '../../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // The jobs' own sources are for those who may see the runs: the Worker serves them (src/shop/api/sources.ts).
        chunkFileNames: ({ facadeModuleId }) =>
          `${facadeModuleId?.endsWith('?raw') ? 'sources' : 'assets'}/[name]-[hash].js`,
      },
    },
  },
})
