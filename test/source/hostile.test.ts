// Somebody may push whatever they like, and may run the remote: nothing of it is ever executed here, and no word becomes an option.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  parseCommitId,
  parseGitRef,
  parseGitUrl,
  parseTreePath,
  transportOf,
} from '../../src/model/git.ts';
import { serveHttps } from './https-remote.ts';
import { clonesOf, createRepository, lookAt, seen, type Repository } from './repository.ts';
import { sshSigner } from './signers.ts';

/** A program that leaves a mark wherever it is run from. */
function trap({ folder }: Repository): string {
  const path = join(folder, 'trap');
  writeFileSync(path, `#!/bin/sh\ntouch '${folder}/sprung'\ncat\n`);
  chmodSync(path, 0o755);
  return path;
}

function put(path: string, text: string, bits = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, bits);
}

/** Every setting by which a repository could make git run something. */
function evilSettings(program: string): string {
  return `[core]
  fsmonitor = ${program}
  hooksPath = ${dirname(program)}
  sshCommand = ${program}
  gitProxy = ${program}
  alternateRefsCommand = ${program}
  askPass = ${program}
  attributesFile = ${program}
[gpg]
  program = ${program}
[gpg "ssh"]
  program = ${program}
[filter "evil"]
  smudge = ${program}
  clean = ${program}
  process = ${program}
[diff "evil"]
  textconv = ${program}
  command = ${program}
[uploadpack]
  packObjectsHook = ${program}
[credential]
  helper = ${program}
`;
}

describe('what is executed by', () => {
  test('a commit full of hooks, filters, settings and submodules is nothing', async (context) => {
    const repository = createRepository(context);
    const program = trap(repository);
    const ada = sshSigner(repository.folder, 'ada');
    const evil = evilSettings(program);
    const commit = repository.push(
      {
        'site.yaml': 'a\n',
        config: evil,
        'hooks/post-checkout': `#!/bin/sh\n${program}\n`,
        '.gitattributes': '* filter=evil diff=evil merge=evil text eol=crlf ident\n',
        '.gitmodules': `[submodule "x"]\n  path = x\n  url = ${program}\n  update = none\n`,
        'gpg.program': program,
        '--upload-pack=touch sprung': 'x\n',
      },
      ada.by,
    );
    put(join(repository.root, 'etc/bootstrap/allowed_signers'), `ada@example.org ${ada.key}\n`);
    const read = await lookAt(repository, { verify: true });
    expect(seen(read)).toMatchObject({ commit });
    expect((await lookAt(repository, { verify: true, since: commit })).ok).toBe(true);
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(false);
    const [clone = ''] = clonesOf(repository);
    // As it came it stays: nothing of it was written out, and the clone's own settings are those that it was made with.
    expect(readdirSync(clone).toSorted()).toEqual(['HEAD', 'config', 'objects', 'refs', 'shallow']);
    expect(read.ok && [...read.value.texts.values()]).toEqual([{ kind: 'known', value: 'a\n' }]);
  });

  test('a remote on this machine with hooks and settings of its own is nothing', async (context) => {
    const repository = createRepository(context);
    const program = trap(repository);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    put(join(repository.url, 'config'), `[core]\n  bare = true\n${evilSettings(program)}`);
    for (const hook of [
      'pre-upload-pack',
      'post-upload-pack',
      'reference-transaction',
      'post-checkout',
    ])
      put(join(repository.url, 'hooks', hook), `#!/bin/sh\n${program}\n`, 0o755);
    expect(seen(await lookAt(repository))).toMatchObject({ commit });
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(false);
  });

  test('settings of the clone itself is nothing, though plain git would execute them', async (context) => {
    const repository = createRepository(context);
    const program = trap(repository);
    const ada = sshSigner(repository.folder, 'ada');
    const commit = repository.push({ 'site.yaml': 'a\n' }, ada.by);
    put(join(repository.root, 'etc/bootstrap/allowed_signers'), `ada@example.org ${ada.key}\n`);
    await lookAt(repository);
    const [clone = ''] = clonesOf(repository);
    appendFileSync(join(clone, 'config'), evilSettings(program));
    expect(seen(await lookAt(repository, { verify: true }))).toMatchObject({ commit });
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(false);
    const allowed = `gpg.ssh.allowedSignersFile=${repository.root}/etc/bootstrap/allowed_signers`;
    expect(() => repository.git('-C', clone, '-c', allowed, 'verify-commit', commit)).toThrow();
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(true);
  });

  test('the environment in which it runs is nothing', async (context) => {
    const repository = createRepository(context);
    const program = trap(repository);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    const home = join(repository.folder, 'home');
    put(join(home, '.gitconfig'), evilSettings(program));
    const evil: Readonly<Record<string, string>> = {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_SSH_COMMAND: program,
      GIT_ASKPASS: program,
      GIT_PROXY_COMMAND: program,
      GIT_EXTERNAL_DIFF: program,
      GIT_PAGER: program,
      GIT_EDITOR: program,
      GIT_EXEC_PATH: dirname(program),
      GIT_TEMPLATE_DIR: dirname(program),
      GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${program}'`,
      GIT_DIR: repository.url,
      GIT_OBJECT_DIRECTORY: home,
    };
    const before = { ...process.env };
    context.onTestFinished(() => {
      for (const name of Object.keys(evil)) delete process.env[name];
      Object.assign(process.env, before);
    });
    Object.assign(process.env, evil);
    expect(seen(await lookAt(repository))).toMatchObject({ commit });
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(false);
  });

  test('a server that points to another kind of remote is nothing', async (context) => {
    const repository = createRepository(context);
    const program = trap(repository);
    repository.push({ 'site.yaml': 'a\n' });
    const remote = await serveHttps(context, repository, (_, response) => {
      response.writeHead(302, { location: `ext::${program}` }).end();
      return true;
    });
    put(join(repository.root, 'etc/bootstrap/git/ca.pem'), '');
    copyFileSync(remote.authority, join(repository.root, 'etc/bootstrap/git/ca.pem'));
    expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({
      code: 'source-unreachable',
    });
    expect(existsSync(join(repository.folder, 'sprung'))).toBe(false);
  });
});

test('objects that git calls malformed are not taken', async (context) => {
  const repository = createRepository(context);
  const good = repository.push({ 'site.yaml': 'a\n' });
  await lookAt(repository);
  // A tree with a .git in it: whoever checks it out gets its settings and hooks.
  const blob = repository.git('rev-parse', 'HEAD:site.yaml');
  const tree = join(repository.folder, 'tree');
  const entry = (mode: string, name: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(blob, 'hex')]);
  writeFileSync(tree, Buffer.concat([entry('100644', '.git'), entry('100644', 'site.yaml')]));
  const id = repository.git('hash-object', '--literally', '-t', 'tree', '-w', tree);
  const bad = repository.git('commit-tree', '-p', good, '-m', 'x', id);
  repository.git('push', '--quiet', 'origin', `${bad}:main`);
  expect(seen(await lookAt(repository, { since: good }))).toMatchObject({
    code: 'source-unreachable',
    because: { command: 'fetch' },
    tail: expect.arrayContaining([expect.stringContaining("contains '.git'")]),
  });
});

describe('an address', () => {
  test.for([
    ['https://git.example/servers.git', 'https'],
    ['https://git.example:8443/a/b.git', 'https'],
    ['https://[::1]:8443/a.git', 'https'],
    ['ssh://git@git.example/servers.git', 'ssh'],
    ['ssh://git.example:2222/~git/servers.git', 'ssh'],
    ['git@git.example:team/servers.git', 'ssh'],
    ['git.example:/srv/servers.git', 'ssh'],
    ['git@[::1]:servers.git', 'ssh'],
    ['file:///srv/servers.git', 'file'],
    ['/srv/my servers.git', 'file'],
  ] as const)('%s is one of %s', ([text, transport]) => {
    const url = parseGitUrl(text);
    expect(url.ok && transportOf(url.value)).toBe(transport);
  });

  test.for([
    'ext::sh -c "touch pwned"',
    'ext::/bin/true',
    'fd::7',
    'EXT::x',
    'transport::https://git.example/x',
    'http://git.example/servers.git',
    'git://git.example/servers.git',
    'ftp://git.example/x',
    'rsync://git.example/x',
    'HTTPS://git.example/x',
    'file://other-host/srv/x',
    'servers.git',
    './servers.git',
    '../servers.git',
    '~/servers.git',
    '',
    '--upload-pack=touch pwned',
    '-oProxyCommand=touch pwned',
    'ssh://-oProxyCommand=touch%20pwned/x',
    'ssh://-l@git.example/x',
    '-oProxyCommand=x:servers.git',
    '-l@git.example:servers.git',
    'git@-oProxyCommand=x:servers.git',
    'git.example:-servers.git',
    'ssh://git:password@git.example/x',
    'https://user:password@git.example/x',
    'https://token@git.example/x',
    String.raw`https://git.example\@evil.example/x`,
    'https://git.example',
    'https:///x',
    'https://git.example/a b',
    'https://git.example/x\nHost: y',
    '/srv/x\0y',
    '//host/share',
  ])('is not %s', (text) => {
    expect(parseGitUrl(text)).toMatchObject({ ok: false });
  });
});

describe('a ref', () => {
  test.for(['main', 'feature/x', 'v1.0', 'refs/heads/main', 'HEAD', '0'.repeat(40), 'a@b', 'ü'])(
    'can be %s',
    (text) => {
      expect(parseGitRef(text)).toMatchObject({ ok: true });
    },
  );

  test.for([
    '--upload-pack=touch pwned',
    '-x',
    '',
    '@',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    String.raw`a\b`,
    'a@{1}',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.',
    'a.lock',
    'a.lock/b',
    'a\nb',
    'a\0b',
    '../../HEAD',
  ])('is not %s', (text) => {
    expect(parseGitRef(text)).toMatchObject({ ok: false });
  });

  test.for(['a'.repeat(40), '0123456789'.repeat(4), 'f'.repeat(64)])(
    'can be a commit id: %s',
    (text) => {
      expect(parseCommitId(text)).toBe(text);
    },
  );

  test.for([
    '',
    'abc1234',
    'a'.repeat(39),
    'a'.repeat(41),
    'A'.repeat(40),
    `${'a'.repeat(40)}\n`,
    'HEAD',
  ])('is no commit id where it is "%s"', (text) => {
    expect(parseCommitId(text)).toBeUndefined();
  });
});

describe('a path', () => {
  test.for(['site.yaml', 'a/b.yaml', ':(top)x', '*', 'a b', '.hidden', 'a..b', '$(touch pwned)'])(
    'can be %s',
    (text) => {
      expect(parseTreePath(text)).toMatchObject({ ok: true });
    },
  );

  test.for([
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a/..',
    './x',
    'a/./b',
    'a//b',
    'a/',
    '--help',
    '-x',
    'a\nb',
    'a\0b',
  ])('is not %s', (text) => {
    expect(parseTreePath(text)).toMatchObject({ ok: false });
  });
});
