// Builds the element into one classic script, which any page can name without being allowed anything.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Puts the components' styles into the script, where they become a sheet of the element's shadow. A style element there would be refused
 * by pages whose policy allows no inline styles.
 */
const stylesInScript = (): Plugin => ({
  name: 'styles-in-script',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const files = Object.values(bundle)
    let styles = ''
    for (const file of files) {
      if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue
      styles += String(file.source)
      Reflect.deleteProperty(bundle, file.fileName)
    }
    for (const file of files)
      if (file.type === 'chunk') file.code = file.code.replace('__STYLES__', () => JSON.stringify(styles))
  },
})

export default defineConfig({
  root: here('.'),
  publicDir: false,
  plugins: [svelte({ configFile: false }), stylesInScript()],
  build: {
    outDir: here('../dist/embed'),
    emptyOutDir: true,
    target: 'es2023',
    lib: {
      entry: here('./countersign-banner.svelte.ts'),
      name: 'countersignBanner',
      formats: ['iife'],
      fileName: () => 'countersign-banner.js',
    },
  },
})
