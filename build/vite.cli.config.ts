// Bundles the programs that run under Node and Electron: one self-contained file each, so that a build can replace a file
// while another process is running it and no half-loaded program ever looks for a chunk that is gone. A further program is
// one more line in `programs`. Called by build/scripts/build.mjs with --outDir.

import { chmod, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite'
import { LicenceBook } from './licences.ts'

type Program = { readonly entry: string; readonly format?: 'es' | 'cjs' }

/** dist/NAME.js from its entry; a CommonJS one is NAME.cjs. */
const programs: Readonly<Record<string, Program>> = {
  cli: { entry: 'electron/cli/cli.ts' },
  worker: { entry: 'electron/service/worker.ts' },
  survey: { entry: 'electron/cli/survey-thread.ts' },
  main: { entry: 'electron/app/main.ts' },
  engine: { entry: 'electron/app/engine.ts' },
  // A sandboxed preload knows neither ES modules nor require() of files.
  preload: { entry: 'electron/app/preload.ts', format: 'cjs' },
}

/** Those that are started by their file name: they get a shebang and the executable bit. */
const commands: ReadonlySet<string> = new Set(['cli.js'])

const root = fileURLToPath(new URL('..', import.meta.url))

function nodeProgram(name: string, { entry, format = 'es' }: Program): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true },
    // ssh2 carries a compiled helper that asks for __dirname, which ES modules do not have.
    ...(format === 'es' ? { define: { __dirname: 'import.meta.dirname' } } : {}),
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      emptyOutDir: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { [name]: entry },
        // What Electron itself brings, and optional native parts of ssh2 and ws, which work without them.
        external: ['electron', 'cpu-features', 'bufferutil', 'utf-8-validate', /\.node$/],
        output: { format, entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js', codeSplitting: false },
      },
    },
  }
}

function executable(): Plugin {
  return {
    name: 'executable',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk' || !commands.has(file.fileName) || file.code.startsWith('#!')) continue
        file.code = `#!/usr/bin/env node\n${file.code}`
      }
    },
    async writeBundle(options, bundle) {
      const names = Object.keys(bundle).filter((name) => commands.has(name))
      await Promise.all(names.map((name) => chmod(join(options.dir ?? '.', name), 0o755)))
    },
  }
}

/** A text with one character beyond ASCII takes V8 two bytes for each and twice as long to read at every start. */
function asciiOnly(): Plugin {
  return {
    name: 'ascii-only',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        file.code = file.code.replaceAll(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
      }
    },
  }
}

/** The partition the demo works on, and the pictures of the window and the tray. */
function companions(): Plugin {
  return {
    name: 'companions',
    applyToEnvironment: (environment) => environment.name === 'cli',
    async writeBundle(options) {
      const folder = options.dir ?? '.'
      await cp(join(root, 'build/sample'), join(folder, 'sample'), { recursive: true })
      await cp(join(root, 'build/package/icons/256x256.png'), join(folder, 'icon.png'))
      await cp(join(root, 'build/package/icons/32x32.png'), join(folder, 'tray.png'))
    },
  }
}

const licences = new LicenceBook()

export default defineConfig({
  root,
  publicDir: false,
  plugins: [asciiOnly(), executable(), companions(), { ...licences.plugin(), sharedDuringBuild: true }],
  environments: Object.fromEntries(
    Object.entries(programs).map(([name, program]) => [name, nodeProgram(name, program)]),
  ),
  builder: {
    async buildApp(builder) {
      const wanted = Object.values(builder.environments).filter(({ name }) => name in programs)
      await Promise.all(wanted.map((environment) => builder.build(environment)))
      await licences.write(join(builder.config.build.outDir, 'licences.txt'))
    },
  },
})
