// Builds the client into client/dist: hashed assets that a server may let browsers keep for good.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const api = process.env.API ?? 'http://127.0.0.1:4000'

export default defineConfig({
  root: here('.'),
  plugins: [svelte({ configFile: false })],
  // All styles at once: they are small, and a part that comes later cannot miss its own.
  build: { outDir: here('./dist'), emptyOutDir: true, target: 'es2023', cssCodeSplit: false },
  server: {
    host: '127.0.0.1',
    proxy: { '/graphql': { target: api, ws: true }, '/demo': api },
  },
})
