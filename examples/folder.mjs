// What the examples' setup.mjs have in common: making a folder a whole server.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** apt-get update over a slow line; past this the mirror is not there. */
const APT_TIMEOUT_MS = 5 * 60_000;

/**
 * Makes `dir`, which must be empty or missing, the root of the server that the example at `here` (an import.meta.url) describes.
 * In the desired state and bootstrap.ini each of `ports`, `{written: real}`, is replaced; `versions` are declared, `{product: version}`.
 * Throws an error that says what to do where `dir` holds something.
 */
export function fillFolder(dir, { here, ports, versions = {} }) {
  const example = dirname(fileURLToPath(here));
  const root = makeEmptyFolder(dir);
  const desiredFile = join(root, 'desired-state.yaml');
  const iniFile = join(root, 'etc/bootstrap/bootstrap.ini');

  cpSync(join(example, 'server'), root, { recursive: true });
  cpSync(join(example, 'desired-state.yaml'), desiredFile);

  // In one pass, so that a port which is another's written number is not replaced twice.
  const written = new RegExp(`\\b(?:${Object.keys(ports).join('|')})\\b`, 'gu');
  for (const file of [desiredFile, iniFile]) {
    edit(file, (text) => text.replace(written, (port) => ports[port]));
  }
  for (const [product, version] of Object.entries(versions)) {
    const declared = new RegExp(`(?<=^ {2}${product}:\\n {4}version: ).*$`, 'm');
    edit(desiredFile, (text) => text.replace(declared, () => JSON.stringify(version)));
  }
  // The scripts find the node that runs now first, also where it comes from a version manager.
  edit(iniFile, (text) =>
    text.replace(/^(path\s*=\s*)/m, (key) => `${key}${dirname(process.execPath)}:`),
  );
  // The editor's schema is where it was; only the file that points to it has moved.
  edit(desiredFile, (text) =>
    text.replace(/(?<=\$schema=)\S+/, (schema) => resolve(example, schema)),
  );

  tidyPermissions(root);
  return { root, desiredFile };
}

function makeEmptyFolder(dir) {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  if (readdirSync(dir).length > 0) {
    throw new Error(
      `${dir} is not empty. Name a folder that is empty, or that does not exist yet.`,
    );
  }
  return realpathSync(dir);
}

function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

// bootstrap refuses scripts that others could have written. A checkout made under umask 002 is group-writable, and a
// download may have lost its run bits, so nothing is taken over from there.
function tidyPermissions(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) tidyPermissions(path);
    else chmodSync(path, readFileSync(path, 'utf8').startsWith('#!') ? 0o755 : 0o644);
  }
}

/** As many ports as are asked for, free now; all are held until all are known, so that they differ. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) await once(server.close(), 'close');
  return ports;
}

/**
 * The version of a Debian package that this machine's apt offers, else the installed one; the package lists are fetched (which
 * needs root) only when apt knows neither. Throws when it knows none even then.
 */
export function offeredVersion(name) {
  const version = aptPolicy(name);
  if (version !== undefined) return version;
  apt('apt-get', ['update', '-qq']);
  const updated = aptPolicy(name);
  if (updated === undefined) throw new Error(`apt offers no ${name}: see apt-cache policy ${name}`);
  return updated;
}

function aptPolicy(name) {
  const text = apt('apt-cache', ['policy', name]);
  const [candidate, installed] = ['Candidate', 'Installed'].map(
    (key) => new RegExp(`^ *${key}: (\\S+)$`, 'mu').exec(text)?.[1],
  );
  return [candidate, installed].find((found) => found !== undefined && found !== '(none)');
}

function apt(program, args) {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    timeout: APT_TIMEOUT_MS,
  });
}

/** Runs `main(dir)` when `here` is the file that node was given, prints what it says, and turns its error into a line and exit 1. */
export async function asProgram(here, main) {
  const [, program, dir] = process.argv;
  if (!program || here !== pathToFileURL(realpathSync(program)).href) return;
  try {
    if (dir === undefined) throw new Error('Usage: node setup.mjs DIR');
    console.log(await main(dir));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
