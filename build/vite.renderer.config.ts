// Bundles the page: index.html, one script, its styles and pictures, all named by a hash of their content, nothing inline, so
// that the strictest content security policy fits. Called by build/scripts/build.mjs with --outDir.

import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('../renderer', import.meta.url)),
  // The browser host serves it from "/", Electron from a scheme of its own.
  base: './',
  publicDir: false,
  plugins: [react()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
})
