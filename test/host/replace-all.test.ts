import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDisk, type Disk } from '../../src/host/disk.ts';
import { createFiles } from '../../src/host/files.ts';
import type { FileWrite } from '../../src/host/host.ts';
import { hostPath } from '../../src/model/ids.ts';

const done = { ok: true, value: undefined };
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-replace-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const write = (name: string, text: string, modeBits = 0o644): FileWrite => ({
  path: hostPath('', join(folder, name)),
  text,
  modeBits,
});
const put = (name: string, text: string): void => fs.writeFileSync(join(folder, name), text);
const textOf = (name: string): string => fs.readFileSync(join(folder, name), 'utf8');
const all = (): readonly string[] =>
  fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();

test('puts many files in place, folders made first, each with its bits, and leaves nothing beside them', async () => {
  put('b', 'old');
  const waves = [
    [write('a/x', '1'), write('a/y', '2', 0o600)],
    [write('b', '3'), write('c', '4')],
  ];
  expect(await createFiles().replaceAll(waves)).toEqual(done);
  expect(all()).toEqual(['a', 'a/x', 'a/y', 'b', 'c']);
  expect(['a/x', 'a/y', 'b', 'c'].map(textOf)).toEqual(['1', '2', '3', '4']);
  expect(fs.statSync(join(folder, 'a/y')).mode & 0o777).toBe(0o600);
});

test('writes nothing where a file holds its text already', async () => {
  put('a', 'same');
  const before = fs.statSync(join(folder, 'a')).ino;
  expect(await createFiles().replaceAll([[write('a', 'same'), write('b', 'new')]])).toEqual(done);
  expect(fs.statSync(join(folder, 'a')).ino).toBe(before);
  expect(textOf('b')).toBe('new');
});

test('where one cannot be written, none is, and its path is named', async () => {
  put('a', 'old');
  fs.mkdirSync(join(folder, 'b'));
  const waves = [[write('a', 'new')], [write('b', 'a folder stands there')]];
  expect(await createFiles().replaceAll(waves)).toMatchObject({
    error: { code: 'file-unusable', path: join(folder, 'b'), why: 'it is a folder, not a file' },
  });
  expect(textOf('a')).toBe('old');
  expect(all()).toEqual(['a', 'b']);
});

test('where a wave cannot be synced, no later one is begun', async () => {
  put('a', 'old');
  put('b', 'old');
  let isPlaced = false;
  const disk: Disk = {
    ...nodeDisk,
    rename(from, to) {
      isPlaced = true;
      nodeDisk.rename(from, to);
    },
    async flush(file) {
      if (isPlaced) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      await nodeDisk.flush(file);
    },
  };
  const waves = [[write('a', 'new')], [write('b', 'new')]];
  expect(await createFiles(disk).replaceAll(waves)).toMatchObject({
    error: { path: join(folder, 'a'), why: 'i/o error' },
  });
  expect([textOf('a'), textOf('b')]).toEqual(['new', 'old']);
  expect(all()).toEqual(['a', 'b']);
});

test('what one is still writing no other one takes for a leftover', async () => {
  const files = createFiles();
  const names = Array.from({ length: 20 }, (_, index) => `file-${index}`);
  const writes = names.map((name) => files.replaceAll([[write(name, name)]]));
  expect(await Promise.all(writes)).toEqual(names.map(() => done));
  expect(names.map(textOf)).toEqual(names);
});
