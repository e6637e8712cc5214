import { resolve } from 'node:path';
import { isOverdue, openTrial } from '../app/trial.ts';
import { setTimer, startGuard } from '../app/trial-guard.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Session } from './session.ts';

// Hidden: nobody but a trial has use for it.
const GUARD_COMMAND = 'trial-guard';

type OnTrial = Pick<Session, 'host' | 'site'>;

/** Starts the guard of a trial that is about to begin, or that ran out without one. */
export async function guardTrial({ host, site }: OnTrial): Promise<Result<void, Failure>> {
  return await startGuard(host, { argv: guardArgv(site) });
}

/** Has systemd, where it runs, see to the trial that is open, if any. */
export async function timeTrial({ host, site }: OnTrial): Promise<Result<void, Failure>> {
  const read = openTrial(host.files, site.root);
  if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
  return await setTimer(host, { argv: guardArgv(site), trial: read.value });
}

/** Starts the guard of the trial that is open, if any, where its time is up: the one it had is gone. */
export async function guardOverdue(session: OnTrial): Promise<Result<void, Failure>> {
  const { host, site } = session;
  const read = openTrial(host.files, site.root);
  if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
  return isOverdue(host, read.value) ? await guardTrial(session) : ok(undefined);
}

function guardArgv({ root, definition, desired }: Session['site']): readonly [string, ...string[]] {
  const files = desired.flatMap(({ path }) => ['--file', path]);
  return [
    process.execPath,
    resolve(process.argv[1] ?? ''),
    GUARD_COMMAND,
    '--root',
    root || '/',
    '--config',
    definition.path,
    ...files,
  ];
}
