import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../src/host/clock.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { watchPaths } from '../../src/host/watcher.ts';
import { hostPath } from '../../src/model/ids.ts';
import { until } from './until.ts';

const { watcher } = createNodeHost();
/** The first comes before anything is watched, the second when all is. */
const HINTS_AT_START = 2;
/** A write is two events, emptied and written, which may come in two turns of the event loop. */
const HINTS_OF_A_WRITE_MAX = 2;
const OTHERS = 50;
/** More than chokidar is given to read at each event. */
const MANY = 600;
/** So that a minute is a moment, and chokidar still ready in its time. */
const FAST = 20;

let folder: string;
let ending: AbortController;
let watching: Promise<void>;
let hints: number;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-watcher-'));
  ending = new AbortController();
  watching = Promise.resolve();
  hints = 0;
});
afterEach(async () => {
  ending.abort();
  await watching;
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const turn = async () => await new Promise(setImmediate);
const watchFile = async (name: string) => {
  watching = watcher.watch([hostPath('', at(name))], {
    signal: ending.signal,
    onHint: () => (hints += 1),
  });
  await until(() => hints >= HINTS_AT_START);
};
const hintedBy = async (act: () => void) => {
  const before = hints;
  act();
  await until(() => hints > before);
};
/** What the kernel watches for this process. */
const kernelWatches = () =>
  fs
    .readdirSync('/proc/self/fdinfo')
    .flatMap((file) => readIfThere(`/proc/self/fdinfo/${file}`).split('\n'))
    .filter((line) => line.startsWith('inotify wd:')).length;

function readIfThere(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return ''; // closed meanwhile
  }
}

test('other files of the folder are no hint', async () => {
  fs.writeFileSync(at('a'), '1');
  await watchFile('a');
  const before = hints;
  for (let count = 0; count < OTHERS; count += 1) {
    fs.writeFileSync(at(`other-${count}`), '');
    await turn();
  }
  await hintedBy(() => fs.writeFileSync(at('a'), '2'));
  expect(hints - before).toBeLessThanOrEqual(HINTS_OF_A_WRITE_MAX);
});

test('many changes in one turn of the event loop are one hint', async () => {
  await watchFile('a');
  const before = hints;
  await hintedBy(() => {
    for (let count = 0; count < OTHERS; count += 1) fs.writeFileSync(at('a'), String(count));
  });
  expect(hints - before).toBe(1);
});

test('a folder with very many names is looked at by the poll', async () => {
  for (let count = 0; count < MANY; count += 1) fs.writeFileSync(at(`other-${count}`), '');
  const before = kernelWatches();
  await watchFile('a');
  expect(kernelWatches()).toBe(before);
  await hintedBy(() => fs.writeFileSync(at('a'), '1'));
  await hintedBy(() => fs.writeFileSync(at('a'), '2'));
});

test('a folder that could not be watched is tried again', async () => {
  for (let count = 0; count < MANY; count += 1) fs.writeFileSync(at(`other-${count}`), '');
  const before = kernelWatches();
  const clock = createClock();
  watching = watchPaths(
    {
      ...clock,
      monotonicMs: () => clock.monotonicMs() * FAST,
      sleep: async (ms, signal) => await clock.sleep(ms / FAST, signal),
    },
    [hostPath('', at('a'))],
    { signal: ending.signal, onHint: () => (hints += 1) },
  );
  await until(() => hints >= HINTS_AT_START);
  expect(kernelWatches()).toBe(before);
  for (let count = 0; count < MANY; count += 1) fs.rmSync(at(`other-${count}`));
  await until(() => kernelWatches() > before);
});

test('links in a circle, and a folder that is a file, are watched like anything else', async () => {
  fs.symlinkSync('b', at('a'));
  fs.symlinkSync('a', at('b'));
  await watchFile('a/x/y');
  await hintedBy(() => {
    fs.rmSync(at('b'));
    fs.writeFileSync(at('b'), '');
  });
  await hintedBy(() => {
    fs.rmSync(at('b'));
    fs.mkdirSync(at('b'));
  });
  await hintedBy(() => fs.mkdirSync(at('b/x')));
  await hintedBy(() => fs.writeFileSync(at('b/x/y'), ''));
});

test('the kernel watches the folders in which a name decides, and none once it is called off', async () => {
  const before = kernelWatches();
  fs.mkdirSync(at('v1/app'), { recursive: true });
  fs.symlinkSync('v1', at('current'));
  await watchFile('current/app/a');
  expect(kernelWatches() - before).toBe(2); // that of the link, and that of the file
  ending.abort();
  await watching;
  expect(kernelWatches()).toBe(before);
});

test('nothing is hinted once it is called off', async () => {
  await watchFile('a');
  ending.abort();
  await watching;
  const before = hints;
  fs.writeFileSync(at('a'), '');
  await turn();
  await turn();
  expect(hints).toBe(before);
});

test('a mark is another one where a file was written, chmodded or replaced; its inode only where it was replaced', () => {
  const path = hostPath('', at('a'));
  const look = () => {
    const mark = watcher.mark(path);
    if (mark.kind !== 'known') throw new Error(mark.kind);
    return mark.value;
  };
  fs.writeFileSync(path, '1');
  const first = look();
  expect(look()).toEqual(first);
  fs.writeFileSync(path, '22');
  const second = look();
  expect(second.inode).toBe(first.inode);
  expect(second.state).not.toBe(first.state);
  fs.writeFileSync(at('b'), '22');
  fs.renameSync(at('b'), path);
  expect(look().inode).not.toBe(first.inode);
  fs.rmSync(path);
  expect(watcher.mark(path)).toEqual({ kind: 'absent' });
  expect(watcher.mark(hostPath('', at('a/under')))).toEqual({ kind: 'absent' });
});
