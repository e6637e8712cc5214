// Bundles the command line into dist/: one file, and one more for each `import('./x.ts')` in src/.
// One file starts a third sooner than many; what is imported lazily is not even read until it is reached.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cacheCode } from './code-cache.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const next = join(root, '.build/next');
const last = join(root, '.build/last');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(next, { recursive: true, force: true });

/** commander loads node:child_process for commands that are programs of their own; ours are not, and it costs a tenth of a start. */
const withoutChildProcess = {
  name: 'without-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/')
        ? { path: 'none', namespace: 'none' }
        : undefined,
    );
    onLoad({ filter: /^none$/, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const seen = new Set();
const head = readFileSync(new URL('cached-chunks.cjs', import.meta.url), 'utf8');
await bundle({ bootstrap: join(src, 'cli/main.ts') }, `#!/usr/bin/env node\n${head}`);
chmodSync(join(next, 'bootstrap.cjs'), 0o755);
cacheCode(next);

// Built aside and swapped in: who starts bootstrap meanwhile gets the old one or the new one whole.
rmSync(last, { recursive: true, force: true });
if (existsSync(dist)) renameSync(dist, last);
renameSync(next, dist);
rmSync(last, { recursive: true, force: true });

/** Bundles the entries (output name → file), then the chunks they ask for, until nothing new is asked for. */
async function bundle(entries, banner = '') {
  const chunks = {};
  await build({
    entryPoints: entries,
    outdir: next,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    sourcemap: true,
    legalComments: 'linked',
    logLevel: 'warning',
    banner: { js: banner },
    define: {
      __VERSION__: JSON.stringify(version),
      __BUILD__: JSON.stringify(buildId()),
      FAILPOINTS: 'false',
    },
    supported: { 'dynamic-import': false }, // require() is the quicker way in, and the only one in a single executable
    alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') }, // yaml's build for Node is CommonJS and cannot be shaken
    plugins: [chunkPerDynamicImport(chunks), withoutChildProcess],
  });
  if (Object.keys(chunks).length > 0) await bundle(chunks);
}

/** Leaves `import('./x.ts')` of our own files as a require of a chunk, and adds that chunk to `chunks` when it is new. */
function chunkPerDynamicImport(chunks) {
  return {
    name: 'chunk-per-dynamic-import',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import' || !resolveDir.startsWith(src)) return undefined;
        const file = join(resolveDir, path);
        const chunk = chunkName(file);
        if (!seen.has(file)) chunks[chunk] = file;
        seen.add(file);
        return { path: `./${chunk}.cjs`, external: true };
      });
    },
  };
}

/** Tells what is built from this source from all else: what one build keeps only for speed, no other one trusts. */
function buildId() {
  const files = readdirSync(src, { recursive: true }).toSorted();
  const sources = files.map((file) => join(src, file)).filter((file) => statSync(file).isFile());
  const hash = createHash('sha256').update(version);
  for (const file of [...sources, join(root, 'package-lock.json')]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** src/cli/commands/plan.ts → chunk-cli-commands-plan */
function chunkName(file) {
  const inSrc = relative(src, file).replace(/\.ts$/, '');
  return `chunk-${inSrc.replaceAll('/', '-')}`;
}
