// npm run bench [-- --only mirror|server|verify|host|page|ssh --size MIB --large --json FILE --blocks N --rounds N --traces DIR --folder DIR]: builds what is measured and the
// measuring program, and runs it.

import { build } from 'vite'
import { ensureBuilt } from './build.mjs'
import { inProject, runNode } from './project.mjs'

await ensureBuilt()
await build({
  configFile: false,
  root: inProject(),
  logLevel: 'warn',
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    minify: false,
    outDir: inProject('dist/bench'),
    rolldownOptions: {
      input: [inProject('test/bench/bench.ts'), inProject('test/bench/copy-remote.ts')],
      output: { format: 'es', entryFileNames: '[name].js' },
    },
  },
})
process.exitCode = await runNode('dist/bench/bench.js', [inProject('dist/cli.js'), ...process.argv.slice(2)])
