// What a server reads from a git remote: real repositories on disk, every kind of ref, and what in a commit is no file.
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FILE_BYTES_MAX } from '../../src/host/read-file.ts';
import {
  clonesOf,
  createRepository,
  keepRepository,
  lookAt,
  seen,
  type Repository,
} from './repository.ts';

describe('a ref', () => {
  test.for<[what: string, ref: string]>([
    ['a branch', 'main'],
    ['a branch with a slash in it', 'team/web'],
    ['a tag', 'v1'],
    ['a tag that is an object of its own', 'v2'],
    ['the whole name of a branch', 'refs/heads/main'],
    ['the whole name of a tag', 'refs/tags/v2'],
    ['a ref of another kind', 'refs/deploy/web-1'],
    ['what the remote calls HEAD', 'HEAD'],
  ])('that is %s: %s', async ([, ref], context) => {
    const repository = createRepository(context);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    repository.git('branch', 'team/web');
    repository.git('tag', 'v1');
    repository.git('tag', '--annotate', '--message=v2', 'v2');
    repository.git('update-ref', 'refs/deploy/web-1', 'HEAD');
    repository.git('push', '--quiet', 'origin', 'refs/*:refs/*');
    const expected = { commit, [`${repository.url}@${commit.slice(0, 7)}:site.yaml`]: 'a\n' };
    expect(seen(await lookAt(repository, { ref }))).toEqual(expected);
    // Once more, from the clone that is there now.
    expect(seen(await lookAt(repository, { ref, since: commit }))).toEqual(expected);
  });

  test('that is a commit id, though no branch is at it; once it is here it needs no remote', async (context) => {
    const repository = createRepository(context);
    const old = repository.push({ 'site.yaml': 'a\n' });
    repository.push({ 'site.yaml': 'b\n' });
    expect(seen(await lookAt(repository, { ref: old }))).toMatchObject({ commit: old });
    renameSync(repository.url, `${repository.url}.gone`);
    expect(seen(await lookAt(repository, { ref: old, since: old }))).toMatchObject({ commit: old });
  });

  test('that is a branch and a tag is the branch: a tag cannot shadow it', async (context) => {
    const repository = createRepository(context);
    const first = repository.push({ 'site.yaml': 'a\n' });
    const second = repository.push({ 'site.yaml': 'b\n' });
    repository.git('push', '--quiet', 'origin', `${first}:refs/tags/main`);
    expect(seen(await lookAt(repository))).toMatchObject({ commit: second });
    const tag = await lookAt(repository, { ref: 'refs/tags/main' });
    expect(seen(tag)).toMatchObject({ commit: first });
  });

  test('is not found by the end of its name', async (context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a\n' });
    repository.git('push', '--quiet', 'origin', 'HEAD:refs/x/refs/heads/other');
    expect(seen(await lookAt(repository, { ref: 'other' }))).toEqual({
      code: 'source-unreachable',
      url: repository.url,
      because: { why: 'no-ref', ref: 'other' },
      tail: [],
    });
  });

  test('that leads to no commit is said to', async (context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a\n' });
    repository.git('tag', 'key', 'HEAD:site.yaml');
    repository.git('push', '--quiet', 'origin', 'key');
    const expected = { because: { why: 'no-commit', ref: 'refs/tags/key' } };
    expect(seen(await lookAt(repository, { ref: 'key' }))).toMatchObject(expected);
    expect(seen(await lookAt(repository, { ref: 'key' }))).toMatchObject(expected);
  });

  test('of a repository with SHA-256', async (context) => {
    const repository = createRepository(context, 'sha256');
    const first = repository.push({ 'site.yaml': 'a\n' });
    const second = repository.push({ 'site.yaml': 'b\n' });
    expect(first).toHaveLength(64);
    expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: second });
  });
});

const LINK = unreadable('it is a symbolic link, and only regular files are read from git');

describe('what is in a commit', () => {
  let repository: Repository;
  beforeAll(() => {
    repository = keepRepository();
    repository.push({
      'servers/web-1.yaml': 'one\n',
      'run.yaml': 'run\n',
      'text.yaml': '\uFEFFä\r\n\uFFFD\0é',
      'empty.yaml': '',
      ':(top)*.yaml': 'magic\n',
      'für alle.yaml': 'blanks\n',
      'large.yaml': 'x'.repeat(FILE_BYTES_MAX),
      'larger.yaml': 'x'.repeat(FILE_BYTES_MAX + 1),
      'link.yaml': { linkTo: 'run.yaml' },
      'link-to-folder': { linkTo: 'servers' },
      passwd: { linkTo: '/etc/passwd' },
      'latin.yaml': Buffer.from('f\xfcr', 'latin1'),
      // With a replacement character in place of its last three bytes it is as long as before.
      'half.yaml': Buffer.from([0x61, 0xf0, 0x9f, 0x98]),
      'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      '.gitattributes': 'run.yaml text eol=crlf ident export-subst\n',
    });
    repository.git('update-index', '--chmod=+x', 'run.yaml');
    const head = repository.git('rev-parse', 'HEAD');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${head},sub`);
    repository.git('commit', '--quiet', '--message=by the index');
    repository.git('push', '--quiet', 'origin', 'HEAD:main');
  });
  afterAll(() => {
    rmSync(repository.folder, { recursive: true });
  });

  test.for<[what: string, path: string, found: unknown]>([
    ['a file in a folder', 'servers/web-1.yaml', 'one\n'],
    ['a file that may be run', 'run.yaml', 'run\n'],
    ['a text with a mark, CR LF and no end of line', 'text.yaml', '\uFEFFä\r\n\uFFFD\0é'],
    ['an empty file', 'empty.yaml', ''],
    ['a name that means something to git', ':(top)*.yaml', 'magic\n'],
    ['a name with a blank and an umlaut', 'für alle.yaml', 'blanks\n'],
    ['the largest file that is read', 'large.yaml', 'x'.repeat(FILE_BYTES_MAX)],
    ['nothing', 'other.yaml', { kind: 'absent' }],
    ['nothing below a file', 'run.yaml/x', { kind: 'absent' }],
    ['nothing behind a link', 'link-to-folder/web-1.yaml', { kind: 'absent' }],
    ['a link', 'link.yaml', LINK],
    ['a link that leads out of it', 'passwd', LINK],
    ['a folder', 'servers', unreadable('it is a folder')],
    [
      'a submodule',
      'sub',
      unreadable('it is a submodule, and only regular files are read from git'),
    ],
    ['a file that is too large', 'larger.yaml', unreadable('it is larger than 16 MiB')],
    ['Latin-1', 'latin.yaml', unreadable('it is not UTF-8 text')],
    ['half a character', 'half.yaml', unreadable('it is not UTF-8 text')],
    ['a pointer of LFS', 'lfs.yaml', unreadable('it is a pointer of Git LFS, not the file itself')],
  ])('is %s', async ([, path, found]) => {
    const read = await lookAt(repository, { paths: [path] });
    if (!read.ok) throw new Error(read.error.code);
    const [text] = read.value.texts.values();
    // Of 16 MiB nobody wants to see the difference.
    if (typeof found === 'string')
      expect(text?.kind === 'known' && text.value === found).toBe(true);
    else expect(text).toEqual(found);
  });
});

describe('several files', () => {
  test('are each there by its name, with one digest of what they hold', async (context) => {
    const repository = createRepository(context);
    const texts = { 'base.yaml': 'base\n', 'web/prod.yaml': 'prod\n' };
    const commit = repository.push({ ...texts, 'web/test.yaml': 'test\n' });
    const paths = ['base.yaml', 'web/prod.yaml'];
    const first = await lookAt(repository, { paths });
    const at = `${repository.url}@${commit.slice(0, 7)}`;
    expect(seen(first)).toEqual({
      commit,
      [`${at}:base.yaml`]: 'base\n',
      [`${at}:web/prod.yaml`]: 'prod\n',
    });
    repository.push({ 'web/test.yaml': 'another\n' });
    const untouched = await lookAt(repository, { paths });
    repository.push({ 'web/prod.yaml': 'prod 2\n' });
    const changed = await lookAt(repository, { paths });
    const [before, same, other] = [first, untouched, changed].map(
      (read) => read.ok && read.value.digest,
    );
    expect(same).toBe(before);
    expect(other).not.toBe(before);
    const places = [first, changed].map(
      (read) => read.ok && read.value.desired.map(({ path }) => path),
    );
    expect(places[1]).toEqual(places[0]);
  });
});

describe('the clone', () => {
  test('is begun at the tip, grows by what is new, and is nobody else’s to read', async (context) => {
    const repository = createRepository(context);
    for (const text of ['a', 'b', 'c']) repository.push({ 'site.yaml': text });
    await lookAt(repository);
    const [clone = ''] = clonesOf(repository);
    const commits = () => repository.git('--git-dir', clone, 'rev-list', '--count', '--all');
    expect(commits()).toBe('1');
    const since = repository.head();
    repository.push({ 'site.yaml': 'd' });
    expect(seen(await lookAt(repository, { since }))).toMatchObject({ commit: repository.head() });
    expect(commits()).toBe('2');
    const names = ['.', ...readdirSync(clone, { recursive: true, encoding: 'utf8' })];
    const open = names.filter((name) => (statSync(join(clone, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  test('is left as it is where nothing is new', async (context) => {
    const repository = createRepository(context);
    const since = repository.push({ 'site.yaml': 'a' });
    await lookAt(repository);
    const [clone = ''] = clonesOf(repository);
    const state = () =>
      readdirSync(clone, { recursive: true, encoding: 'utf8' }).map((name) => {
        const { ino, mtimeMs, size } = statSync(join(clone, name));
        return [name, ino, mtimeMs, size];
      });
    const before = state();
    expect((await lookAt(repository, { since })).ok).toBe(true);
    expect(state()).toEqual(before);
  });

  test('stays small: packs are put together, and what nothing leads to any more is dropped', async (context) => {
    const repository = createRepository(context);
    const root = repository.push({ 'site.yaml': 'a' });
    for (let round = 0; round < ROUNDS; round += 1) {
      repository.git('reset', '--quiet', '--hard', root);
      // Nothing makes it smaller than half.
      repository.push({ noise: randomBytes(NOISE_BYTES).toString('hex') });
      expect((await lookAt(repository)).ok).toBe(true);
    }
    const [clone = ''] = clonesOf(repository);
    const packs = join(clone, 'objects/pack');
    const bytes = readdirSync(packs).reduce(
      (sum, name) => sum + statSync(join(packs, name)).size,
      0,
    );
    expect(bytes).toBeLessThan((ROUNDS / 2) * NOISE_BYTES);
  }, 60_000);
});

// Git puts packs together when there are more than twenty.
const ROUNDS = 24;
const NOISE_BYTES = 60_000;

function unreadable(why: string): unknown {
  return { kind: 'unreadable', why };
}
