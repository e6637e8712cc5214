// Writes V8's code cache beside each chunk, once the commands that people wait for have run: then it holds what they use.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const example = fileURLToPath(new URL('../examples/quickstart/', import.meta.url));
const BUG = 70;

// What they come to does not matter here. What one of them compiled, the next one has from the cache, and adds to it.
const COMMANDS = ['--help', 'heartbeat', 'validate', 'status', 'apply', 'plan'];
const DEFINITION = '[product: web]\nconfig-file = /web.ini\nconfig-format = ini\n';
const DESIRED =
  'apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {version: "1", settings: {port: 80}}}\n';

/** Writes the code caches of the bundle in `folder`. */
export function cacheCode(folder) {
  // A copy: to take the lock is to write beside it.
  const root = mkdtempSync(join(tmpdir(), 'bootstrap-build-'));
  cpSync(`${example}server`, root, { recursive: true });
  const server = ['--root', root, '-f', `${example}desired-state.yaml`];
  const changed = join(root, 'changed');
  try {
    mkdirSync(join(changed, 'etc/bootstrap'), { recursive: true });
    writeFileSync(join(changed, 'etc/bootstrap/bootstrap.ini'), DEFINITION);
    writeFileSync(join(changed, 'desired-state.yaml'), DESIRED);
    const bundle = join(folder, 'bootstrap.cjs');
    const here = ['--root', changed, '-f', join(changed, 'desired-state.yaml')];
    run([bundle, 'apply', '--yes', ...here]);
    // Most runs find that nothing has changed.
    for (const command of ['apply', 'plan']) run([bundle, command, ...here]);
    for (const command of COMMANDS) run([bundle, command, ...server]);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function run(argv) {
  const { status, stderr } = spawnSync(process.execPath, [self, ...argv], { encoding: 'utf8' });
  if (status === null || status === BUG) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

if (process.argv[1] === self) runAndRecord(process.argv[2], process.argv.slice(3));

/** Runs the bundle in this process, and writes the caches of what it compiled when it ends. */
function runAndRecord(bundle, args) {
  const scripts = new Map();
  globalThis.__compiledChunk = (filename, script) => scripts.set(filename, script);
  process.on('exit', () => {
    for (const [filename, script] of scripts)
      writeFileSync(`${filename}.cache`, script.createCachedData());
  });
  process.argv.splice(1, Infinity, 'bootstrap', ...args);
  createRequire(import.meta.url)(bundle);
}
