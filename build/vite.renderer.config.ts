// Bundles the page: index.html, its scripts, styles and pictures, all named by a hash of their content, nothing inline, so
// that the strictest content security policy fits. Called by build/scripts/build.mjs with --outDir.

import react from '@vitejs/plugin-react'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { LicenceBook } from './licences.ts'

// The page is never the development build of React, which is half as large again and several times slower: a build that a
// test run asks for inherits NODE_ENV=test.
process.env['NODE_ENV'] = 'production'

const licences = new LicenceBook()

function writeLicences(): Plugin {
  return {
    name: 'write-licences',
    writeBundle: async ({ dir = '.' }) => await licences.write(join(dir, 'licences.txt')),
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('../renderer', import.meta.url)),
  // The browser host serves it from "/", Electron from a scheme of its own.
  base: './',
  publicDir: false,
  plugins: [react(), licences.plugin(), writeLicences()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    // One style sheet: its order is that of the components.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(?:react|react-dom|scheduler|zustand)\//, priority: 2 },
            { name: 'aria', test: /node_modules\//, priority: 1 },
          ],
        },
      },
    },
    assetsInlineLimit: 0,
    emptyOutDir: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
})
