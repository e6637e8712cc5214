// How a remote lets this server in, and that nobody else learns by what: real https with git's own server, and what ssh makes of its options.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFiles } from '../../src/host/files.ts';
import { parseGitUrl } from '../../src/model/git.ts';
import { sourceLayoutOf } from '../../src/model/layout.ts';
import { readCredentials } from '../../src/source/git-credentials.ts';
import { serveHttps, type HttpsRemote } from './https-remote.ts';
import { createRepository, lookAt, seen, type Repository } from './repository.ts';

const TOKEN = 'glpat-0123456789abcdefXYZ';

function put({ root }: Pick<Repository, 'root'>, path: string, text: string, bits = 0o600): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), bits);
}

function trust({ root }: Repository, { authority }: HttpsRemote): void {
  put({ root }, 'etc/bootstrap/git/ca.pem', '', 0o644);
  copyFileSync(authority, join(root, 'etc/bootstrap/git/ca.pem'));
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

describe('https', () => {
  test('is read with a certificate authority of one’s own, and else not at all', async (context) => {
    const repository = createRepository(context);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    const remote = await serveHttps(context, repository);
    expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({
      code: 'source-unreachable',
      tail: [expect.stringMatching(/certificate/i)],
    });
    expect(remote.asked).toEqual([]);
    trust(repository, remote);
    expect(seen(await lookAt(repository, { url: remote.url }))).toEqual({
      commit,
      [`${remote.url}@${commit.slice(0, 7)}:site.yaml`]: 'a\n',
    });
    for (let number = 0; number < 3; number += 1) repository.push({ 'site.yaml': `${number}` });
    const next = await lookAt(repository, { url: remote.url, since: commit });
    expect(seen(next)).toMatchObject({ commit: repository.head() });
  });

  test.for([
    ['a token', `${TOKEN}\n`, `git:${TOKEN}`],
    ['a user and a token', `deploy+1:${TOKEN}`, `deploy+1:${TOKEN}`],
  ])('is read with %s', async ([, written = '', pair = ''], context) => {
    const repository = createRepository(context);
    const commit = repository.push({ 'site.yaml': 'a\n' });
    const remote = await serveHttps(context, repository, (request, response) => {
      if (request.headers.authorization === basic(pair)) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return true;
    });
    trust(repository, remote);
    expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({
      because: { command: 'ls-remote', end: { how: 'exit', exitCode: 128 } },
      tail: [expect.stringContaining('terminal prompts disabled')],
    });
    put(repository, 'etc/bootstrap/git/token', written);
    expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({ commit });
  });

  test('shows the token to no process list, and not where a remote sends it back', async (context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a\n' });
    let commandLines: readonly string[] = [];
    const remote = await serveHttps(context, repository, ({ headers }, response) => {
      commandLines = readdirSync('/proc').flatMap(commandLine);
      const echo = `you sent ${headers.authorization}, which is ${TOKEN}\n`;
      response.writeHead(403, { 'content-type': 'text/plain' }).end(echo);
      return true;
    });
    trust(repository, remote);
    put(repository, 'etc/bootstrap/git/token', `${TOKEN}\n`);
    const read = await lookAt(repository, { url: remote.url });
    expect(remote.asked.map(({ credentials }) => credentials)).toContain(basic(`git:${TOKEN}`));
    const secrets = [TOKEN, Buffer.from(`git:${TOKEN}`).toString('base64')];
    expect(commandLines.some((line) => line.includes('ls-remote'))).toBe(true);
    for (const secret of secrets) {
      expect(commandLines.filter((line) => line.includes(secret))).toEqual([]);
      expect(JSON.stringify(read)).not.toContain(secret);
    }
    expect(seen(read)).toMatchObject({
      tail: expect.arrayContaining(['remote: you sent Basic ***, which is ***']),
    });
  });

  test('is not followed to where it points: nobody else is shown the token', async (context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a\n' });
    const elsewhere = await serveHttps(context, repository);
    const remote = await serveHttps(context, repository, ({ url }, response) => {
      const location = `${elsewhere.url.replace('127.0.0.1', 'localhost').replace('/remote.git', '')}${url}`;
      response.writeHead(302, { location }).end();
      return true;
    });
    copyFileSync(elsewhere.authority, remote.authority);
    trust(repository, remote);
    put(repository, 'etc/bootstrap/git/token', TOKEN);
    expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({
      code: 'source-unreachable',
    });
    expect(remote.asked).not.toEqual([]);
    expect(elsewhere.asked).toEqual([]);
  });

  test.for([
    ['everybody can read it', TOKEN, 0o644, 'everybody can read it: chmod o-r '],
    ['it has two lines', `${TOKEN}\nX-Header: y\n`, 0o600, 'it is not one line of text'],
    ['it is empty', '\n', 0o600, 'it is not one line of text'],
  ] as const)(
    'asks nobody where the token is unusable: %s',
    async ([, text, bits, why], context) => {
      const repository = createRepository(context);
      const remote = await serveHttps(context, repository);
      put(repository, 'etc/bootstrap/git/token', text, bits);
      expect(seen(await lookAt(repository, { url: remote.url }))).toMatchObject({
        code: 'secret-unavailable',
        name: join(repository.root, 'etc/bootstrap/git/token'),
        why: expect.stringContaining(why),
      });
      expect(remote.asked).toEqual([]);
    },
  );
});

function commandLine(pid: string): readonly string[] {
  try {
    return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
  } catch {
    return []; // it has ended, or it is no process
  }
}

describe('ssh', () => {
  test.for(['root', "it's a root", 'a "root" \\ of 100%', 'root;touch pwned'])(
    'is given the key and the host keys of this server and no others, below %s',
    (name, context) => {
      const { folder } = createRepository(context);
      const root = join(folder, name);
      put({ root }, 'etc/bootstrap/git/id', 'key\n');
      put({ root }, 'etc/bootstrap/git/known_hosts', 'hosts\n');
      const said = optionsOf(root, folder);
      expect(said).toMatchObject({
        batchmode: 'yes',
        stricthostkeychecking: 'true',
        identitiesonly: 'yes',
        identityfile: join(root, 'etc/bootstrap/git/id'),
        userknownhostsfile: join(root, 'etc/bootstrap/git/known_hosts'),
        identityagent: 'none',
        forwardagent: 'no',
        permitlocalcommand: 'no',
      });
      expect(said).not.toHaveProperty('proxycommand');
      expect(readdirSync(folder)).not.toContain('pwned');
    },
  );

  test('without a key and without host keys has none: not those of the user it runs as', (context) => {
    const { folder } = createRepository(context);
    const said = optionsOf(join(folder, 'root'), folder);
    expect(said).toMatchObject({ identityfile: 'none', userknownhostsfile: '/dev/null' });
  });

  test('keys that others could change are refused', async (context) => {
    const repository = createRepository(context);
    put(repository, 'etc/bootstrap/git/known_hosts', '', 0o666);
    const refusal = { path: 'x', why: 'everybody can write it', fix: 'chmod' };
    const url = 'git@127.0.0.1:servers.git';
    const look = { url, refuseFile: () => [refusal] };
    expect(seen(await lookAt(repository, look))).toEqual({
      code: 'script-refused',
      refusals: [refusal],
    });
  });
});

/** What ssh makes of the command that git is given: its own words for the options that it ends up with. */
function optionsOf(root: string, cwd: string): Readonly<Record<string, string>> {
  const url = parseGitUrl('git@git.example:servers.git');
  if (!url.ok) throw new Error(url.error);
  const layout = sourceLayoutOf(root, 'digest');
  const credentials = readCredentials(
    { files: createFiles() },
    { url: url.value, layout },
    () => [],
  );
  if (!credentials.ok) throw new Error(credentials.error.code);
  const [setting = ''] = credentials.value.settings;
  const command = setting.replace(/^core\.sshCommand=/, '');
  // As git does: a shell, with its own arguments behind.
  const printed = execFileSync('sh', ['-c', `${command} "$@"`, command, '-G', 'git@git.example'], {
    encoding: 'utf8',
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Object.fromEntries(
    printed
      .trim()
      .split('\n')
      .map((line) => {
        const [key = '', ...words] = line.split(' ');
        // Some are printed as they are to be read, some as they were written.
        return [key, words.join(' ').replaceAll('%%', '%')];
      }),
  );
}
