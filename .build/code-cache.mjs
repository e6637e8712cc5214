// Writes V8's code cache beside each chunk, once the commands that people wait for have run: then it holds what they use.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const example = fileURLToPath(new URL('../examples/quickstart/', import.meta.url));
const BUG = 70;

// What they come to does not matter here.
const COMMANDS = ['--help', 'heartbeat', 'validate', 'status'];
const DEFINITION = '[product: web]\nconfig-file = /web.ini\nconfig-format = ini\n';
const DESIRED =
  'apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {version: "1", settings: {port: 80}}}\n';

/** Writes the code caches of the bundle in `folder`. */
export function cacheCode(folder) {
  const bundle = join(folder, 'bootstrap.cjs');
  const scratch = mkdtempSync(join(tmpdir(), 'bootstrap-build-'));
  try {
    // Most runs find that nothing has changed: what those load holds what they use, and no more.
    const same = newServer(join(scratch, 'same'));
    run([bundle, 'apply', '--yes', ...same]);
    for (const command of ['apply', 'plan']) run([self, bundle, command, ...same]);
    run([self, bundle, 'apply', '--yes', ...newServer(join(scratch, 'other'))]);
    // A copy: to look at its heartbeats may write beside it.
    const root = join(scratch, 'example');
    cpSync(`${example}server`, root, { recursive: true });
    const server = ['--root', root, '-f', `${example}desired-state.yaml`];
    for (const command of COMMANDS) run([self, bundle, command, ...server]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Makes a server to which nothing was applied yet; gives the options that name it. */
function newServer(root) {
  const desired = join(root, 'desired-state.yaml');
  mkdirSync(join(root, 'etc/bootstrap'), { recursive: true });
  writeFileSync(join(root, 'etc/bootstrap/bootstrap.ini'), DEFINITION);
  writeFileSync(desired, DESIRED);
  return ['--root', root, '-f', desired];
}

function run(argv) {
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status === null || status === BUG) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

if (process.argv[1] === self) runAndRecord(process.argv[2], process.argv.slice(3));

/** Runs the bundle in this process, and writes the caches of what it compiled when it ends, where there are none yet. */
function runAndRecord(bundle, args) {
  const scripts = new Map();
  globalThis.__compiledChunk = (name, script) => scripts.set(join(dirname(bundle), name), script);
  process.on('exit', () => {
    for (const [filename, script] of scripts)
      if (!existsSync(`${filename}.cache`))
        writeFileSync(`${filename}.cache`, script.createCachedData());
  });
  process.argv.splice(1, Infinity, 'bootstrap', ...args);
  createRequire(import.meta.url)(bundle);
}
