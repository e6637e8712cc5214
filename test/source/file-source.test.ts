import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '../../src/host/node-host.ts';
import { known, unreadable } from '../../src/model/fact.ts';
import { until } from '../host/until.ts';
import { follow as followPaths, type Followed } from './followed.ts';

const real = createNodeHost();
/** So that half a minute is a moment. */
const FAST = 100;
/** So that no machine is busy enough to take a pause of a writer for its end. */
const SLOWLY = 0.05;
/** As long as open(2) was seen to take on a busy disk, and longer. */
const OPENING_MS = 100;
let folder: string;
let followed: Followed[];
let children: ChildProcess[];

beforeEach(() => {
  // Two down from /tmp, as a file on a server is some folders down.
  folder = join(fs.mkdtempSync(join(tmpdir(), 'bootstrap-source-')), 'etc');
  fs.mkdirSync(folder);
  followed = [];
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(followed.map(async ({ end }) => await end()));
  fs.rmSync(join(folder, '..'), { recursive: true });
});

const at = (name: string) => join(folder, name);
const put = (name: string, text: string) => fs.writeFileSync(at(name), text);
const putFolder = (name: string, text: string) => {
  fs.mkdirSync(at(name));
  put(`${name}/a.yaml`, text);
};
/** `ln -s` and a rename, as `ln -sfn` alone is not atomic. */
const link = (target: string, name: string) => {
  fs.symlinkSync(target, at(`${name}.new`));
  fs.renameSync(at(`${name}.new`), at(name));
};
const shell = (line: string) => execFileSync('/bin/sh', ['-ec', line], { cwd: folder });
const follow = async (names: readonly string[], over: Parameters<typeof followPaths>[1] = {}) => {
  const one = await followPaths(names.map(at), over);
  followed.push(one);
  return one;
};

describe('a file that holds v1 is followed, and v2 is told once, when', () => {
  test.each<[string, () => void]>([
    ['it is written in place', () => put('a.yaml', 'v2')],
    ['it is written in place by another process', () => shell('printf v2 > a.yaml')],
    ['it is written in place without being emptied first', () => shell('printf v2 1<> a.yaml')],
    ['another one is renamed over it', () => shell('printf v2 > .tmp; mv .tmp a.yaml')],
    [
      'an editor moves it away, and makes it anew',
      () => shell('mv a.yaml a.yaml~; printf v2 > a.yaml; rm a.yaml~'),
    ],
    ['sed -i', () => shell('sed -i s/v1/v2/ a.yaml')],
    ['it is deleted and made again', () => shell('rm a.yaml; printf v2 > a.yaml')],
    [
      'its folder is deleted and made again',
      () => shell('cd ..; rm -r etc; mkdir etc; printf v2 > etc/a.yaml'),
    ],
    [
      'its folder is replaced by rename',
      () => shell('cd ..; mkdir new; printf v2 > new/a.yaml; mv etc old; mv new etc; rm -r old'),
    ],
    ['it becomes a link', () => shell('printf v2 > b; ln -sf b a.yaml')],
    ['rsync', () => shell('printf v2 > b; rsync --checksum b a.yaml')],
    ['rsync --inplace', () => shell('printf v2 > b; rsync --checksum --inplace b a.yaml')],
    [
      'it gets the same size and the same time of change as before',
      () => shell('touch -r a.yaml stamp; printf v2 > a.yaml; touch -r stamp a.yaml'),
    ],
  ])('%s', async (_, act) => {
    put('a.yaml', 'v1');
    const { told, tells } = await follow(['a.yaml']);
    act();
    await tells('v2');
    expect(told).toEqual(['v2']);
  });
});

describe('of a file that is a link, or has links above it, v2 is told once when', () => {
  test.each<[string, () => void, () => void]>([
    [
      'the link is replaced by rename',
      () => shell('printf v1 > one; printf v2 > two; ln -s one a.yaml'),
      () => link('two', 'a.yaml'),
    ],
    [
      'ln -sfn',
      () => shell('printf v1 > one; printf v2 > two; ln -s one a.yaml'),
      () => shell('ln -sfn two a.yaml'),
    ],
    [
      'what it leads to is written, in another folder',
      () => shell('mkdir ../far; printf v1 > ../far/one; ln -s ../far/one a.yaml'),
      () => shell('printf v2 > ../far/one'),
    ],
    [
      'what it leads to is made, by an absolute link',
      () => shell(`printf v1 > one; ln -s one b; ln -s "$PWD/b" a.yaml`),
      () => shell('printf v2 > two; ln -sfn two b'),
    ],
  ])('%s', async (_, before, act) => {
    before();
    const { told, tells } = await follow(['a.yaml']);
    act();
    await tells('v2');
    expect(told).toEqual(['v2']);
  });

  test('the link to the release in use is changed, again and again', async () => {
    for (const version of ['v1', 'v2', 'v3', 'v4']) putFolder(version, version);
    link('v1', 'current');
    const { told, tells } = await follow(['current/a.yaml']);
    for (const version of ['v2', 'v3', 'v4', 'v1']) {
      link(version, 'current');
      await tells(version);
    }
    put('v1/a.yaml', 'v1.1');
    await tells('v1.1');
    expect(told).toEqual(['v2', 'v3', 'v4', 'v1', 'v1.1']);
  });

  test('Kubernetes swaps ..data, again and again', async () => {
    shell('mkdir ..1; printf v1 > ..1/a.yaml; ln -s ..1 ..data; ln -s ..data/a.yaml a.yaml');
    const { told, tells } = await follow(['a.yaml']);
    for (const version of [2, 3, 4]) {
      putFolder(`..${version}`, `v${version}`);
      link(`..${version}`, '..data');
      fs.rmSync(at(`..${version - 1}`), { recursive: true });
      await tells(`v${version}`);
    }
    expect(told).toEqual(['v2', 'v3', 'v4']);
  });
});

describe('nothing is told when the file is only', () => {
  test.each<[string, () => void]>([
    ['touched', () => shell('touch a.yaml')],
    ['given other permissions', () => shell('chmod 600 a.yaml')],
    ['written with what it held', () => shell('printf v1 > a.yaml')],
    ['replaced by one that holds the same', () => shell('printf v1 > .tmp; mv .tmp a.yaml')],
  ])('%s', async (_, act) => {
    put('a.yaml', 'v1');
    const { told, hintedBy } = await follow(['a.yaml']);
    await hintedBy(act);
    expect(told).toEqual([]);
  });
});

describe('a file that is not there is told when it is made', () => {
  test('in a folder that is there', async () => {
    const { told, tells } = await follow(['a.yaml']);
    put('a.yaml', 'v1');
    await tells('v1');
    expect(told).toEqual(['v1']);
  });

  test('with the folders above it, one after the other', async () => {
    const { told, tells, hintedBy } = await follow(['x/y/z/a.yaml']);
    for (const name of ['x', 'x/y', 'x/y/z']) await hintedBy(() => fs.mkdirSync(at(name)));
    put('x/y/z/a.yaml', 'v1');
    await tells('v1');
    expect(told).toEqual(['v1']);
  });

  test('with the folders above it, all at once', async () => {
    const { told, tells } = await follow(['x/y/z/a.yaml']);
    shell('mkdir -p x/y/z; printf v1 > x/y/z/a.yaml');
    await tells('v1');
    expect(told).toEqual(['v1']);
  });

  test('where a link leads to it', async () => {
    shell('ln -s ../far/one a.yaml');
    const { told, tells } = await follow(['a.yaml']);
    shell('mkdir ../far; printf v1 > ../far/one');
    await tells('v1');
    expect(told).toEqual(['v1']);
  });
});

test('a file that goes is told once, and so is its return', async () => {
  put('a.yaml', 'v1');
  const { told, tells } = await follow(['a.yaml']);
  fs.rmSync(at('a.yaml'));
  await tells('(absent)');
  put('a.yaml', 'v1');
  await tells('v1');
  expect(told).toEqual(['(absent)', 'v1']);
});

test('a file that is moved away for a moment is not told gone', async () => {
  put('a.yaml', 'v1');
  const { told, tells, looks } = await follow(['a.yaml'], { clock: ticking(SLOWLY) });
  fs.renameSync(at('a.yaml'), at('a.yaml~'));
  await until(() => looks.gone > 0);
  put('a.yaml', 'v2');
  await tells('v2');
  expect(told).toEqual(['v2']);
});

test('of several files all are told, as they stood together', async () => {
  putFolder('v1', 'a1');
  put('v1/b.yaml', 'b1');
  putFolder('v2', 'a2');
  put('v2/b.yaml', 'b2');
  link('v1', 'current');
  const { told, tells } = await follow(['current/a.yaml', 'current/b.yaml']);
  link('v2', 'current');
  await tells('a2 | b2');
  put('v2/b.yaml', 'b3');
  await tells('a2 | b3');
  expect(told).toEqual(['a2 | b2', 'a2 | b3']);
});

test('files that change between one reading of them and the next are read again', async () => {
  putFolder('v1', 'a1');
  put('v1/b.yaml', 'b1');
  putFolder('v2', 'a2');
  put('v2/b.yaml', 'b2');
  link('v1', 'current');
  let isToSwap = false;
  const { told, read } = await follow(['current/a.yaml', 'current/b.yaml'], {
    files: {
      ...real.files,
      read(path) {
        const text = real.files.read(path);
        if (isToSwap) link('v2', 'current');
        isToSwap = false;
        return text;
      },
    },
  });
  isToSwap = true;
  expect(await read()).toBe('a2 | b2');
  expect(told).not.toContain('a1 | b2');
});

test('what is read in between is not told again', async () => {
  put('a.yaml', 'v1');
  const { told, read, tells } = await follow(['a.yaml']);
  put('a.yaml', 'v2');
  expect(await read()).toBe('v2');
  put('a.yaml', 'v3');
  await tells('v3');
  // v2 is told where a hint came before it was read.
  expect(told.filter((text) => text !== 'v2')).toEqual(['v3']);
});

test('a change far above, of which no event tells, is found by the poll', async () => {
  putFolder('x', '');
  shell('mkdir -p x/y/z; printf v1 > x/y/z/a.yaml; cp -r x new; printf v2 > new/y/z/a.yaml');
  const { told, tells } = await follow(['x/y/z/a.yaml']);
  shell('mv x old; mv new x');
  await tells('v2');
  put('x/y/z/a.yaml', 'v3');
  await tells('v3');
  expect(told).toEqual(['v2', 'v3']);
});

describe('a file that is being written is never told half', () => {
  test('however long its writer pauses', async () => {
    put('a.yaml', 'whole');
    const { told, tells, read } = await follow(['a.yaml']);
    const writer = start('exec > a.yaml; for part in 1 2 3; do printf $part; sleep 1; done');
    await until(() => fs.readFileSync(at('a.yaml'), 'utf8') === '1');
    expect(await read()).toBe('123');
    await ended(writer);
    put('a.yaml', 'v2');
    await tells('v2');
    expect(told.filter((text) => text !== '123')).toEqual(['v2']);
  });

  test('nor between two goes of a script', async () => {
    put('a.yaml', 'v1');
    const { told, tells, looks } = await follow(['a.yaml'], { clock: ticking(SLOWLY) });
    const before = looks.all;
    put('a.yaml', '1');
    await until(() => looks.all > before);
    fs.appendFileSync(at('a.yaml'), '2');
    await tells('12');
    expect(told).toEqual(['12']);
  });

  test('also when it was made anew under its name', async () => {
    put('a.yaml', 'whole');
    const { told, tells, looks } = await follow(['a.yaml']);
    fs.renameSync(at('a.yaml'), at('a.yaml~'));
    const file = fs.openSync(at('a.yaml'), 'wx');
    fs.writeSync(file, '1');
    await until(() => looks.written > 2);
    fs.writeSync(file, '2');
    fs.closeSync(file);
    await tells('12');
    expect(told).toEqual(['12']);
  });

  test('nor empty, when it was emptied before its writer could be seen', async () => {
    put('a.yaml', 'v1');
    let openUntilMs = 0;
    const { told, tells, looks } = await follow(['a.yaml'], {
      watcher: {
        ...real.watcher,
        async isBeingWritten(path) {
          // open(2) empties a file, and only then has the process a descriptor of it.
          const isOpening = performance.now() < openUntilMs;
          return isOpening ? known(false) : await real.watcher.isBeingWritten(path);
        },
      },
    });
    openUntilMs = performance.now() + OPENING_MS;
    const file = fs.openSync(at('a.yaml'), 'w');
    await until(() => looks.written > 2);
    fs.writeSync(file, 'v2');
    fs.closeSync(file);
    await tells('v2');
    expect(told).toEqual(['v2']);
  });

  test('also when another one is written, closed and replaced meanwhile', async () => {
    put('a.yaml', 'a1');
    put('b.yaml', 'b1');
    const { told, tells, looks } = await follow(['a.yaml', 'b.yaml']);
    const file = fs.openSync(at('b.yaml'), 'w');
    await until(() => looks.written > 2);
    put('a.yaml', 'a2');
    fs.writeSync(file, 'b2');
    fs.closeSync(file);
    await tells('a2 | b2');
    expect(told).toEqual(['a2 | b2']);
  });

  test('where writers are out of sight: it must not change for longer', async () => {
    put('a.yaml', 'whole');
    const { told, tells } = await follow(['a.yaml'], {
      clock: ticking(SLOWLY),
      watcher: {
        ...real.watcher,
        isBeingWritten: () => Promise.resolve(unreadable('out of sight')),
      },
    });
    const writer = start('exec > a.yaml; for part in 1 2 3 4 5; do printf $part; sleep 0.02; done');
    await ended(writer);
    await tells('12345');
    expect(told).toEqual(['12345']);
  });

  test('and after half a minute it is unreadable, until its writer is done', async () => {
    put('a.yaml', 'whole');
    const { told, tells, read } = await follow(['a.yaml'], { clock: ticking(FAST) });
    const file = fs.openSync(at('a.yaml'), 'w');
    fs.writeSync(file, 'v2');
    await tells('(unreadable)');
    expect(await read()).toBe('(unreadable)');
    fs.closeSync(file); // of which no event tells
    await tells('v2');
    expect(told).toEqual(['(unreadable)', 'v2']);
  });
});

test('a reading that is called off takes nothing that might be half', async () => {
  put('a.yaml', 'v1');
  const { told, read, end } = await follow(['a.yaml'], { clock: ticking(SLOWLY) });
  put('a.yaml', 'v2');
  const reading = read();
  await end();
  expect(await reading).toBe('(unreadable)');
  expect(told).toEqual([]);
});

/** The clock of this machine, for which a second passes so many times as fast. */
function ticking(speed: number) {
  const { clock } = real;
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs() * speed,
    sleep: async (ms: number, signal?: AbortSignal) => await clock.sleep(ms / speed, signal),
  };
}

function start(line: string): ChildProcess {
  const child = spawn('/bin/sh', ['-ec', line], { cwd: folder, stdio: 'ignore' });
  children.push(child);
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}
