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

/**
 * What packages load that takes a twentieth of a start or more, and what they get in its place. commander runs commands that are programs
 * of their own by node:child_process, ours are not; `require('node:process')` asks `process` for all that it has, stdin, stdout and stderr
 * among it, where the global one is asked for what is wanted; proper-lockfile takes graceful-fs, which patches node:fs, where it is given
 * no files, and it is; signal-exit asserts that it is given a function, and listens to two dozen signals until host/lock-library.ts
 * takes that back.
 */
const IN_PLACE = {
  'node:child_process': { of: 'commander', contents: '' },
  'node:process': { of: 'commander', contents: 'module.exports = process;' },
  'graceful-fs': { of: 'proper-lockfile', contents: '' },
  assert: { of: 'signal-exit', contents: 'exports.equal = () => {};' },
  './signals.js': { of: 'signal-exit', contents: 'module.exports = [];' },
};

const withLess = {
  name: 'with-less',
  setup({ onResolve, onLoad }) {
    const names = Object.keys(IN_PLACE).map((name) => name.replaceAll('.', String.raw`\.`));
    onResolve({ filter: new RegExp(`^(?:${names.join('|')})$`) }, (asked) =>
      asked.importer.includes(`/node_modules/${IN_PLACE[asked.path].of}/`)
        ? { path: asked.path, namespace: 'in-place' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'in-place' }, ({ path }) => ({
      contents: IN_PLACE[path].contents,
    }));
  },
};

/**
 * Modules that most runs import and never call: a server that is as it should be, and whose desired state was read before, has nothing
 * parsed, checked, rendered or carried out. They are chunks of their own, loaded by the first call. They export functions and nothing else.
 */
const LATE = [
  'actual/definition.ts',
  'actual/program.ts',
  'app/act.ts',
  'app/carry-out.ts',
  'app/rollback.ts',
  'app/saved-plans.ts',
  'cli/colours.ts',
  'cli/observing.ts',
  'core/nearest.ts',
  'core/render/config-diff.ts',
  'core/render/diagnostics-text.ts',
  'core/render/failure-text.ts',
  'core/render/plan-github.ts',
  'core/render/plan-markdown.ts',
  'core/render/plan-mermaid.ts',
  'desired/interpret.ts',
  'format/config.ts',
  'format/yaml-whole.ts',
  'report/live-view.ts',
  'report/ndjson.ts',
  'verify/probes.ts',
].map((path) => join(src, path));

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
    plugins: [chunkPerDynamicImport(chunks), chunkPerLateModule(chunks), withLess],
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

/** Leaves calls of what `LATE` modules export as calls that load a chunk, and adds that chunk to `chunks` when it is new. */
function chunkPerLateModule(chunks) {
  return {
    name: 'chunk-per-late-module',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
        const file = join(resolveDir, path);
        if (kind !== 'import-statement' || !LATE.includes(file)) return undefined;
        return { path: file, namespace: 'late', sideEffects: false };
      });
      onResolve({ filter: /^late:/ }, ({ path }) => ({
        path: `./${path.slice('late:'.length)}.cjs`,
        external: true,
      }));
      onLoad({ filter: /./, namespace: 'late' }, ({ path: file }) => {
        const chunk = chunkName(file);
        if (!seen.has(file)) chunks[chunk] = file;
        seen.add(file);
        return { contents: lateModule(chunk, readFileSync(file, 'utf8')) };
      });
    },
  };
}

/** Functions of the names that a module exports, which load its chunk when they are called. */
function lateModule(chunk, source) {
  const exported = [...source.matchAll(/^export (?!interface|type)(?:async )?(\w+) (\w+)/gm)];
  const other = exported.find(([, kind]) => kind !== 'function');
  if (other !== undefined) throw new Error(`${chunk} cannot be late: ${other[0]}`);
  const calls = exported.map(
    ([, , name]) => `export function ${name}(...given) { return load().${name}(...given); }`,
  );
  return [`const load = () => require('late:${chunk}');`, ...calls].join('\n');
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
