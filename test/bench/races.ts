import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Contestant, Race } from './measure.ts';
import {
  createServer,
  editOneSetting,
  emptyFolder,
  managedFiles,
  S,
  type Size,
} from './workload.ts';

const PROGRAM = resolve('dist/bootstrap.cjs');
const FLOORS = resolve('test/bench/floors');

/** Where races are run, and how often each program is. */
export interface Ground {
  readonly folder: string;
  readonly floor: string;
  readonly rounds: number;
}

const EMPTY: Contestant = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] };

/** Starting, and a small server that is as it should be. */
export function startRace({ folder, rounds }: Ground): Race {
  const server = converged(join(folder, 'start'), S);
  return {
    title: 'start, and S as it should be',
    rounds: rounds * 3,
    contestants: [
      EMPTY,
      { name: '--version', argv: [process.execPath, PROGRAM, '--version'] },
      bootstrap('plan', server),
      bootstrap('apply', server),
      ...cfengine(join(folder, 'start-cfengine'), server),
    ],
  };
}

/** A server that is as it should be, beside the floors and whoever else is installed. */
export function noopRace(size: Size, { folder, floor, rounds }: Ground): Race {
  const server = converged(join(folder, size.name), size);
  const edited = converged(join(folder, `${size.name}-edited`), size);
  const cold = converged(join(folder, `${size.name}-cold`), size);
  const manifest = describe(server.root, join(folder, `${size.name}-manifest`));
  const mirror = copyManaged(server.root, join(folder, `${size.name}-mirror`));
  const nodeRoot = join(folder, `${size.name}-node`);
  return {
    title: `${size.name} as it should be`,
    rounds,
    contestants: [
      EMPTY,
      { name: 'c-floor', argv: [floor, ...manifest, server.root] },
      nodeFloor(server.desired, nodeRoot),
      bootstrap('plan', server),
      bootstrap('apply', server),
      {
        ...bootstrap('plan', edited),
        name: 'plan, one setting edited',
        before: (round) => {
          // As left by the apply of the edition before.
          apply(edited);
          editOneSetting(edited.desired, size, round);
        },
      },
      { ...bootstrap('apply', cold), name: 'apply, nothing cached', before: () => forget(cold) },
      ...cfengine(join(folder, `${size.name}-cfengine`), server),
      ...installed('rsync', {
        name: 'rsync -c',
        argv: ['rsync', '-rpc', `${mirror}/`, `${server.root}/`],
      }),
    ],
  };
}

/** Everything is to be put in place, durably. */
export function firstRace(size: Size, { folder, floor, rounds }: Ground): Race {
  const server = converged(join(folder, `${size.name}-done`), size);
  const manifest = describe(server.root, join(folder, `${size.name}-done-manifest`));
  const at = (name: string): string => join(folder, `${size.name}-first-${name}`);
  const anew = { root: at('bootstrap'), desired: join(at('bootstrap'), 'desired-state.yaml') };
  const before = (root: string, fill: () => void) => (round: number) => {
    emptyFolder(root, round);
    fill();
    spawnSync('sync', ['-f', root]);
  };
  const nothing = (): void => {};
  return {
    title: `${size.name} from nothing, durable`,
    rounds,
    contestants: [
      {
        name: 'c-floor, fsync',
        argv: [floor, ...manifest, at('c'), 'apply'],
        before: before(at('c'), nothing),
      },
      { ...nodeFloor(server.desired, at('node')), before: before(at('node'), nothing) },
      {
        ...bootstrap('apply', anew, ['--yes']),
        before: before(anew.root, () => createServer(anew.root, size)),
      },
    ],
  };
}

/** What it takes to carry out one change, beyond planning it. */
export function changeRace(size: Size, { folder, rounds }: Ground): Race {
  const planned = converged(join(folder, `${size.name}-planned`), size);
  const applied = converged(join(folder, `${size.name}-applied`), size);
  return {
    title: `${size.name}, one setting changed`,
    rounds: rounds * 2,
    contestants: [
      {
        ...bootstrap('plan', planned),
        before: (round) => {
          apply(planned);
          editOneSetting(planned.desired, size, round);
        },
      },
      {
        ...bootstrap('apply', applied, ['--yes']),
        before: (round) => editOneSetting(applied.desired, size, round),
      },
    ],
  };
}

export const SCRIPTS = { products: 100, eachMs: 100, parallelism: 8 };

/** A hundred products with a script that takes a while. */
export function scriptsRace({ folder, rounds }: Ground): Race {
  const size = { name: 'scripts', products: SCRIPTS.products, settings: 1 };
  const root = join(folder, 'scripts');
  const script = `#!/bin/sh\nexec sleep ${SCRIPTS.eachMs / 1000}\n`;
  const prepare = (round: number): void => {
    emptyFolder(root, round);
    createServer(root, size);
    const ini = join(root, 'etc/bootstrap/bootstrap.ini');
    const sections = readFileSync(ini, 'utf8').replaceAll(
      /^config-format = ini$/gm,
      '$&\nupgrade-script = /etc/bootstrap/upgrade',
    );
    writeFileSync(ini, sections);
    writeFileSync(join(root, 'etc/bootstrap/upgrade'), script, { mode: 0o755 });
  };
  const desired = join(root, 'desired-state.yaml');
  const each = ['--yes', '--parallelism', String(SCRIPTS.parallelism)];
  return {
    title: '100 products with a script of 100 ms, 8 at a time',
    rounds: Math.min(rounds, 3),
    contestants: [{ ...bootstrap('apply', { root, desired }, each), before: prepare }],
  };
}

export const HEARTBEATS = { products: 100, slowestMs: 1000 };

/** A hundred products asked whether they live; `port` answers after as many milliseconds as the path says. */
export function heartbeatRace(port: number, { folder, rounds }: Ground): Race {
  const size = { name: 'heartbeats', products: HEARTBEATS.products, settings: 1 };
  const server = converged(join(folder, 'heartbeats'), size);
  let asked = 0;
  const text = readFileSync(server.desired, 'utf8').replaceAll(/^ {4}version:/gm, (line) => {
    asked += 1;
    const ms = (HEARTBEATS.slowestMs * asked) / HEARTBEATS.products;
    return `    heartbeat: {http: "http://127.0.0.1:${port}/${ms}", timeout: 5s}\n${line}`;
  });
  writeFileSync(server.desired, text);
  // Operators ask about what was applied.
  apply(server);
  return {
    title: '100 heartbeats, the slowest of 1 s',
    rounds: Math.min(rounds, 3),
    contestants: [bootstrap('heartbeat', server)],
  };
}

interface Server {
  readonly root: string;
  readonly desired: string;
}

function bootstrap(
  command: string,
  { root, desired }: Server,
  options: readonly string[] = [],
): Contestant {
  const argv = [process.execPath, PROGRAM, '--root', root, command, '-f', desired, ...options];
  return { name: command, argv };
}

function converged(root: string, size: Size): Server {
  const server = { root, desired: createServer(root, size) };
  apply(server);
  return server;
}

function apply(server: Server): void {
  const [program = '', ...args] = bootstrap('apply', server, ['--yes']).argv;
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`apply ended with ${status}: ${stderr}`);
}

/** Removes what is kept only to be quick. */
function forget({ root }: Server): void {
  rmSync(join(root, 'var/bootstrap/cache'), { recursive: true, force: true });
}

function nodeFloor(desired: string, root: string): Contestant {
  mkdirSync(root, { recursive: true });
  const argv = [process.execPath, join(FLOORS, 'node-floor.mjs'), desired, root, 'apply'];
  return { name: 'node-floor', argv };
}

function cfengine(root: string, { desired }: Server): readonly Contestant[] {
  mkdirSync(root, { recursive: true });
  return installed('cf-agent', {
    name: 'CFEngine',
    argv: ['cf-agent', '-KI', '-f', join(FLOORS, 'cfengine.cf')],
    env: { BENCH_ROOT: root, BENCH_DESIRED: desired },
  });
}

function installed(program: string, contestant: Contestant): readonly Contestant[] {
  const { status } = spawnSync('sh', ['-c', 'command -v "$0"', program]);
  return status === 0 ? [contestant] : [];
}

/** Writes what the C floor compares with: the files of a server by name and length, and their bytes. */
function describe(root: string, path: string): readonly string[] {
  const files = managedFiles(root).map((file) => ({ file, bytes: readFileSync(join(root, file)) }));
  writeFileSync(path, files.map(({ file, bytes }) => `${file}\t${bytes.length}\n`).join(''));
  writeFileSync(`${path}.bytes`, Buffer.concat(files.map(({ bytes }) => bytes)));
  return [path, `${path}.bytes`];
}

function copyManaged(root: string, mirror: string): string {
  for (const file of managedFiles(root)) {
    mkdirSync(dirname(join(mirror, file)), { recursive: true });
    cpSync(join(root, file), join(mirror, file), { preserveTimestamps: true });
  }
  return mirror;
}
