// Signatures by real ssh-keygen and gpg: a commit is taken only where its key is named, and each other case is told from the next.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuseFile } from '../../src/actual/trust.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { Host } from '../../src/host/host.ts';
import { absent } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';
import {
  commitIn,
  createRepository,
  lookAt,
  seen,
  type CommitChoices,
  type Repository,
} from './repository.ts';
import { gpgSigners, importKeys, sshSigner, type GpgSigners, type SshSigner } from './signers.ts';

let folder: string;
let ada: SshSigner;
let eve: SshSigner;
let gpg: GpgSigners;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-signers-'));
  [ada, eve] = [sshSigner(folder, 'ada'), sshSigner(folder, 'eve')];
  gpg = gpgSigners({
    grace: { lives: '0' },
    mallory: { lives: '0' },
    rita: { lives: '0' },
    otto: { at: '20200101T000000', lives: '1y' },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  gpg.end();
});

const ALLOWED = 'etc/bootstrap/allowed_signers';
const REVOKED = 'etc/bootstrap/revoked_signers';

function put({ root }: Repository, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What becomes of a commit that was made so, on a server that was prepared so: who signed it, or what is wrong. */
async function verdict(
  context: Parameters<typeof createRepository>[0],
  choices: CommitChoices,
  prepare: (repository: Repository) => void,
): Promise<unknown> {
  const repository = createRepository(context);
  repository.push({ 'site.yaml': 'a' });
  repository.push({ 'site.yaml': 'b' }, choices);
  prepare(repository);
  const read = await lookAt(repository, { verify: true });
  if (read.ok) return read.value.git?.signedBy;
  if (read.error.code !== 'untrusted') return read.error;
  const { because } = read.error;
  return because.why === 'signature' ? because.fault : because;
}

describe('an ssh key', () => {
  const allow = (lines: (repository: Repository) => string) => (repository: Repository) =>
    put(repository, ALLOWED, lines(repository));

  test('that is named is good', async (context) => {
    const by = await verdict(
      context,
      ada.by,
      allow(() => `# who\nada@example.org,a@b namespaces="git" ${ada.key} Ada\n`),
    );
    expect(by).toBe(`ada@example.org (${ada.fingerprint})`);
  });

  test('that nobody named is told from one that is not valid yet, or not any more', async (context) => {
    const other = `other@example.org ${eve.key}\n`;
    expect(
      await verdict(
        context,
        ada.by,
        allow(() => other),
      ),
    ).toBe('unknown-signer');
    const dated = (dates: string) => allow(() => `${other}ada@example.org ${dates} ${ada.key}\n`);
    expect(await verdict(context, ada.by, dated('valid-before="20200101"'))).toBe('expired');
    expect(await verdict(context, ada.by, dated('namespaces="git",valid-after="29980101"'))).toBe(
      'expired',
    );
    // One that is named for other things is good for nothing here.
    expect(await verdict(context, ada.by, dated('namespaces="file"'))).toBe('bad');
  });

  test('is judged by the date of the commit', async (context) => {
    const until2020 = allow(() => `ada@example.org valid-before="20200101" ${ada.key}\n`);
    const old = { ...ada.by, date: '2019-06-01T00:00:00Z' };
    expect(await verdict(context, old, until2020)).toBe(`ada@example.org (${ada.fingerprint})`);
  });

  test.for<[how: string, revoke: (path: string, key: string) => void]>([
    ['in a list of keys', (path, key) => writeFileSync(path, `${key} ada\n`)],
    [
      'in a list of ssh-keygen(1)',
      (path, key) => {
        writeFileSync(`${path}.pub`, `${key}\n`);
        execFileSync('ssh-keygen', ['-q', '-k', '-f', path, `${path}.pub`]);
      },
    ],
  ])(
    'that was revoked %s is good no more, also where it is still named',
    async ([, revoke], context) => {
      const named = `ada@example.org ${ada.key}\neve@example.org ${eve.key}\n`;
      const prepare = (repository: Repository): void => {
        put(repository, ALLOWED, named);
        revoke(join(repository.root, REVOKED), ada.key);
      };
      expect(await verdict(context, ada.by, prepare)).toBe('revoked');
      expect(await verdict(context, eve.by, prepare)).toBe(`eve@example.org (${eve.fingerprint})`);
    },
  );

  test('with a certificate of an authority that is named is good', async (context) => {
    const [authority, bob] = ['authority', 'bob'].map((name) => join(folder, name));
    const { key } = sshSigner(folder, 'authority');
    const { by } = sshSigner(folder, 'bob');
    const certificate = ['-I', 'bob', '-n', 'bob@example.org', `${bob}.pub`];
    execFileSync('ssh-keygen', ['-q', '-s', `${authority}`, ...certificate]);
    const sign = by.sign?.map((word) => word.replace(/bob$/, 'bob-cert.pub'));
    const prepare = allow(() => `*@example.org cert-authority ${key}\n`);
    expect(await verdict(context, { sign }, prepare)).toMatch(/^bob@example\.org \(SHA256:/);
  });

  test('counts only where it signed this very commit', async (context) => {
    const repository = createRepository(context);
    const signed = repository.push({ 'site.yaml': 'a' }, ada.by);
    put(repository, ALLOWED, `ada@example.org ${ada.key}\n`);
    const forged = forge(repository, signed);
    repository.git('push', '--quiet', '--force', 'origin', `${forged}:main`);
    expect(seen(await lookAt(repository, { verify: true }))).toMatchObject({
      code: 'untrusted',
      because: { why: 'signature', commit: forged, fault: 'bad' },
    });
  });
});

/** The same commit with another message, the signature left as it was. */
function forge({ git, folder: at }: Repository, commit: string): string {
  const path = join(at, 'forged');
  writeFileSync(path, `${git('cat-file', 'commit', commit)}\nand more\n`);
  return commitIn(git('hash-object', '-t', 'commit', '-w', path));
}

describe('a GnuPG key', () => {
  const keys =
    (...more: readonly string[]) =>
    (repository: Repository) =>
      importKeys(repository.root, gpg.exported('grace', 'rita', 'otto'), ...more);

  test('that is in /etc/bootstrap/gnupg is good', async (context) => {
    expect(await verdict(context, gpg.by('grace'), keys())).toBe(
      `grace <grace@example.org> (${gpg.fingerprint('grace')})`,
    );
  });

  test('that is not there is unknown', async (context) => {
    expect(await verdict(context, gpg.by('mallory'), keys())).toBe('unknown-signer');
  });

  test('that was revoked or has ended is told to be', async (context) => {
    expect(await verdict(context, gpg.by('rita'), keys(gpg.revocation('rita')))).toBe('revoked');
    expect(await verdict(context, gpg.by('rita'), keys())).toContain('rita@example.org');
    // Unlike an ssh key, it is judged by today, whatever the day of the signature.
    expect(await verdict(context, gpg.by('otto', '20200601T000000'), keys())).toBe('expired');
  });

  test('counts only where it signed this very commit', async (context) => {
    const repository = createRepository(context);
    const signed = repository.push({ 'site.yaml': 'a' }, gpg.by('grace'));
    keys()(repository);
    repository.git('push', '--quiet', '--force', 'origin', `${forge(repository, signed)}:main`);
    expect(seen(await lookAt(repository, { verify: true }))).toMatchObject({
      because: { why: 'signature', fault: 'bad' },
    });
  });

  test('and ssh keys can be named side by side', async (context) => {
    const prepare = (repository: Repository): void => {
      keys()(repository);
      put(repository, ALLOWED, `ada@example.org ${ada.key}\n`);
    };
    expect(await verdict(context, gpg.by('grace'), prepare)).toContain('grace');
    expect(await verdict(context, ada.by, prepare)).toContain('ada');
    expect(await verdict(context, eve.by, prepare)).toBe('unknown-signer');
    // Where only the other kind is named, it is signed all the same, by nobody known.
    expect(await verdict(context, ada.by, keys())).toBe('unknown-signer');
    expect(
      await verdict(context, gpg.by('grace'), (repository) =>
        put(repository, ALLOWED, `ada@example.org ${ada.key}\n`),
      ),
    ).toBe('unknown-signer');
  });
});

describe('without a good signature nothing is taken:', () => {
  test('a commit that nobody signed, though the one before it is signed', async (context) => {
    const repository = createRepository(context);
    const signed = repository.push({ 'site.yaml': 'a' }, ada.by);
    put(repository, ALLOWED, `ada@example.org ${ada.key}\n`);
    expect(seen(await lookAt(repository, { verify: true }))).toMatchObject({ commit: signed });
    const unsigned = repository.push({ 'site.yaml': 'b' });
    const fault = { why: 'signature', commit: unsigned, fault: 'unsigned', tail: [] };
    expect(seen(await lookAt(repository, { verify: true, since: signed }))).toEqual({
      code: 'untrusted',
      because: fault,
    });
    // Asked for by nobody, signatures are not looked at.
    expect(seen(await lookAt(repository, { since: signed }))).toMatchObject({ commit: unsigned });
  });

  test('anything, where nobody is named', async (context) => {
    expect(await verdict(context, ada.by, () => undefined)).toMatchObject({ why: 'no-signers' });
    expect(await verdict(context, ada.by, (repository) => put(repository, ALLOWED, ''))).toBe(
      'unknown-signer',
    );
    expect(
      await verdict(context, ada.by, (repository) => put(repository, ALLOWED, 'nonsense\n')),
    ).toBe('unknown-signer');
    const folderInPlace = (repository: Repository): void => {
      mkdirSync(join(repository.root, ALLOWED), { recursive: true });
    };
    expect(await verdict(context, ada.by, folderInPlace)).toBe('unknown-signer');
  });

  test.for([ALLOWED, REVOKED, 'etc/bootstrap/gnupg', 'etc/bootstrap/gnupg/pubring.kbx'])(
    'anything, where others can change %s',
    async (path, context) => {
      const repository = createRepository(context);
      repository.push({ 'site.yaml': 'a' }, ada.by);
      put(repository, ALLOWED, `ada@example.org ${ada.key}\n`);
      put(repository, REVOKED, '');
      importKeys(repository.root, gpg.exported('grace'));
      const host = createNodeHost();
      const look = {
        verify: true,
        host,
        refuseFile: (each: string) => refuseFile(host, hostPath('', each)),
      };
      expect((await lookAt(repository, look)).ok).toBe(true);
      chmodSync(join(repository.root, path), 0o777);
      expect(seen(await lookAt(repository, look))).toMatchObject({
        code: 'script-refused',
        refusals: expect.arrayContaining([
          expect.objectContaining({ path: join(repository.root, path) }),
        ]),
      });
    },
  );

  test.for<[program: string, choices: () => CommitChoices]>([
    ['ssh-keygen', () => ada.by],
    ['gpg', () => gpg.by('grace')],
  ])('anything, where %s is not installed', async ([program, choices], context) => {
    const repository = createRepository(context);
    repository.push({ 'site.yaml': 'a' }, choices());
    put(repository, ALLOWED, `ada@example.org ${ada.key}\n`);
    importKeys(repository.root, gpg.exported('grace'));
    expect((await lookAt(repository, { verify: true })).ok).toBe(true);
    const look = { verify: true, host: hostWithout(repository, program) };
    expect(seen(await lookAt(repository, look))).toMatchObject({
      because: { why: 'signature', fault: 'unchecked' },
    });
  });

  test('nothing is left behind by the look for what is wrong', async (context) => {
    const before = readdirSync(tmpdir()).filter((name) =>
      name.startsWith(`bootstrap-private-${process.pid}`),
    );
    await verdict(context, ada.by, (repository) =>
      put(repository, ALLOWED, `ada@example.org valid-before="20200101" ${ada.key}\n`),
    );
    const after = readdirSync(tmpdir()).filter((name) =>
      name.startsWith(`bootstrap-private-${process.pid}`),
    );
    expect(after).toEqual(before);
  });
});

/** This machine as it would be without a program. */
function hostWithout({ folder: at }: Repository, program: string): Host {
  const host = createNodeHost();
  const programs = join(at, 'bin');
  mkdirSync(programs);
  for (const name of ['git', 'prlimit', 'ssh-keygen', 'gpg', 'false'].filter(
    (each) => each !== program,
  ))
    symlinkSync(join('/usr/bin', name), join(programs, name));
  return {
    ...host,
    files: {
      ...host.files,
      inspect: (path) => (path.endsWith(`/${program}`) ? absent : host.files.inspect(path)),
    },
    runner: {
      ...host.runner,
      run: async (request) =>
        await host.runner.run({ ...request, env: { ...request.env, PATH: programs } }),
    },
  };
}
