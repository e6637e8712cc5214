import { relative, resolve } from 'node:path';
import type { GithubStyle } from '../core/render/diagnostics-github.ts';
import type { PlanFrame } from '../core/render/plan-json.ts';
import { plainPalette, type Palette } from '../core/render/palette.ts';
import { createNodeHost } from '../host/node-host.ts';
import type { Host } from '../host/host.ts';
import type { Site, NamedFile } from '../app/site.ts';
import { readTrust } from '../app/trust-record.ts';
import { valueOf } from '../model/fact.ts';
import { hostPath, runIdOf, type HostPath, type RunId } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import { ok } from '../model/result.ts';
import { journalStreams } from '../report/journal-levels.ts';
import type { Streams } from '../report/streams.ts';
import { colours } from './colours.ts';
import type { GlobalOptions } from './options.ts';

const WIDTH_DEFAULT = 80;

/** What a command works with: the machine, the server meant, and how to talk. */
export interface Session {
  readonly host: Host;
  readonly site: Site;
  readonly runId: RunId;
  readonly streams: Streams;
  readonly format: GlobalOptions['format'];
  readonly json: boolean;
  /** How GitHub is talked to, should it be. */
  readonly github: GithubStyle;
  readonly text: {
    readonly palette: Palette;
    readonly verbose: boolean;
    readonly quiet: boolean;
    /** In columns, for texts that are wrapped wherever they go. */
    readonly width: number;
  };
  /** Of the terminal; undefined where there is none: a table in a pipe is as wide as it is. */
  readonly columns: number | undefined;
}

/** Everything put together for one command. */
export function openSession(options: GlobalOptions, files: readonly string[] = []): Session {
  const host = createNodeHost();
  const { printer } = options;
  const columns = printer.columns();
  const isJson = options.format === 'json';
  const streams = journalStreams(printer, {
    out: !isJson && host.machine.isJournal('stdout'),
    err: host.machine.isJournal('stderr'),
  });
  const runId = newRunId(host);
  return {
    host,
    site: siteOf(host, options, files),
    runId,
    streams,
    format: options.format,
    json: isJson,
    github: githubStyle(runId),
    text: {
      palette: columns !== undefined && wantsColour(options) ? colours() : plainPalette,
      verbose: options.verbose,
      quiet: options.quiet,
      width: columns ?? WIDTH_DEFAULT,
    },
    columns,
  };
}

// GitHub names files from the top of the repository; where a step runs in a folder of it, its paths are longer there.
function githubStyle(runId: RunId): GithubStyle {
  const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd();
  const pathOf = (file: string): string => {
    const path = relative(workspace, file);
    return path.startsWith('..') ? file : path;
  };
  return { pathOf, token: `bootstrap-${runId}`, width: WIDTH_DEFAULT };
}

/** The id of a run that begins now. */
export function newRunId({ clock, crypto }: Pick<Host, 'clock' | 'crypto'>): RunId {
  return runIdOf(clock.now(), crypto.randomHex(RUN_ID_BYTES));
}

// Enough that two runs in one second do not meet, and that nobody guesses the token above.
const RUN_ID_BYTES = 6;

function siteOf(host: Host, options: GlobalOptions, files: readonly string[]): Site {
  const root = rootOf(host, options.root);
  const layout = layoutOf(root);
  const definition = options.config === undefined ? layout.definition : absolute(options.config);
  return {
    root,
    definition: { shown: options.config ?? definition, path: definition },
    desired: desiredFiles(host, root, files),
  };
}

// With every link followed, so that a server has one name however it was spelt.
function rootOf(host: Host, root: string): string {
  const path = absolute(root);
  const real = valueOf(host.files.resolve(path)) ?? path;
  return real === '/' ? '' : real;
}

function absolute(path: string): HostPath {
  return resolve(path) as HostPath;
}

function desiredFiles(host: Host, root: string, files: readonly string[]): readonly NamedFile[] {
  if (files.length > 0) return files.map((file) => ({ shown: file, path: absolute(file) }));
  const named = process.env['BOOTSTRAP_FILE'];
  if (named !== undefined && named !== '') return [{ shown: named, path: absolute(named) }];
  const here = { shown: 'desired-state.yaml', path: absolute('desired-state.yaml') };
  const installed = hostPath(root, '/etc/bootstrap/desired-state.yaml');
  const isThere = (path: HostPath): boolean => host.files.inspect(path).kind !== 'absent';
  if (isThere(here.path)) return [here];
  if (isThere(installed)) return [{ shown: installed, path: installed }];
  // A server that is kept by git has them from there.
  const applied = isThere(layoutOf(root).trust) ? readTrust(host.files, root) : ok(undefined);
  return applied.ok && applied.value?.desired.length ? applied.value.desired : [here];
}

function wantsColour({ color, format }: GlobalOptions): boolean {
  const { NO_COLOR: noColour = '', TERM: terminal } = process.env;
  return color && format === 'text' && noColour === '' && terminal !== 'dumb';
}

/** What the plan document of this session says beside the plan. */
export function planFrame(
  { host, runId }: Pick<Session, 'host' | 'runId'>,
  inputs: PlanFrame['inputs'],
): PlanFrame {
  return { planId: runId, createdAt: host.clock.now(), host: host.machine.hostname(), inputs };
}
