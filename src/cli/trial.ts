import { resolve } from 'node:path';
import { isOverdue, openTrial } from '../app/trial.ts';
import { startGuard } from '../app/trial-guard.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Session } from './session.ts';

// Hidden: nobody but a trial has use for it.
const GUARD_COMMAND = 'trial-guard';

/** Starts the guard of the trial that is open, if any; with `overdue`, only where its time is up and the guard is gone. */
export async function guardTrial(
  { host, site }: Pick<Session, 'host' | 'site'>,
  { overdue }: { readonly overdue: boolean },
): Promise<Result<void, Failure>> {
  const read = openTrial(host.files, site.root);
  if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
  const trial = read.value;
  if (overdue && !isOverdue(host, trial)) return ok(undefined);
  const files = site.desired.flatMap(({ path }) => ['--file', path]);
  const argv = [
    process.execPath,
    resolve(process.argv[1] ?? ''),
    GUARD_COMMAND,
    '--root',
    site.root || '/',
    '--config',
    site.definition.path,
    ...files,
  ] as const;
  return await startGuard(host, { argv, trial });
}
