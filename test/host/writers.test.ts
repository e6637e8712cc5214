import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBeingWritten } from '../../src/host/writers.ts';
import { hostPath } from '../../src/model/ids.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY_ID = 65_534;
let folder: string;
let open: number[];

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-writers-'));
  open = [];
});
afterEach(() => {
  for (const file of open) fs.closeSync(file);
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string) => hostPath('', join(folder, name));
const WRITTEN = { kind: 'known', value: true };
/** In a container, or not as root, nobody can say so: others may have it open. */
const NOT_WRITTEN = [
  { kind: 'known', value: false },
  { kind: 'unreadable', why: expect.stringContaining('can be seen') },
];

test.each(['w', 'a', 'r+', 'wx'])('a file open with %s is being written', async (flags) => {
  if (flags === 'r+') fs.writeFileSync(at('a'), '');
  open.push(fs.openSync(at('a'), flags));
  expect(await isBeingWritten(at('a'))).toEqual(WRITTEN);
});

test('by another process, until it closes it', async () => {
  const writer = spawn(
    '/bin/sh',
    ['-c', 'exec 3>a; echo open; read line; exec 3>&-; echo closed; read line'],
    {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  try {
    await once(writer.stdout, 'data');
    expect(await isBeingWritten(at('a'))).toEqual(WRITTEN);
    writer.stdin.write('\n');
    await once(writer.stdout, 'data');
    expect(await isBeingWritten(at('a'))).toBeOneOf(NOT_WRITTEN);
  } finally {
    writer.kill('SIGKILL');
  }
  await once(writer, 'close');
});

test('through a link, and by the name that it was given while it was open', async () => {
  open.push(fs.openSync(at('temp'), 'w'));
  fs.renameSync(at('temp'), at('a'));
  fs.symlinkSync('a', at('link'));
  expect(await isBeingWritten(at('a'))).toEqual(WRITTEN);
  expect(await isBeingWritten(at('link'))).toEqual(WRITTEN);
});

test('a file that is only read is not, nor is one of the same name elsewhere, or that was there before', async () => {
  fs.writeFileSync(at('a'), '');
  fs.mkdirSync(at('other'));
  open.push(
    fs.openSync(at('a'), 'r'),
    fs.openSync(at('other/a'), 'w'),
    fs.openSync(at('before'), 'w'),
  );
  fs.writeFileSync(at('after'), '');
  fs.renameSync(at('after'), at('before'));
  expect(await isBeingWritten(at('a'))).toBeOneOf(NOT_WRITTEN);
  expect(await isBeingWritten(at('before'))).toBeOneOf(NOT_WRITTEN);
});

test('a file that is not there is absent', async () => {
  expect(await isBeingWritten(at('none'))).toEqual({ kind: 'absent' });
});

test.runIf(isRoot)('not as root, one that is not seen to be written may be', async () => {
  fs.writeFileSync(at('a'), '');
  fs.chmodSync(folder, 0o755);
  process.seteuid?.(NOBODY_ID);
  try {
    expect(await isBeingWritten(at('a'))).toEqual({
      kind: 'unreadable',
      why: `${at('a')}: not every process that could write to it can be seen`,
    });
  } finally {
    process.seteuid?.(0);
  }
});

test('on a file system that is not of this machine alone, too', async () => {
  expect(await isBeingWritten(hostPath('', '/proc/self/status'))).toMatchObject({
    kind: 'unreadable',
  });
});
