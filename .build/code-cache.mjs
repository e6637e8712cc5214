// Writes V8's code cache beside each chunk, once the commands that people wait for have run: then it holds what they use.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const example = fileURLToPath(new URL('../examples/quickstart/', import.meta.url));
const BUG = 70;

// None of them changes a server: an apply that nobody confirms stops at its plan. What they come to does not matter here.
// More than one may use a chunk, and the last to do so wins.
const COMMANDS = ['--help', 'heartbeat', 'validate', 'status', 'apply', 'plan'];

/** Writes the code caches of the bundle in `folder`. */
export function cacheCode(folder) {
  // A copy: to take the lock is to write beside it.
  const root = mkdtempSync(join(tmpdir(), 'bootstrap-build-'));
  cpSync(`${example}server`, root, { recursive: true });
  const server = ['--root', root, '-f', `${example}desired-state.yaml`];
  try {
    for (const command of COMMANDS) run([join(folder, 'bootstrap.cjs'), command, ...server]);
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
