import type { Host } from '../host/host.ts';
import type { Failure, ScriptRefusal } from '../model/failure.ts';
import { transportOf, type GitUrl } from '../model/git.ts';
import type { HostPath } from '../model/ids.ts';
import type { SourceLayout } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';

/** What makes a remote let this server in. */
export interface Credentials {
  /** Settings of git, for its command line: they hold no secret. */
  readonly settings: readonly string[];
  /** What holds one: no other user can read the environment of a process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Never to be printed. */
  readonly secrets: readonly string[];
}

/** Says why a file may not be relied on; [] where it may. */
export type RefuseFile = (path: HostPath) => readonly ScriptRefusal[];

const NONE: Credentials = { settings: [], environment: {}, secrets: [] };

/**
 * The credentials for a remote, from /etc/bootstrap/git; none where nothing is there. Fails as `secret-unavailable` for a token that
 * everybody can read, as `script-refused` for a file that others could change.
 */
export function readCredentials(
  host: Pick<Host, 'files'>,
  { url, layout }: { readonly url: GitUrl; readonly layout: SourceLayout },
  refuseFile: RefuseFile,
): Result<Credentials, Failure> {
  const transport = transportOf(url);
  switch (transport) {
    case 'file':
      return ok(NONE);
    case 'ssh':
      return sshCredentials(host.files, layout, refuseFile);
    case 'https':
      return httpsCredentials(host.files, url, { layout, refuseFile });
  }
}

type Reader = Pick<Host['files'], 'inspect' | 'read'>;

function sshCredentials(
  files: Reader,
  { sshKey, knownHosts }: SourceLayout,
  refuseFile: RefuseFile,
): Result<Credentials, Failure> {
  const there = [sshKey, knownHosts].filter((path) => files.inspect(path).kind !== 'absent');
  const refusals = there.flatMap((path) => refuseFile(path));
  if (refusals.length > 0) return err({ code: 'script-refused', refusals });
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${there.includes(knownHosts) ? sshWord(knownHosts) : '/dev/null'}`,
    'IdentitiesOnly=yes',
    `IdentityFile=${there.includes(sshKey) ? sshWord(sshKey) : 'none'}`,
    'IdentityAgent=none',
    'ConnectTimeout=15',
    // A connection that is dead in silence is given up after a minute.
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
  ];
  const words = ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', option])];
  const command = words.map(shellWord).join(' ');
  return ok({ ...NONE, settings: [`core.sshCommand=${command}`, 'ssh.variant=ssh'] });
}

// ssh_config(5): in quotes for the blanks in it, and a per cent sign would begin a token.
function sshWord(path: HostPath): string {
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('%', '%%')}"`;
}

// Git hands this one setting to a shell.
function shellWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

const READABLE_BY_OTHERS = 0o004;

function httpsCredentials(
  files: Reader,
  url: GitUrl,
  { layout, refuseFile }: { readonly layout: SourceLayout; readonly refuseFile: RefuseFile },
): Result<Credentials, Failure> {
  const { token: path, authority } = layout;
  const hasAuthority = files.inspect(authority).kind !== 'absent';
  const refusals = hasAuthority ? refuseFile(authority) : [];
  if (refusals.length > 0) return err({ code: 'script-refused', refusals });
  const settings = hasAuthority ? [`http.sslCAInfo=${authority}`] : [];
  const info = files.inspect(path);
  if (info.kind === 'absent') return ok({ ...NONE, settings });
  const unavailable = (why: string): Result<never, Failure> =>
    err<Failure>({ code: 'secret-unavailable', source: 'fromFile', name: path, why });
  if (info.kind === 'known' && (info.value.mode & READABLE_BY_OTHERS) !== 0)
    return unavailable(`everybody can read it: chmod o-r ${path}`);
  const text = files.read(path);
  if (text.kind !== 'known') return unavailable(text.kind === 'absent' ? 'it is gone' : text.why);
  const written = text.value.replace(/\r?\n$/, '');
  if (written === '' || /\p{Cc}/u.test(written)) return unavailable('it is not one line of text');
  return ok({ settings, ...asHeader(url, written) });
}

// What forges take beside a token where they ask for no name of its own.
const USER_DEFAULT = 'git';

// To this host alone, and by the environment: git has no other way that shows a secret to nobody.
function asHeader(url: GitUrl, written: string): Omit<Credentials, 'settings'> {
  const pair = written.includes(':') ? written : `${USER_DEFAULT}:${written}`;
  const encoded = Buffer.from(pair).toString('base64');
  const environment = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${encoded}`,
  };
  return { environment, secrets: [encoded, pair.slice(pair.indexOf(':') + 1)] };
}
