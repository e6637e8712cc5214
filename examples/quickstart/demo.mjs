// npm run demo: a tour of bootstrap on a server in a temporary folder. With --keep the folder stays.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { setUpQuickstart } from './setup.mjs';

const BOOTSTRAP = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/bootstrap.cjs');
const FETCH_LIMIT_MS = 3_000;
const isColourful = process.stdout.isTTY === true && !process.env.NO_COLOR;

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;

// The server has to be stopped also when the visitor has seen enough, so a signal only ends the tour.
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (isInterrupted = true));

if (existsSync(BOOTSTRAP)) await main();
else complain(`${BOOTSTRAP} is missing. Run: npm run build`);

async function main() {
  const server = await setUpQuickstart(mkdtempSync(join(tmpdir(), 'bootstrap-demo-')));
  await attempt(() => tour(server));
  await attempt(() => stop(server));
  leave(server);
}

async function attempt(part) {
  try {
    await part();
  } catch (error) {
    complain(error.message);
  }
}

async function tour({ root, desiredFile, ports }) {
  const bootstrap = (...words) => {
    if (isInterrupted) throw new Error('Interrupted.');
    return run(root, words);
  };
  const change = (from, to) => changeDesiredState(desiredFile, from, to);
  const page = () => showPage(`http://127.0.0.1:${ports.web}/`);

  say(`This folder is a whole server: ${root}
Its desired-state.yaml asks for a page server, web, and for the store that web needs.`);
  await bootstrap('plan', '--root', '.');

  say('Nothing has changed so far. Now make it so.');
  await bootstrap('apply', '--root', '.', '--yes');
  await page();

  say('The same again: the server is as declared, so there is nothing to do.');
  await bootstrap('apply', '--root', '.', '--yes');

  say('Wish for something else: web 2, and a warmer welcome.');
  change(/(?<=  web:\n    version: )"1"/, '"2"');
  change(/(?<=greeting: ).*/, 'Good to see you!');
  await bootstrap('plan', '--root', '.');
  await bootstrap('apply', '--root', '.', '--yes');
  await page();
  await bootstrap('status', '--root', '.');
}

/** The last stop of the tour, made also when an earlier one failed. */
async function stop({ root, desiredFile }) {
  say('Enough. In mode idle everything stays installed, and nothing runs.');
  changeDesiredState(desiredFile, /(?<=mode: )production/, 'idle');
  await run(root, ['apply', '--root', '.', '--yes']);
}

/** Prints the command and its real output; rejects unless it ends with exit code 0. */
async function run(root, words) {
  const command = `bootstrap ${words.join(' ')}`;
  console.log(bold(`$ ${command}`));
  const code = await new Promise((ended, failed) => {
    const child = spawn(process.execPath, [BOOTSTRAP, ...words], {
      cwd: root,
      // Only the folder decides what happens, not what the visitor's shell has set.
      env: { ...process.env, BOOTSTRAP_FILE: 'desired-state.yaml' },
      stdio: 'inherit',
    });
    child.once('error', failed);
    child.once('exit', (exitCode, signal) => ended(exitCode ?? signal));
  });
  console.log();
  if (code !== 0) throw new Error(`"${command}" ended with ${code}, where the tour expects 0.`);
}

function changeDesiredState(file, from, to) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`desired-state.yaml has no ${from} to change.`);
  writeFileSync(file, after);
  const old = before.split('\n');
  const line = after.split('\n').findIndex((text, index) => text !== old[index]);
  console.log(`  - ${withoutComment(old[line])}\n  + ${withoutComment(after.split('\n')[line])}\n`);
}

function withoutComment(line) {
  return line.replace(/\s+#.*/, '').trim();
}

async function showPage(url) {
  console.log(bold(`$ curl ${url}`));
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  console.log(await answer.text());
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}, where the tour expects 200.`);
}

/** However the tour went, no daemon of this server stays, nor its folder unless it was asked for. */
function leave({ root }) {
  for (const pid of runningDaemons(root)) process.kill(pid, 'SIGKILL');
  if (!keep) return rmSync(root, { recursive: true, force: true });
  say(`The server stays in its folder. To go on:
  cd ${root}
  alias bootstrap='${process.execPath} ${BOOTSTRAP}'
  sed -i 's/mode: idle/mode: production/' desired-state.yaml
  bootstrap apply --root .`);
}

// A pid file may be stale, so the process itself has to name this server's folder.
function runningDaemons(root) {
  const folder = join(root, 'run');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number(readFileSync(join(folder, name), 'utf8')))
    .filter((pid) => pid > 1 && commandLine(pid).includes(`${root}/opt/`));
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function say(text) {
  console.log(`${style(36, text)}\n`);
}

function bold(text) {
  return style(1, text);
}

function style(code, text) {
  return isColourful ? `\u001B[${code}m${text}\u001B[0m` : text;
}

function complain(text) {
  console.error(`demo: ${text}`);
  process.exitCode = 1;
}
