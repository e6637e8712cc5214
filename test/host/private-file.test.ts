import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFiles } from '../../src/host/files.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';

const files = createFiles();
const isRoot = process.getuid?.() === 0;
const done = { ok: true, value: undefined };
const TMPDIR = process.env['TMPDIR'];
let folder: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'bootstrap-files-')));
  process.env['TMPDIR'] = folder;
});
afterEach(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  fs.rmSync(folder, { recursive: true, force: true });
});

function at(name: string): HostPath {
  return hostPath(folder, name);
}

function written(name = 'key', text = 'secret'): HostPath {
  const path = files.writePrivate(name, text);
  if (!path.ok) throw new Error(JSON.stringify(path.error));
  return path.value;
}

function modeOf(path: string): string {
  return (fs.statSync(path).mode & 0o7777).toString(8);
}

describe('writePrivate', () => {
  test('makes a file that only we can read, alone in a folder that only we can enter', () => {
    const umask = process.umask(0);
    try {
      const path = written('haproxy.cfg', 'grüße\n');
      expect(path).toMatch(
        new RegExp(`^${folder}/bootstrap-private-${process.pid}-[^/]{6}/haproxy[.]cfg$`),
      );
      expect(fs.readFileSync(path, 'utf8')).toBe('grüße\n');
      expect(fs.readdirSync(dirname(path))).toEqual(['haproxy.cfg']);
      expect([modeOf(path), modeOf(dirname(path))]).toEqual(['600', '700']);
    } finally {
      process.umask(umask);
    }
  });

  test('makes a new folder each time', () => {
    const paths = [written('key', 'one'), written('key', 'two')];
    expect(new Set(paths).size).toBe(2);
    expect(paths.map((path) => fs.readFileSync(path, 'utf8'))).toEqual(['one', 'two']);
  });

  test('removes what engines that died have left, and nothing of the living', () => {
    const { pid } = spawnSync('/bin/true');
    const kept = [`bootstrap-private-${process.ppid}-abcdef`, `bootstrap-private-${pid}-abc`];
    const open = `bootstrap-private-${pid}-others`; // not one that we make
    for (const name of [
      ...kept,
      open,
      `bootstrap-private-${pid}-abcdef`,
      `bootstrap-private-${process.pid}-uvwxyz`,
    ]) {
      fs.mkdirSync(at(name), { mode: 0o700 });
      fs.writeFileSync(at(`${name}/key`), 'secret');
    }
    fs.chmodSync(at(open), 0o755);
    const mine = [written('key', 'one'), written('key', 'two')];
    const names = mine.map((path) => basename(dirname(path)));
    expect(fs.readdirSync(folder)).toEqual([...kept, open, ...names].toSorted());
  });

  test('says where in full, whatever the folder for temporary files is called', () => {
    process.env['TMPDIR'] = relative(process.cwd(), folder);
    const path = written();
    expect(dirname(dirname(path))).toBe(folder);
    expect(files.removePrivate(path)).toEqual(done);
  });

  test('names the folder that cannot be written to', () => {
    process.env['TMPDIR'] = `${at('none')}/`;
    expect(files.writePrivate('key', '')).toEqual({
      ok: false,
      error: {
        code: 'file-unusable',
        path: at('none'),
        why: 'no such file or directory',
        what: 'write',
      },
    });
  });

  test('leaves nothing behind of what it could not write', () => {
    expect(files.writePrivate('x'.repeat(250), '')).toMatchObject({
      ok: false,
      error: { path: folder, why: 'name too long' },
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test.runIf(isRoot)('leaves nothing behind on a full disk', () => {
    fs.mkdirSync(at('disk'));
    try {
      execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')], {
        stdio: 'ignore',
      });
    } catch {
      return; // a container that may not mount
    }
    process.env['TMPDIR'] = at('disk');
    try {
      expect(files.writePrivate('key', 'x'.repeat(200_000))).toMatchObject({
        ok: false,
        error: { path: at('disk'), why: 'no space left on device' },
      });
      expect(fs.readdirSync(at('disk'))).toEqual([]);
    } finally {
      execFileSync('/usr/bin/umount', [at('disk')]);
    }
  });

  test.each(['', '.', '..', 'a/b', '../x', '/x'])('takes %j for a bug', (name) => {
    expect(() => files.writePrivate(name, '')).toThrow('is no name for a file');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('removePrivate', () => {
  const refused = (path: HostPath) => ({
    ok: false,
    error: {
      code: 'file-unusable',
      path,
      why: 'it is no private file that bootstrap made',
      what: 'write',
    },
  });

  test('removes the file with its folder, and what a program left beside it', () => {
    const path = written();
    fs.writeFileSync(`${path}~`, 'secret');
    expect(files.removePrivate(path)).toEqual(done);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('is content with what is gone: the file, or its folder too', () => {
    const path = written();
    fs.rmSync(path);
    expect(files.removePrivate(path)).toEqual(done);
    expect(files.removePrivate(path)).toEqual(done);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('removes only its own', () => {
    const [path, other] = [written(), written()];
    expect(files.removePrivate(path)).toEqual(done);
    expect(fs.readFileSync(other, 'utf8')).toBe('secret');
  });

  test.each([
    'key',
    'mine/key',
    'bootstrap-private-abc/key',
    'bootstrap-private-abcdefg/key',
    'xbootstrap-private-abcdef/key',
    'deep/bootstrap-private-abcdef/key',
    'bootstrap-private-abcdef/deep/key',
    'bootstrap-private-abcdef/..',
    'bootstrap-private-abcdef/.',
    'bootstrap-private-abcdef/key/',
    'bootstrap-private-abcdef/../bootstrap-private-abcdef/key',
  ])('refuses %s', (name) => {
    const keep = 'keep/key';
    fs.mkdirSync(at('keep'));
    fs.writeFileSync(at(keep), '');
    expect(files.removePrivate(at(name))).toEqual(refused(at(name)));
    expect(fs.existsSync(at(keep))).toBe(true);
  });

  test('refuses a folder that others may enter, a link to one, and a file in its place', () => {
    fs.mkdirSync(at('bootstrap-private-folder'), 0o755);
    fs.mkdirSync(at('target'), 0o700);
    fs.symlinkSync('target', at('bootstrap-private-linked'));
    fs.writeFileSync(at('bootstrap-private-a1b2C3'), '', { mode: 0o600 });
    for (const name of ['folder', 'linked', 'a1b2C3']) {
      const path = at(`bootstrap-private-${name}/key`);
      expect(files.removePrivate(path)).toEqual(refused(path));
    }
    expect(fs.readdirSync(folder)).toHaveLength(4);
  });

  test.runIf(isRoot)('refuses a folder of somebody else', () => {
    const path = written();
    fs.chownSync(dirname(path), 65_534, 65_534);
    expect(files.removePrivate(path)).toEqual(refused(path));
    expect(fs.existsSync(path)).toBe(true);
  });
});
