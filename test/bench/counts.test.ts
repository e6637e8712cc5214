// Keeps what a run asks of the system within bounds. Times depend on the machine and on who else uses it; these counts do not.
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trace, type Traced } from './traced.ts';
import { createServer, editOneSetting, M, managedFiles } from './workload.ts';

/** strace makes a run several times as long, and other tests run beside it. */
const TIME_LIMIT_MS = 60_000;
/** Records of a product: version, repository, status, settings.json, config-digest; and its config file. */
const FILES_A_PRODUCT = 6;
/** What a first apply waits for of each: the name of its folder, each of its files (`upgrading` is one more), the folder after each that must not come before another, two lines of the journal. */
const SYNCS_A_PRODUCT = 15;
/** What is opened for a first apply: all that is looked for, before and after; what is written and synced. */
const OPENED_A_PRODUCT = 22;
/** What is not of one product: bootstrap.ini, the desired state, what is kept of both, server-mode, the newest journal and its name … */
const FILES_OF_A_LOOK = 8;
/** … and with those the lock, the last generation, status.json, and what might say that something is to be told, waits or is left open. */
const FILES_OF_A_RUN = 24;

const root = realpathSync(mkdtempSync(join(tmpdir(), 'bootstrap-counts-')));
let desired = '';
let first: Traced;

beforeAll(() => {
  desired = createServer(root, M);
  first = run('apply', '--yes', '-f', desired);
  expect(first.exitCode).toBe(0);
}, TIME_LIMIT_MS);
afterAll(() => rmSync(root, { recursive: true }));

const run = (...args: readonly string[]): Traced => trace(root, ['--root', root, ...args]);
const files = ({ opened }: Traced): number =>
  [...opened.values()].reduce((sum, count) => sum + count, 0);
const sizeOf = (path: string): number => statSync(join(root, path)).size;
const managedBytes = (): number => managedFiles(root).reduce((sum, path) => sum + sizeOf(path), 0);

test('the version is told by one file', () => {
  const { exitCode, chunks, modules, opened, syncs } = trace(root, ['--version']);
  expect({ exitCode, chunks, modules, syncs, opened: opened.size }).toEqual({
    exitCode: 0,
    chunks: ['bootstrap.cjs'],
    modules: 0,
    syncs: 0,
    opened: 0,
  });
});

test('a first apply waits for the disk as often as each product needs, and starts nothing', () => {
  expect(first).toMatchObject({ programs: 1, modules: 0 });
  expect(first.syncs).toBeLessThanOrEqual(M.products * SYNCS_A_PRODUCT + FILES_OF_A_RUN);
  expect(files(first)).toBeLessThanOrEqual(M.products * OPENED_A_PRODUCT + FILES_OF_A_RUN);
});

test(
  'a plan of nothing to do reads each file of a product once, starts nothing and writes nothing',
  () => {
    const plan = run('plan', '-f', desired);
    expect(plan).toMatchObject({ exitCode: 0, programs: 1, syncs: 0, modules: 0 });
    const twice = [...plan.opened].filter(
      ([path, count]) => count > 1 && path.includes('product-'),
    );
    expect(twice).toEqual([]);
    expect(files(plan)).toBeLessThanOrEqual(M.products * FILES_A_PRODUCT + FILES_OF_A_LOOK);
    // What most products do not have is not tried to open.
    expect(plan.missed).toBeLessThanOrEqual(FILES_OF_A_LOOK);
    expect(managedFiles(root).filter((path) => !plan.opened.has(path))).toEqual([]);
    // The records repeat the settings, what is kept repeats the desired state twice, and what the files hold.
    expect(plan.bytesRead).toBeLessThanOrEqual(
      managedBytes() * 4 + sizeOf('desired-state.yaml') * 5,
    );
    // No parser, no validator, no format of a config file, and nothing that acts.
    expect(plan.chunks).toEqual([
      'bootstrap.cjs',
      'chunk-cli-commands-plan.cjs',
      'chunk-cli-program.cjs',
    ]);
  },
  TIME_LIMIT_MS,
);

test(
  'an apply of nothing to do syncs no more than what tells that it ended',
  () => {
    const apply = run('apply', '-f', desired);
    expect(apply).toMatchObject({ exitCode: 0, programs: 1, modules: 0 });
    expect(apply.syncs).toBeLessThanOrEqual(4);
    expect(files(apply)).toBeLessThanOrEqual(M.products * FILES_A_PRODUCT + FILES_OF_A_RUN);
    expect(apply.missed).toBeLessThanOrEqual(FILES_OF_A_RUN);
    // As above; the last generation and what is told of each product repeat the desired state as well.
    expect(apply.bytesRead).toBeLessThanOrEqual(
      managedBytes() * 4 + sizeOf('desired-state.yaml') * 7,
    );
    expect(apply.chunks).toEqual([
      'bootstrap.cjs',
      'chunk-cli-commands-apply.cjs',
      'chunk-cli-program.cjs',
      'chunk-host-lock.cjs',
    ]);
  },
  TIME_LIMIT_MS,
);

test(
  'one change costs what one product costs, whatever else there is',
  () => {
    editOneSetting(desired, M, 1);
    const plan = run('plan', '-f', desired);
    expect(plan).toMatchObject({ exitCode: 0, programs: 1, syncs: 0, modules: 0 });
    expect(files(plan)).toBeLessThanOrEqual(M.products * FILES_A_PRODUCT + FILES_OF_A_LOOK);
    const apply = run('apply', '-f', desired, '--yes');
    expect(apply).toMatchObject({ exitCode: 0, programs: 1, modules: 0 });
    // Journal, config file, records, generation, status, what is kept of the reading: each with its folder.
    expect(apply.syncs).toBeLessThanOrEqual(29);
    // What it did is looked at once more, and nothing else is; each write opens a folder or two.
    expect(files(apply)).toBeLessThanOrEqual(M.products * FILES_A_PRODUCT + 5 * FILES_OF_A_RUN);
    const twice = [...apply.opened].filter(
      ([path, count]) => count > 1 && path.includes('product-') && !path.includes('product-0050'),
    );
    expect(twice).toEqual([]);
    expect(readdirSync(join(root, 'var/bootstrap/cache'))).toEqual(['desired-state']);
  },
  TIME_LIMIT_MS,
);
