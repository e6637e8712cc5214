// History: what follows the commit that was applied last is taken, and nothing else; also where the clone does not hold all of it.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommitId } from '../../src/model/git.ts';
import {
  clonesOf,
  commitIn,
  createRepository,
  lookAt,
  seen,
  type Repository,
} from './repository.ts';

const rewritten = (commit: CommitId, since: CommitId): unknown => ({
  code: 'untrusted',
  because: { why: 'rewritten', commit, since },
});

describe('a commit that', () => {
  test('follows the last one, by one or by many, is taken', async (context) => {
    const repository = createRepository(context);
    const first = repository.push({ 'site.yaml': 'a' });
    const second = repository.push({ 'site.yaml': 'b' });
    expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: second });
    for (const text of 'cdefg') repository.push({ 'site.yaml': text });
    const last = repository.head();
    expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: last });
  });

  test('follows it on a side road that was merged is taken', async (context) => {
    const repository = createRepository(context);
    const base = repository.push({ 'site.yaml': 'a' });
    const side = repository.push({ 'side.yaml': 'b' });
    repository.git('reset', '--quiet', '--hard', base);
    repository.push({ 'site.yaml': 'c' });
    repository.git('merge', '--quiet', '--no-ff', '--message=merge', side);
    const merge = repository.push({});
    expect(seen(await lookAt(repository, { since: side }))).toMatchObject({ commit: merge });
  });

  test.for<[what: string, rewrite: (repository: Repository) => void]>([
    ['was amended', ({ git }) => git('commit', '--quiet', '--amend', '--message=other')],
    ['is an older one', ({ git }) => git('reset', '--quiet', '--hard', 'HEAD~')],
    [
      'stands beside it',
      (repository) => {
        repository.git('reset', '--quiet', '--hard', 'HEAD~');
        repository.push({ 'site.yaml': 'other' });
      },
    ],
    [
      'has nothing to do with it',
      ({ git }) => {
        git('checkout', '--quiet', '--orphan', 'new');
        git('commit', '--quiet', '--message=new');
      },
    ],
  ])(
    '%s is refused, as often as it is looked at, and what follows the last one is taken again',
    async ([, rewrite], context) => {
      const repository = createRepository(context);
      repository.push({ 'site.yaml': 'a' });
      const since = repository.push({ 'site.yaml': 'b' });
      expect((await lookAt(repository)).ok).toBe(true);
      rewrite(repository);
      repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
      const other = repository.head();
      expect(seen(await lookAt(repository, { since }))).toEqual(rewritten(other, since));
      expect(seen(await lookAt(repository, { since }))).toEqual(rewritten(other, since));
      // Said by hand to be right, as `trust reset --to` does.
      expect(seen(await lookAt(repository, { since: other }))).toMatchObject({ commit: other });
      repository.git('reset', '--quiet', '--hard', since);
      const next = repository.push({ 'site.yaml': 'c' });
      expect(seen(await lookAt(repository, { since }))).toMatchObject({ commit: next });
    },
  );
});

describe('where the clone', () => {
  test('is new, all that the answer needs is fetched', async (context) => {
    const repository = createRepository(context);
    const since = repository.push({ 'site.yaml': 'a' });
    for (const text of 'bcd') repository.push({ 'site.yaml': text });
    const last = repository.head();
    expect(seen(await lookAt(repository, { since }))).toMatchObject({ commit: last });
  });

  test('was begun at a tip that follows the last one, the rest is fetched before a no', async (context) => {
    const repository = createRepository(context);
    const old = repository.push({ 'site.yaml': 'a' });
    repository.push({ 'site.yaml': 'b' });
    const tip = repository.push({ 'site.yaml': 'c' });
    expect((await lookAt(repository)).ok).toBe(true);
    // As after `trust reset --to` a commit from before the clone was begun.
    expect(seen(await lookAt(repository, { since: old }))).toMatchObject({ commit: tip });
    const stranger = commitIn('1'.repeat(40));
    expect(seen(await lookAt(repository, { since: stranger }))).toEqual(rewritten(tip, stranger));
  });

  test('was begun at a tip, and a killed git left its lock there, the rest is fetched all the same', async (context) => {
    const repository = createRepository(context);
    const old = repository.push({ 'site.yaml': 'a' });
    const tip = repository.push({ 'site.yaml': 'b' });
    expect((await lookAt(repository)).ok).toBe(true);
    const [clone = ''] = clonesOf(repository);
    writeFileSync(join(clone, 'shallow.lock'), '');
    expect(seen(await lookAt(repository, { since: old }))).toMatchObject({ commit: tip });
  });

  test('has two branches with ends of history of their own, both are judged right', async (context) => {
    const repository = createRepository(context);
    const root = repository.push({ 'site.yaml': 'a' });
    const old = repository.push({ 'site.yaml': 'b' });
    repository.git('push', '--quiet', 'origin', 'HEAD:refs/heads/prod');
    repository.push({ 'site.yaml': 'c' });
    const tip = repository.push({ 'site.yaml': 'd' });
    // main begins the clone at its tip; prod then brings history from below that.
    expect(seen(await lookAt(repository))).toMatchObject({ commit: tip });
    expect(seen(await lookAt(repository, { ref: 'prod', since: root }))).toMatchObject({
      commit: old,
    });
    repository.git('push', '--quiet', 'origin', 'main:prod');
    expect(seen(await lookAt(repository, { ref: 'prod', since: old }))).toMatchObject({
      commit: tip,
    });
  });

  test('lost a part of the history, no false alarm is given', async (context) => {
    const repository = createRepository(context);
    const since = repository.push({ 'site.yaml': 'a' });
    expect((await lookAt(repository)).ok).toBe(true);
    const [clone = ''] = clonesOf(repository);
    const packs = join(clone, 'objects/pack');
    const withFirst = readdirSync(packs);
    repository.push({ 'site.yaml': 'b' });
    const tip = repository.push({ 'site.yaml': 'c' });
    expect((await lookAt(repository, { since })).ok).toBe(true);
    for (const name of withFirst) rmSync(join(packs, name));
    // It ends where the clone was begun no more, and so counts as all of it.
    rmSync(join(clone, 'shallow'));
    expect(seen(await lookAt(repository, { since }))).toMatchObject({ commit: tip });
  });
});

test('of a remote that has itself only a part of the history, the part is enough where it holds both', async (context) => {
  const repository = createRepository(context);
  repository.push({ 'site.yaml': 'a' });
  const since = repository.push({ 'site.yaml': 'b' });
  const tip = repository.push({ 'site.yaml': 'c' });
  const part = join(repository.folder, 'part.git');
  mkdirSync(part);
  repository.git('init', '--quiet', '--bare', '--initial-branch=main', part);
  repository.git(
    '--git-dir',
    part,
    'fetch',
    '--quiet',
    '--depth=2',
    `file://${repository.url}`,
    'main:main',
  );
  expect(seen(await lookAt(repository, { url: part, since }))).toMatchObject({ commit: tip });
  const stranger = commitIn('1'.repeat(40));
  expect(seen(await lookAt(repository, { url: part, since: stranger }))).toEqual(
    rewritten(tip, stranger),
  );
});
