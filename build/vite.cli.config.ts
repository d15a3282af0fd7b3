// Bundles the programs that run under Node: one self-contained ESM file each, so that a build can replace a file while
// another process is running it and no half-loaded program ever looks for a chunk that is gone. A further program is one
// more line in `programs`. Called by build/scripts/build.mjs with --outDir.

import { chmod, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite'

/** dist/NAME.js from its entry. */
const programs: Readonly<Record<string, string>> = {
  cli: 'electron/cli/cli.ts',
  worker: 'electron/service/worker.ts',
}

/** Those that are started by their file name: they get a shebang and the executable bit. */
const commands: ReadonlySet<string> = new Set(['cli.js'])

const root = fileURLToPath(new URL('..', import.meta.url))

function nodeProgram(name: string, entry: string): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true },
    // ssh2 carries a compiled helper that asks for __dirname, which ES modules do not have.
    define: { __dirname: 'import.meta.dirname' },
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      emptyOutDir: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { [name]: entry },
        // Optional native parts of ssh2 and ws: they work without them.
        external: ['cpu-features', 'bufferutil', 'utf-8-validate', /\.node$/],
        output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false },
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

/** The partition the demo works on. */
function sample(): Plugin {
  return {
    name: 'sample',
    applyToEnvironment: (environment) => environment.name === 'cli',
    async writeBundle(options) {
      await cp(join(root, 'build/sample'), join(options.dir ?? '.', 'sample'), { recursive: true })
    },
  }
}

export default defineConfig({
  root,
  publicDir: false,
  plugins: [executable(), sample()],
  environments: Object.fromEntries(Object.entries(programs).map(([name, entry]) => [name, nodeProgram(name, entry)])),
  builder: {
    async buildApp(builder) {
      const wanted = Object.values(builder.environments).filter(({ name }) => name in programs)
      await Promise.all(wanted.map((environment) => builder.build(environment)))
    },
  },
})
