// Writes V8's code cache beside each chunk, once the commands that people wait for have run: then it holds what they use.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('../examples/quickstart/', import.meta.url));
const server = ['--root', `${example}server`, '-f', `${example}desired-state.yaml`];

// Read-only commands, whose outcome does not matter here; more than one may use a chunk, and the last to do so wins.
const COMMANDS = [
  ['--help'],
  ['heartbeat', ...server],
  ['validate', ...server],
  ['status', ...server],
  ['plan', ...server],
];

const [, , worker, ...argv] = process.argv;
if (worker === 'run') record(argv);
else
  for (const command of COMMANDS) {
    const { error, status, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), 'run', ...command],
      {
        encoding: 'utf8',
      },
    );
    if (error ?? (status === null || status === 70))
      throw error ?? new Error(`${command.join(' ')}: ${stderr}`);
  }

/** Runs the bundle in this process, and writes the caches of what it compiled when it ends. */
function record(args) {
  const scripts = new Map();
  globalThis.__compiledChunk = (filename, script) => scripts.set(filename, script);
  process.on('exit', () => {
    for (const [filename, script] of scripts)
      writeFileSync(`${filename}.cache`, script.createCachedData());
  });
  process.argv.splice(1, Infinity, 'bootstrap', ...args);
  createRequire(import.meta.url)('../dist/bootstrap.cjs');
}
