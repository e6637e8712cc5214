import type { Host, RunReport } from '../host/host.ts';
import { durationMs, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { transportOf, type GitUrl } from '../model/git.ts';
import type { HostPath } from '../model/ids.ts';
import type { SourceLayout } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Credentials } from './git-credentials.ts';

/** Where git and what it runs are looked for: only root can change what is there. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** For work on the clone alone: a history of thousands of commits takes a second. */
const LOCAL_TIMEOUT_MS = durationMs(60_000);

// On the command line, where nothing that stands in a repository or on this machine can overrule them (git-config(1), "-c").
const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.sharedRepository=0600',
  'core.fsync=all',
  'credential.helper=',
  'core.askPass=',
  'http.followRedirects=false',
  'transfer.fsckObjects=true',
  // What is fetched comes into the clone as one pack, whole or not at all, never as loose objects one by one.
  'fetch.unpackLimit=1',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  // Git would tidy up on its own, detached, while the next command is at work.
  'maintenance.auto=false',
  'gc.autoDetach=false',
  'gc.pruneExpire=now',
  'gc.autoPackLimit=20',
  'gpg.program=gpg',
  'gpg.ssh.program=ssh-keygen',
  'gpg.x509.program=false',
];

/** Git, at one clone and for one remote. */
export interface Git {
  readonly url: GitUrl;
  readonly clone: HostPath;
  readonly signal: AbortSignal;
  readonly run: (args: readonly string[], how?: GitRun) => Promise<RunReport>;
}

/** How a command is run, where it is not one of the usual small ones on the clone. */
export interface GitRun {
  /** Settings beside those of every command. */
  readonly settings?: readonly string[];
  readonly timeoutMs?: DurationMs;
  /** A program and its arguments that run git. */
  readonly through?: readonly [string, ...string[]];
  readonly stdin?: string;
  readonly stdoutBytesMax?: number;
}

/** Why something could not be done. `suspect`: git could not do it with this clone; with a new one it may. */
export interface Setback {
  readonly failure: Failure;
  readonly clone: 'sound' | 'suspect';
}

/** What git is set up with. */
export interface GitSetUp {
  readonly url: GitUrl;
  readonly layout: SourceLayout;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

/** Git for one remote, with no setting, program, prompt or credential but those that are given here. */
export function setUpGit(
  host: Pick<Host, 'runner' | 'machine'>,
  { url, layout: { clone, gnupg }, credentials, signal }: GitSetUp,
): Git {
  const env = {
    PATH: PROGRAM_PATH,
    LC_ALL: 'C.UTF-8',
    // Not a person's: curl would look for a .netrc there.
    HOME: clone,
    GIT_DIR: clone,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: transportOf(url),
    GNUPGHOME: gnupg,
    ...proxiesOf(host.machine),
    ...credentials.environment,
  };
  const run: Git['run'] = async (args, how = {}) => {
    const { timeoutMs = LOCAL_TIMEOUT_MS, settings = [], through, stdin, stdoutBytesMax } = how;
    const all = [...SETTINGS, ...credentials.settings, ...settings];
    const words = ['git', ...all.flatMap((setting) => ['-c', setting]), ...args] as const;
    return await host.runner.run({
      argv: through === undefined ? words : [...through, ...words],
      env,
      stdin,
      timeoutMs,
      terminate: signal,
      mask: credentials.secrets,
      keepStdout: true,
      stdoutBytesMax,
    });
  };
  return { url, clone, signal, run };
}

const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];

function proxiesOf(machine: Host['machine']): Readonly<Record<string, string>> {
  const found = PROXY_VARIABLES.map((name) => [name, machine.environment(name)] as const);
  return Object.fromEntries(
    found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What a command printed. */
export async function ask(
  git: Git,
  args: readonly string[],
  how?: GitRun,
): Promise<Result<string, Setback>> {
  const report = await git.run(args, how);
  return exitCodeOf(report) === 0 ? ok(report.stdout) : err(setbackOf(git, args, report));
}

/** As `ask`; undefined where it exits with 1, as commands do that say no. */
export async function askWhether(
  git: Git,
  args: readonly string[],
): Promise<Result<string | undefined, Setback>> {
  const report = await git.run(args);
  const exitCode = exitCodeOf(report);
  if (exitCode === 1) return ok(undefined);
  return exitCode === 0 ? ok(report.stdout) : err(setbackOf(git, args, report));
}

/** The exit code of a program, or undefined where it was ended or never started. */
export function exitCodeOf({ end }: Pick<RunReport, 'end'>): number | undefined {
  return end.how === 'exit' ? end.exitCode : undefined;
}

function setbackOf(
  { url, signal }: Git,
  args: readonly string[],
  { end, tail }: RunReport,
): Setback {
  if (signal.aborted)
    return { failure: { code: 'interrupted', signal: reasonOf(signal) }, clone: 'sound' };
  // A remote that is silent says nothing about the clone.
  const clone = end.how === 'timeout' || end.how === 'not-started' ? 'sound' : 'suspect';
  const command = args.find((word) => !word.startsWith('-')) ?? '';
  const because = { why: 'git', command, end } as const;
  return { failure: { code: 'source-unreachable', url, because, tail: saidIn(tail) }, clone };
}

/** What git said, without the empty lines between, and the CR with which ssh ends its own. */
export function saidIn(tail: readonly string[]): readonly string[] {
  return tail.map((line) => line.replace(/\\x0d$/, '')).filter((line) => line.trim() !== '');
}

function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'abort';
}
