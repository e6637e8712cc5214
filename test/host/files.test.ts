import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFiles } from '../../src/host/files.ts';
import type { Files } from '../../src/host/host.ts';
import { FILE_BYTES_MAX, PAGE_BYTES } from '../../src/host/read-file.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';

const files = createFiles();
const isRoot = process.getuid?.() === 0;
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-files-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): HostPath => hostPath('', join(folder, name));
const put = (name: string, text: string | Buffer, mode = 0o644): HostPath => {
  fs.writeFileSync(at(name), text);
  fs.chmodSync(at(name), mode);
  return at(name);
};
const modeOf = (path: string) => fs.statSync(path).mode & 0o7777;

describe('read', () => {
  test('gives the text as it is, byte order mark included', () => {
    expect(files.read(put('a', '\ufeffgrüße\r\n'))).toEqual({
      kind: 'known',
      value: '\ufeffgrüße\r\n',
    });
  });

  test('gives a file of /proc, whose size is said to be 0', () => {
    expect(files.read(hostPath('', '/proc/self/status'))).toMatchObject({
      kind: 'known',
      value: expect.stringContaining('Pid:'),
    });
  });

  test('calls absent what is not there, a link to nowhere and a path through a file', () => {
    fs.symlinkSync('nowhere', at('link'));
    put('file', '');
    for (const name of ['none', 'link', 'file/under', 'no/such/folder']) {
      expect(files.read(at(name)), name).toEqual({ kind: 'absent' });
    }
  });

  test('names the line of what is not UTF-8', () => {
    const path = put('latin1', Buffer.from('good\ngr\xfc\xdfe\n', 'latin1'));
    expect(files.read(path)).toEqual({ kind: 'unreadable', why: `${path}:2: not UTF-8 text` });
  });

  test('names the line of a character that is cut off at the end', () => {
    const path = put('cut', Buffer.from('a\nb\nü').subarray(0, -1));
    expect(files.read(path)).toEqual({ kind: 'unreadable', why: `${path}:3: not UTF-8 text` });
  });

  test('takes a file of the largest size and refuses one byte more', () => {
    const path = put('large', Buffer.alloc(FILE_BYTES_MAX, 'x'));
    expect(files.read(path).kind).toBe('known');
    fs.appendFileSync(path, 'x');
    expect(files.read(path)).toEqual({
      kind: 'unreadable',
      why: `${path} is larger than 16 MiB`,
    });
  });

  test('gives a file of any size whole, however much is read at a time', () => {
    for (const bytes of [0, 1, PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES]) {
      const text = 'ü'.repeat(bytes / 2) + 'x'.repeat(bytes % 2);
      expect(files.read(put('sized', text)), String(bytes)).toEqual({ kind: 'known', value: text });
      expect(files.readRare(at('sized'))).toEqual({ kind: 'known', value: text });
    }
  });

  test('gives a file of /proc whole that is told a piece at a time', () => {
    const maps = files.read(hostPath('', '/proc/self/maps'));
    expect(maps).toMatchObject({ kind: 'known', value: expect.stringContaining('[stack]') });
  });

  test('takes nothing out of a named pipe', () => {
    execFileSync('/usr/bin/mkfifo', [at('pipe')]);
    const ends = fs.openSync(at('pipe'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    fs.writeSync(ends, 'mine');
    expect(files.read(at('pipe'))).toMatchObject({ why: expect.stringContaining('a named pipe') });
    expect(fs.readSync(ends, Buffer.alloc(9))).toBe(4);
    fs.closeSync(ends);
  });

  test('does not wait for the writer of a named pipe', () => {
    execFileSync('/usr/bin/mkfifo', [at('pipe')]);
    expect(files.read(at('pipe'))).toEqual({
      kind: 'unreadable',
      why: `${at('pipe')} is a named pipe, not a file`,
    });
  });

  test('says what it found instead of a file', () => {
    fs.mkdirSync(at('folder'));
    expect(files.read(at('folder'))).toMatchObject({
      why: `${at('folder')} is a folder, not a file`,
    });
    for (const device of ['/dev/null', '/dev/zero'])
      expect(files.read(hostPath('', device))).toMatchObject({
        why: `${device} is a device, not a file`,
      });
  });

  test('calls links in a circle unreadable', () => {
    fs.symlinkSync('b', at('a'));
    fs.symlinkSync('a', at('b'));
    expect(files.read(at('a'))).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('too many symbolic links'),
    });
  });

  test.runIf(isRoot)('calls unreadable what may not be read', () => {
    const path = put('secret', 'x', 0o600);
    fs.chmodSync(folder, 0o755);
    const found = asNobody(() => files.read(path));
    expect(found).toEqual({ kind: 'unreadable', why: `${path}: permission denied` });
  });
});

test('readHead gives the first bytes, fewer of a shorter file', () => {
  const head = (name: string) => {
    const fact = files.readHead(at(name), 4);
    return fact.kind === 'known' ? Buffer.from(fact.value).toString('latin1') : fact.kind;
  };
  put('script', '#!/bin/sh\n');
  put('short', '#!');
  expect([head('script'), head('short'), head('none')]).toEqual(['#!/b', '#!', 'absent']);
});

test('list gives names in order; a file in the place of the folder is not "nothing there"', () => {
  for (const name of ['b', 'a', 'B']) put(name, '');
  expect(files.list(hostPath('', folder))).toEqual({ kind: 'known', value: ['B', 'a', 'b'] });
  expect(files.list(at('none'))).toEqual({ kind: 'absent' });
  expect(files.list(at('a'))).toEqual({ kind: 'unreadable', why: `${at('a')} is not a folder` });
  expect(files.list(at('a/under'))).toEqual({ kind: 'absent' });
});

test('inspect and resolve follow links', () => {
  put('file', 'four', 0o2750);
  fs.symlinkSync('file', at('link'));
  expect(files.inspect(at('link'))).toMatchObject({
    value: { type: 'file', size: 4, mode: 0o2750, uid: process.getuid?.() },
  });
  expect(files.inspect(hostPath('', folder))).toMatchObject({ value: { type: 'folder' } });
  expect(files.inspect(hostPath('', '/dev/null'))).toMatchObject({ value: { type: 'other' } });
  expect(files.inspect(at('none'))).toEqual({ kind: 'absent' });
  expect(files.resolve(at('link'))).toEqual({ kind: 'known', value: fs.realpathSync(at('file')) });
  expect(files.resolve(at('none'))).toEqual({ kind: 'absent' });
});

describe('replace', () => {
  const replace = (path: HostPath, text = 'new') => files.replace(path, text, { modeBits: 0o664 });
  const done = { ok: true, value: undefined };

  test('makes a new file with just the bits asked for, whatever the umask', () => {
    const umask = process.umask(0o077);
    try {
      expect(replace(at('new'))).toEqual(done);
    } finally {
      process.umask(umask);
    }
    expect(fs.readFileSync(at('new'), 'utf8')).toBe('new');
    expect(modeOf(at('new'))).toBe(0o664);
    expect(fs.readdirSync(folder)).toEqual(['new']);
  });

  test('keeps the mode of the file that was there', () => {
    expect(replace(put('old', 'old', 0o640))).toEqual(done);
    expect(fs.readFileSync(at('old'), 'utf8')).toBe('new');
    expect(modeOf(at('old'))).toBe(0o640);
  });

  test.runIf(isRoot)('keeps its owner, and bits that chown would take away', () => {
    put('old', 'old');
    fs.chownSync(at('old'), 1234, 2345);
    fs.chmodSync(at('old'), 0o6755);
    expect(replace(at('old'))).toEqual(done);
    const { uid, gid } = fs.statSync(at('old'));
    expect([uid, gid, modeOf(at('old'))]).toEqual([1234, 2345, 0o6755]);
  });

  test('leaves a file alone that holds the text already', () => {
    put('same', 'new');
    const { ino } = fs.statSync(at('same'));
    expect(replace(at('same'))).toEqual(done);
    expect(fs.statSync(at('same')).ino).toBe(ino);
    expect(replace(at('same'), 'wen')).toEqual(done); // as long, but another text
    expect(fs.readFileSync(at('same'), 'utf8')).toBe('wen');
  });

  test('replaces the file that a chain of links leads to, and leaves the links', () => {
    fs.mkdirSync(at('real/deep'), { recursive: true });
    put('real/file', 'old', 0o600);
    fs.symlinkSync('real/deep', at('way')); // so that `..` of the next link is not `folder`
    fs.symlinkSync('../file', at('real/deep/second'));
    fs.symlinkSync('way/second', at('first'));
    expect(replace(at('first'))).toEqual(done);
    expect(fs.readFileSync(at('real/file'), 'utf8')).toBe('new');
    expect(modeOf(at('real/file'))).toBe(0o600);
    expect(fs.readlinkSync(at('first'))).toBe('way/second');
    expect(fs.readlinkSync(at('real/deep/second'))).toBe('../file');
  });

  test('makes the file that a link leads to when it is not there', () => {
    fs.symlinkSync('there', at('link'));
    expect(replace(at('link'))).toEqual(done);
    expect(fs.lstatSync(at('there')).isFile()).toBe(true);
    expect(fs.lstatSync(at('link')).isSymbolicLink()).toBe(true);
  });

  test('passes by a name that is taken', () => {
    fs.mkdirSync(at(`.x.${process.pid}-1.tmp`));
    const fresh = createFiles();
    expect(fresh.replace(at('x'), 'new', { modeBits: 0o600 })).toEqual(done);
    expect(fs.readdirSync(folder)).toEqual([`.x.${process.pid}-1.tmp`, 'x']);
  });

  test('says what is in the way', () => {
    fs.mkdirSync(at('folder'));
    put('file', '');
    expect(replace(at('folder'))).toEqual({
      ok: false,
      error: {
        code: 'file-unusable',
        path: at('folder'),
        why: 'it is a folder, not a file',
        what: 'write',
      },
    });
    expect(replace(at('file/under'))).toMatchObject({
      ok: false,
      error: { code: 'file-unusable', why: 'not a directory' },
    });
    expect(replace(at('no/folder'))).toMatchObject({
      ok: false,
      error: { code: 'file-unusable', why: 'no such file or directory' },
    });
    expect(fs.readdirSync(folder)).toEqual(['file', 'folder']);
  });

  test.runIf(isRoot)('says that it may not', () => {
    put('file', 'old');
    fs.chmodSync(folder, 0o755);
    expect(asNobody(() => replace(at('file')))).toEqual({
      ok: false,
      error: { code: 'permission', path: at('file'), why: 'permission denied' },
    });
    expect(fs.readFileSync(at('file'), 'utf8')).toBe('old');
  });

  test.runIf(isRoot)('leaves nothing behind where the owner cannot be kept', () => {
    put('file', 'old');
    fs.chmodSync(folder, 0o777);
    expect(asNobody(() => replace(at('file')))).toMatchObject({
      ok: false,
      error: { code: 'permission' },
    });
    expect(fs.readdirSync(folder)).toEqual(['file']);
    expect(fs.readFileSync(at('file'), 'utf8')).toBe('old');
  });

  test.runIf(isRoot)(
    'on a full disk the old file stays whole and no temporary file is left',
    () => {
      fs.mkdirSync(at('disk'));
      try {
        execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')], {
          stdio: 'ignore',
        });
      } catch {
        return; // a container that may not mount
      }
      try {
        const path = put('disk/file', 'old');
        expect(replace(path, 'x'.repeat(200_000))).toEqual({
          ok: false,
          error: { code: 'file-unusable', path, why: 'no space left on device', what: 'write' },
        });
        expect(fs.readdirSync(at('disk'))).toEqual(['file']);
        expect(fs.readFileSync(path, 'utf8')).toBe('old');
      } finally {
        execFileSync('/usr/bin/umount', [at('disk')]);
      }
    },
  );

  test('a reader never sees anything but a whole text', async () => {
    const texts = ['a'.repeat(300_000), 'b'.repeat(200_000)];
    put('file', texts[0] ?? '');
    const reader = spawn(process.execPath, ['-e', readerProgram, at('file')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(reader.stdout, 'data');
    for (let n = 0; n < 100; n++) replace(at('file'), texts[n % 2]);
    const seen = once(reader.stdout, 'data');
    reader.stdin.end();
    expect(JSON.parse(String(await seen))).toEqual(['a300000', 'b200000']);
  });
});

// Reads in a loop until its stdin ends; says then what it saw, as letter and length.
const readerProgram = `
  const fs = require('node:fs');
  const seen = new Set();
  let going = true;
  process.stdin.on('data', () => {}).on('end', () => (going = false));
  const look = () => {
    for (let n = 0; n < 10; n++) {
      const text = fs.readFileSync(process.argv[1], 'utf8');
      seen.add([...new Set(text)].join('') + text.length);
    }
    if (going) setImmediate(look);
    else console.log(JSON.stringify([...seen].sort()));
  };
  console.log('ready');
  look();`;

test('writeBeside makes a file of our own in the same folder', () => {
  const beside = files.writeBeside(at('haproxy.cfg'), 'draft');
  if (!beside.ok) throw new Error(beside.error.code);
  expect(beside.value.startsWith(`${folder}/.haproxy.cfg.`)).toBe(true);
  expect(fs.readFileSync(beside.value, 'utf8')).toBe('draft');
  expect(modeOf(beside.value)).toBe(0o600);
  expect(fs.existsSync(at('haproxy.cfg'))).toBe(false);
  expect(files.writeBeside(at('no/folder'), '')).toMatchObject({ ok: false });
});

describe('what an engine that died has left', () => {
  /** A pid that was in use a moment ago. */
  const deadPid = (): number => {
    const { pid } = spawnSync('/bin/true');
    return pid;
  };
  const writes: readonly (readonly [string, (fresh: Files) => unknown])[] = [
    ['replace', (fresh) => fresh.replace(at('x'), 'new', { modeBits: 0o600 })],
    [
      'replace with the same',
      (fresh) => fresh.replace(put('x', 'same'), 'same', { modeBits: 0o600 }),
    ],
    ['writeBeside', (fresh) => fresh.writeBeside(at('x'), 'new')],
    ['remove', (fresh) => fresh.remove(put('x', 'old'))],
    ['removeEmptyFolder', (fresh) => fresh.removeEmptyFolder(hostPath('', folder))],
  ];

  test.each(writes)('is swept by %s', (_, write) => {
    const left = [put(`.other.${deadPid()}-12.tmp`, 'a'), put(`.x.${process.pid}-9.tmp`, 'b')];
    expect(write(createFiles())).toMatchObject({ ok: true });
    expect(left.filter((path) => fs.existsSync(path))).toEqual([]);
  });

  test('is not what somebody alive is writing, nor what has another name', () => {
    const dead = deadPid();
    const others = [`x.${dead}-1.tmp`, `.x.${dead}-1`, `.x.${dead}.tmp`, `.x.${dead}-1.tmp~`];
    const strange = [`..${dead}-1.tmp`, `.x.0${dead}-1.tmp`, `.x.${dead}-01.tmp`, `.x.-1-1.tmp`];
    const kept = [`.x.${process.ppid}-1.tmp`, ...others, ...strange];
    for (const name of kept) put(name, '');
    const mine = files.writeBeside(at('mine'), 'being checked');
    expect(files.replace(at('x'), 'new', { modeBits: 0o600 })).toEqual({
      ok: true,
      value: undefined,
    });
    const beside = mine.ok ? basename(mine.value) : '';
    expect(fs.readdirSync(folder)).toEqual([...kept, beside, 'x'].toSorted());
  });

  test('stays, and stops nothing, where it cannot be removed', () => {
    fs.mkdirSync(at(`.x.${deadPid()}-1.tmp`));
    expect(files.replace(at('x'), 'new', { modeBits: 0o600 })).toMatchObject({ ok: true });
    expect(fs.readdirSync(folder)).toHaveLength(2);
  });

  test('lets a folder be removed in which nothing else is', () => {
    fs.mkdirSync(at('gone'));
    put(`gone/.x.${deadPid()}-1.tmp`, '');
    expect(files.removeEmptyFolder(at('gone'))).toMatchObject({ ok: true });
    expect(fs.existsSync(at('gone'))).toBe(false);
  });
});

test('move renames a file, and says where somebody was quicker', () => {
  put('here', 'text');
  expect(files.move(at('here'), at('there'))).toEqual({ ok: true, value: true });
  expect(fs.readdirSync(folder)).toEqual(['there']);
  expect(files.move(at('here'), at('elsewhere'))).toEqual({ ok: true, value: false });
  expect(fs.readFileSync(at('there'), 'utf8')).toBe('text');
  fs.mkdirSync(at('folder'));
  expect(files.move(at('there'), at('folder'))).toMatchObject({ ok: false });
});

test('remove is content with what is gone, and removes no folder', () => {
  expect(files.remove(put('file', ''))).toMatchObject({ ok: true });
  expect(files.remove(at('file'))).toMatchObject({ ok: true });
  expect(files.remove(at('no/folder'))).toMatchObject({ ok: true });
  fs.mkdirSync(at('folder'));
  expect(files.remove(at('folder'))).toMatchObject({ ok: false });
  put('target', '');
  fs.symlinkSync('target', at('link'));
  files.remove(at('link'));
  expect(fs.readdirSync(folder)).toEqual(['folder', 'target']);
});

test('removeTree removes a folder with all that is in it, and nothing that its links lead to', () => {
  fs.mkdirSync(at('tree/a/b'), { recursive: true });
  put('tree/a/b/file', '');
  put('tree/read-only', '');
  fs.chmodSync(at('tree/read-only'), 0o400);
  fs.mkdirSync(at('elsewhere'));
  put('elsewhere/file', '');
  fs.symlinkSync('../elsewhere', at('tree/link'));
  fs.symlinkSync('nowhere', at('tree/a/dangling'));
  expect(files.removeTree(at('tree'))).toMatchObject({ ok: true });
  expect(files.removeTree(at('tree'))).toMatchObject({ ok: true });
  expect(fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
    'elsewhere',
    'elsewhere/file',
  ]);
  fs.symlinkSync('elsewhere', at('link'));
  expect(files.removeTree(at('link'))).toMatchObject({ ok: true });
  expect(fs.readdirSync(folder)).toEqual(['elsewhere']);
});

test('makeFolder makes all that is missing, 0755 whatever the umask, and changes none that is there', () => {
  fs.mkdirSync(at('there'));
  fs.chmodSync(at('there'), 0o700);
  const umask = process.umask(0o077);
  try {
    expect(files.makeFolder(at('there/a/b'))).toMatchObject({ ok: true });
  } finally {
    process.umask(umask);
  }
  expect(['there', 'there/a', 'there/a/b'].map((name) => modeOf(at(name)))).toEqual([
    0o700, 0o755, 0o755,
  ]);
  expect(files.makeFolder(at('there/a/b'))).toMatchObject({ ok: true });
  put('file', '');
  expect(files.makeFolder(at('file'))).toMatchObject({
    ok: false,
    error: { why: 'it is a file, not a folder' },
  });
  expect(files.makeFolder(at('file/under'))).toMatchObject({
    ok: false,
    error: { why: 'not a directory' },
  });
});

describe('freeBytes', () => {
  test('asks the nearest folder that is there', () => {
    const here = files.freeBytes(hostPath('', folder));
    expect(here).toMatchObject({ kind: 'known', value: expect.any(Number) });
    put('file', '');
    fs.symlinkSync('/proc', at('elsewhere'));
    const bytesOf = (path: HostPath) => {
      const fact = files.freeBytes(path);
      return fact.kind === 'known' ? fact.value : NaN;
    };
    for (const name of ['file', 'none', 'no/such/folder/file', 'file/under'])
      expect(bytesOf(at(name)), name).toBeGreaterThan(0);
    // Nothing can be written there, and that is no fault.
    for (const path of ['/proc/no/such/file', at('elsewhere/no/such/file')])
      expect(files.freeBytes(hostPath('', path)), path).toEqual({ kind: 'known', value: 0 });
  });

  test.runIf(isRoot)('counts bytes, not blocks', () => {
    fs.mkdirSync(at('disk'));
    try {
      execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at('disk')], {
        stdio: 'ignore',
      });
    } catch {
      return; // a container that may not mount
    }
    try {
      const free = () => files.freeBytes(at('disk/some/file'));
      expect(free()).toEqual({ kind: 'known', value: 2 ** 20 });
      put('disk/file', 'x'.repeat(2 ** 19));
      expect(free()).toEqual({ kind: 'known', value: 2 ** 19 });
    } finally {
      execFileSync('/usr/bin/umount', [at('disk')]);
    }
  });

  test.runIf(isRoot)('says what may not be looked at', () => {
    fs.chmodSync(folder, 0o700);
    const path = at('some/file');
    expect(asNobody(() => files.freeBytes(path))).toEqual({
      kind: 'unreadable',
      why: `${path}: permission denied`,
    });
  });
});

/** Runs `act` as the user nobody, so that permissions count. */
function asNobody<T>(act: () => T): T {
  process.setegid?.(65_534);
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
