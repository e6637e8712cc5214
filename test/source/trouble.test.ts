// A remote that is gone or silent, and a clone that is damaged: said clearly, nothing else touched, and mended by itself.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { renderFailure } from '../../src/core/render/failure-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { until } from '../host/until.ts';
import { clonesOf, createRepository, lookAt, seen, type Repository } from './repository.ts';

describe('a remote', () => {
  test('that is gone is said to be, the clone left as it is; it is read again when it is back', async (context) => {
    const repository = createRepository(context);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    await lookAt(repository);
    const before = filesOf(repository);
    renameSync(repository.url, `${repository.url}.away`);
    const gone = await lookAt(repository);
    if (gone.ok) throw new Error('it was read');
    expect(renderFailure(gone.error, { palette: plainPalette, width: 80 })).toBe(
      `error: ${repository.url} cannot be read: git ls-remote failed with exit code 128
  fatal: '${repository.url}' does not appear to be a git repository
  fatal: Could not read from remote repository.
  Please make sure you have the correct access rights
  and the repository exists.
fix: see that it is there, and that this server may read it: access is set up in /etc/bootstrap/git
`,
    );
    expect(filesOf(repository)).toEqual(before);
    renameSync(`${repository.url}.away`, repository.url);
    expect(seen(await lookAt(repository))).toMatchObject({ commit });
  });

  test.for(['https', 'ssh'])(
    'that never answers over %s is waited for no longer than it may take',
    async (scheme, context) => {
      const { repository, server } = await silent(context);
      const url = `${scheme}://127.0.0.1:${portOf(server)}/servers.git`;
      const startedMs = performance.now();
      expect(seen(await lookAt(repository, { url, timeoutMs: 700 }))).toEqual({
        code: 'source-unreachable',
        url,
        because: { why: 'git', command: 'ls-remote', end: { how: 'timeout', afterMs: 700 } },
        tail: [],
      });
      expect(performance.now() - startedMs).toBeGreaterThan(650);
      expect(clonesOf(repository)).toEqual([]);
      await until(() => helpersOf(repository).length === 0);
    },
  );

  test('that never answers is let go when the look is called off', async (context) => {
    const { repository, server } = await silent(context);
    const url = `https://127.0.0.1:${portOf(server)}/servers.git`;
    const called = new AbortController();
    const connected = once(server, 'connection');
    const look = lookAt(repository, { url, signal: called.signal });
    await connected;
    called.abort('SIGTERM');
    expect(seen(await look)).toEqual({ code: 'interrupted', signal: 'SIGTERM' });
    await until(() => helpersOf(repository).length === 0);
  });

  test('that refuses is told from one that is silent', async (context) => {
    const { repository, server } = await silent(context);
    const url = `https://127.0.0.1:${portOf(server)}/servers.git`;
    server.close();
    await once(server, 'close');
    expect(seen(await lookAt(repository, { url }))).toMatchObject({
      because: { command: 'ls-remote', end: { how: 'exit', exitCode: 128 } },
      tail: [expect.stringContaining('onnect')],
    });
  });

  test('that holds no repository of that name yet is one that has no such branch', async (context) => {
    const repository = createRepository(context);
    expect(seen(await lookAt(repository))).toMatchObject({
      because: { why: 'no-ref', ref: 'main' },
    });
  });
});

describe('a clone', () => {
  const newest = (folder: string, end: string): string =>
    join(folder, readdirSync(folder).find((name) => name.endsWith(end)) ?? '');
  const pack = (clone: string): string => newest(join(clone, 'objects/pack'), '.pack');

  test.for<[how: string, damage: (clone: string) => void]>([
    ['without HEAD', (clone) => rmSync(join(clone, 'HEAD'))],
    ['with an empty HEAD', (clone) => writeFileSync(join(clone, 'HEAD'), '')],
    ['with a config that is none', (clone) => writeFileSync(join(clone, 'config'), '[[[')],
    [
      'of a format that git does not know',
      (clone) => appendFileSync(join(clone, 'config'), '[core]\nrepositoryformatversion = 99\n'),
    ],
    ['without objects', (clone) => rmSync(join(clone, 'objects'), { recursive: true })],
    ['without its pack', (clone) => rmSync(pack(clone))],
    ['without the index of its pack', (clone) => rmSync(pack(clone).replace('.pack', '.idx'))],
    ['with a pack that was cut short', (clone) => truncateSync(pack(clone), 40)],
    [
      'with a pack that was written over',
      (clone) => writeFileSync(overwritable(pack(clone)), 'x'.repeat(900)),
    ],
    [
      'with a ref that is empty',
      (clone) => writeFileSync(join(clone, 'refs/bootstrap/heads/main'), ''),
    ],
    [
      'with a ref to nothing',
      (clone) => writeFileSync(join(clone, 'refs/bootstrap/heads/main'), `${'1'.repeat(40)}\n`),
    ],
    [
      'with a ref that is no id',
      (clone) => writeFileSync(join(clone, 'refs/bootstrap/heads/main'), 'x'.repeat(40)),
    ],
    [
      'with a folder where its ref was',
      (clone) => {
        rmSync(join(clone, 'refs/bootstrap/heads/main'));
        mkdirSync(join(clone, 'refs/bootstrap/heads/main/x'), { recursive: true });
        writeFileSync(join(clone, 'refs/bootstrap/heads/main/x/y'), '');
      },
    ],
    [
      'that is a file',
      (clone) => {
        rmSync(clone, { recursive: true });
        writeFileSync(clone, 'not a folder');
      },
    ],
    [
      'that a killed git left its lock on the ref in',
      (clone) => writeFileSync(join(clone, 'refs/bootstrap/heads/main.lock'), ''),
    ],
    [
      'that a killed git left half a pack in',
      (clone) => writeFileSync(join(clone, 'objects/pack/tmp_pack_x1y2z3'), 'PACK'),
    ],
  ])(
    '%s is no obstacle, neither where nothing is new nor where something is',
    async ([, damage], context) => {
      const repository = createRepository(context);
      const first = repository.push({ 'site.yaml': 'a\n' });
      await lookAt(repository);
      const second = repository.push({ 'site.yaml': 'b\n' });
      expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: second });
      const [clone = ''] = clonesOf(repository);
      damage(clone);
      expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: second });
      damage(clone);
      const third = repository.push({ 'site.yaml': 'c\n' });
      expect(seen(await lookAt(repository, { since: first }))).toMatchObject({ commit: third });
      expect(clonesOf(repository)).toHaveLength(1);
      const names = readdirSync(clone, { recursive: true, encoding: 'utf8' });
      expect(names.filter((name) => /\.lock$|tmp_/.test(name))).toEqual([]);
    },
  );

  test('is used by one process at a time, and both read the same', async (context) => {
    const repository = createRepository(context);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    const looks = await Promise.all([1, 2, 3, 4].map(async () => await lookAt(repository)));
    expect(looks.map((look) => look.ok && look.value.git?.commit)).toEqual(Array(4).fill(commit));
  });

  test('that cannot be made is said to, by the path', async (context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a\n' });
    mkdirSync(join(repository.root, 'var'), { recursive: true });
    writeFileSync(join(repository.root, 'var/bootstrap'), 'a file');
    expect(seen(await lookAt(repository))).toMatchObject({
      code: 'file-unusable',
      path: join(repository.root, 'var/bootstrap/source'),
      what: 'write',
    });
  });
});

// Packs may be read only.
function overwritable(path: string): string {
  rmSync(path);
  return path;
}

/** A server that takes connections and says nothing. */
async function silent(
  context: TestContext,
): Promise<{ readonly repository: Repository; readonly server: Server }> {
  const repository = createRepository(context);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    context.onTestFinished(() => {
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => {
    server.close();
  });
  return { repository, server };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Processes that work for the clones of a repository, by the GIT_DIR of their environment. */
function helpersOf({ root }: Repository): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GIT_DIR=${root}/`);
    } catch {
      return false; // it has ended, or is somebody else's
    }
  });
}

function filesOf({ root }: Repository): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
}
