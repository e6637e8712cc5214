import { resolve } from 'node:path';
import { tellCallback, type ToldVerb } from '../app/imperative-callback.ts';
import { carryOutVerb, type Verb, type VerbRequest } from '../app/imperative.ts';
import { readTrust } from '../app/trust-record.ts';
import { oldErrorOf } from '../core/old-error.ts';
import { durationMs } from '../model/duration.ts';
import { hostPath } from '../model/ids.ts';
import type { OldError } from '../model/old-error.ts';
import { BY_HAND, createBrakes } from './brakes.ts';
import { settleTrial } from './guarded.ts';
import type { DesiredOptions } from './options.ts';
import { schemaReference } from './schema-reference.ts';
import { openSession, type Session } from './session.ts';

const ERROR_EXIT_CODE = 1;
// As an apply has it where nothing else is said.
const TIME_LIMIT_MS = durationMs(60 * 60_000);

/** A session for one of the old tool's verbs: its desired state is the server's own, not one of the folder it is called in. */
export function openVerb(options: DesiredOptions): Session {
  const session = openSession(options, options.file);
  const named = options.file.length > 0 || (process.env['BOOTSTRAP_FILE'] ?? '') !== '';
  if (named) return session;
  const { host, site } = session;
  const path = hostPath(site.root, '/etc/bootstrap/desired-state.yaml');
  const trust = readTrust(host.files, site.root);
  // A server that is kept by git is read from there; its verbs that write are refused.
  const ofGit = trust.ok ? (trust.value?.desired ?? []) : [];
  const desired = ofGit.length > 0 ? ofGit : [{ shown: path, path }];
  return { ...session, site: { ...site, desired } };
}

/** Says an error in the old tool's form; returns the exit code of every error. */
export function refuse({ streams }: Pick<Session, 'streams'>, { tag, message }: OldError): number {
  streams.err(`${tag}: ${message}\n`);
  return ERROR_EXIT_CODE;
}

/** Prints an answer on a line of its own, or says why there is none. */
export function answer(
  session: Pick<Session, 'streams'>,
  result:
    | { readonly ok: true; readonly value: string }
    | { readonly ok: false; readonly error: OldError },
): number {
  if (!result.ok) return refuse(session, result.error);
  session.streams.out(`${result.value}\n`);
  return 0;
}

/** Does something of a verb, with what is the same for all of them: where, under which run, and how it is stopped. */
export async function whileBraked<T>(
  { host, site, runId, streams }: Session,
  work: (request: VerbRequest) => Promise<T>,
): Promise<T> {
  const brakes = createBrakes({ signals: BY_HAND, timeoutMs: TIME_LIMIT_MS }, streams.err);
  try {
    return await work({ site, runId, schema: schemaReference(host.files), brakes });
  } finally {
    brakes.release();
  }
}

/** A verb that may take long, and whom it tells of its end. */
export interface LongVerb {
  /** The words behind the verb, but for `nospawn` and the callback. */
  readonly words: readonly string[];
  readonly isForeground: boolean;
  readonly callback: string | undefined;
  readonly told: ToldVerb;
  readonly verb: (request: VerbRequest) => Verb;
}

/** Carries out a verb here and tells its callback; or, where it has one and nobody said `nospawn`, leaves that to a process of its own and returns at once. */
export async function carryOutLong(session: Session, long: LongVerb): Promise<number> {
  // A control plane that has none may still pass the word.
  const callback = long.callback === '' ? undefined : long.callback;
  if (callback !== undefined && !isUrl(callback))
    return refuse(session, {
      tag: 'invalid-operation',
      message: `${callback} is not a URL to call back`,
    });
  if (callback !== undefined && !long.isForeground) return await detach(session, long, callback);
  const error = await carryOut(session, long.verb);
  if (callback !== undefined) {
    const { host, site, streams } = session;
    const ended = { told: long.told, error, site, signal: new AbortController().signal };
    const unreached = await tellCallback(host, callback, ended);
    if (unreached !== undefined) streams.err(`warning: ${unreached}\n`);
  }
  return error === undefined ? 0 : refuse(session, error);
}

/** Carries out a verb in the foreground; returns why it failed, or undefined. */
export async function carryOut(
  session: Session,
  verbFor: (request: VerbRequest) => Verb,
): Promise<OldError | undefined> {
  await settleTrial(session);
  return await whileBraked(
    session,
    async (request) => await carryOutVerb(session.host, request, verbFor(request)),
  );
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** The hidden word that keeps a verb in the foreground. */
export const NO_SPAWN = 'nospawn';

async function detach(
  { host, site, streams }: Session,
  { told, words }: LongVerb,
  callback: string,
): Promise<number> {
  const files = site.desired.flatMap(({ path }) => ['--file', path]);
  // `server.mode nospawn MODE`, but `product.upgrade P REVISION nospawn`.
  const placed = told.verb === 'server.mode' ? [NO_SPAWN, ...words] : [...words, NO_SPAWN];
  const started = await host.runner.startDetached([
    process.execPath,
    resolve(process.argv[1] ?? ''),
    '--root',
    site.root || '/',
    '--config',
    site.definition.path,
    ...files,
    told.verb,
    '--',
    ...placed,
    callback,
  ]);
  return started.ok ? 0 : refuse({ streams }, oldErrorOf([started.error]));
}
