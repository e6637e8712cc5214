import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDisk, type Disk } from '../../src/host/disk.ts';
import { createFiles } from '../../src/host/files.ts';
import type { AppendLog } from '../../src/host/host.ts';
import { createCrypto } from '../../src/host/machine.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';

let folder: string;
let path: HostPath;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-log-'));
  path = hostPath('', join(folder, 'runs/1.ndjson'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const done = { ok: true, value: undefined };
const textOf = (): string => fs.readFileSync(path, 'utf8');

/** A log on this machine's disk, but for these calls. */
function begin(calls: Partial<Disk> = {}): AppendLog {
  const made = createFiles({ ...nodeDisk, ...calls }).createLog(path);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

test('holds what was appended, line by line, for its owner alone', async () => {
  const log = begin();
  expect(textOf()).toBe('');
  expect(fs.statSync(path).mode & 0o7777).toBe(0o600);
  expect(await log.append('{"seq":1}')).toEqual(done);
  expect(textOf()).toBe('{"seq":1}\n');
  expect(await log.append('grün')).toEqual(done);
  expect(textOf()).toBe('{"seq":1}\ngrün\n');
  await log.close();
});

test('is never begun where a file is', async () => {
  await begin().close();
  expect(createFiles().createLog(path)).toEqual({
    ok: false,
    error: { code: 'file-unusable', path, why: 'file already exists', what: 'write' },
  });
});

test('leaves no file where its name cannot be made durable', () => {
  fs.mkdirSync(join(folder, 'runs'));
  let syncs = 0;
  const sync: Disk['sync'] = (file) => {
    syncs += 1;
    if (syncs === 2) failing('EIO')(); // the first one is that of the folder above
    nodeDisk.sync(file);
  };
  expect(createFiles({ ...nodeDisk, sync }).createLog(path)).toMatchObject({
    error: { code: 'file-unusable', path, why: 'i/o error' },
  });
  expect(fs.readdirSync(join(folder, 'runs'))).toEqual([]);
});

test('writes on where the system takes a line in pieces', async () => {
  const write: Disk['write'] = (file, bytes, offset) =>
    nodeDisk.write(file, bytes.subarray(0, offset + 3), offset);
  expect(await begin({ write }).append('a long line')).toEqual(done);
  expect(textOf()).toBe('a long line\n');
});

const half: Disk['write'] = (file, bytes, offset) => {
  nodeDisk.write(file, bytes.subarray(0, offset + 3), offset);
  return bytes.length - offset;
};
const full: Disk['write'] = (file, bytes, offset) =>
  offset === 0 ? nodeDisk.write(file, bytes.subarray(0, 3), 0) : failing('ENOSPC')();

test.each<readonly [string, Partial<Disk>, string]>([
  ['cannot be synced', { flush: failing('EIO') }, 'i/o error'],
  ['does not fit', { write: full }, 'no space left on device'],
  ['is not kept whole', { write: half }, 'the disk took only a part of it'],
  ['is not taken at all', { write: () => 0 }, 'the disk took only a part of it'],
])(
  'ends before a line that %s: a log with a hole is worse than one that ended',
  async (_, calls, why) => {
    let isBroken = false;
    const broken: Disk = { ...nodeDisk, ...calls };
    const now = (): Disk => (isBroken ? broken : nodeDisk);
    const log = begin({
      write: (file, bytes, offset) => now().write(file, bytes, offset),
      flush: async (file) => await now().flush(file),
    });
    await log.append('first');
    isBroken = true;
    expect(await log.append('second')).toEqual({
      ok: false,
      error: { code: 'file-unusable', path, why, what: 'write' },
    });
    isBroken = false;
    expect(await log.append('third')).toMatchObject({
      error: { path, why: 'an earlier line could not be written to it' },
    });
    expect(textOf()).toBe('first\n');
  },
);

test('writes what is given meanwhile together, in its order, within a block', async () => {
  const written: string[] = [];
  let flushes = 0;
  const log = begin({
    write(file, bytes, offset) {
      written.push(bytes.toString());
      return nodeDisk.write(file, bytes, offset);
    },
    async flush(file) {
      flushes += 1;
      await nodeDisk.flush(file);
    },
  });
  const long = 'x'.repeat(4090);
  const lines = ['1', '2', '3', long, '4'];
  expect(await Promise.all(lines.map((line) => log.append(line)))).toEqual(lines.map(() => done));
  expect(written).toEqual(['1\n', '2\n3\n', `${long}\n`, '4\n']);
  expect(flushes).toBe(4);
  expect(textOf()).toBe(`${lines.join('\n')}\n`);
});

test('takes nothing after it was closed, and may be closed again', async () => {
  let closes = 0;
  const close: Disk['close'] = (file) => {
    closes += 1;
    nodeDisk.close(file);
    if (closes === 4) failing('EIO')(); // after three folders
  };
  const log = begin({ close });
  await log.append('last');
  await log.close();
  await log.close();
  expect(closes).toBe(4);
  expect(await log.append('late')).toMatchObject({
    error: { path, why: 'it was closed' },
  });
  expect(textOf()).toBe('last\n');
});

test('a line holds no end of line', async () => {
  await expect(begin().append('two\nlines')).rejects.toThrow('end of line');
});

// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms; of UTF-8, not UTF-16.
test('crc32 is that of gzip, of the UTF-8, in 8 digits', () => {
  const crc32 = (text: string): string => createCrypto().crc32(text);
  expect([crc32('123456789'), crc32(''), crc32('ü')]).toEqual(['cbf43926', '00000000', crcOf('ü')]);
});

/** The definition itself (RFC 1952, section 8), bit by bit. */
function crcOf(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}
