// Writes V8's code cache beside each chunk, once the commands that people wait for have run: then it holds what they use.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const example = fileURLToPath(new URL('../examples/quickstart/', import.meta.url));
const server = ['--root', `${example}server`, '-f', `${example}desired-state.yaml`];
const BUG = 70;

// Read-only commands, whose outcome does not matter here; more than one may use a chunk, and the last to do so wins.
const COMMANDS = [
  ['--help'],
  ['heartbeat', ...server],
  ['validate', ...server],
  ['status', ...server],
  ['plan', ...server],
];

/** Writes the code caches of the bundle in `folder`. */
export function cacheCode(folder) {
  for (const command of COMMANDS) {
    const argv = [self, `${folder}/bootstrap.cjs`, ...command];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    if (status === null || status === BUG) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
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
