import type { Files, Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';
import { SUSPENSION_FORMAT, type Suspension } from '../model/suspension.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

// Whoever wonders why nothing happens may read it.
const STATE_FILE_BITS = 0o644;

/** What keeps this server as it is; undefined where nothing does, or its time is over. Fails where that cannot be told. */
export function readSuspension(
  { clock, files }: { readonly clock: Host['clock']; readonly files: Pick<Files, 'read'> },
  root: string,
): Result<Suspension | undefined, Failure> {
  const document = readStateFile(files, stateFile(root));
  if (!document.ok || document.value === undefined) return document.ok ? ok(undefined) : document;
  const { reason, by, since, until } = document.value as unknown as Suspension;
  if (until !== null && Date.parse(until) <= clock.now().getTime()) return ok(undefined);
  return ok({ reason, by, since, until });
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).suspension, format: SUSPENSION_FORMAT };
}

/** From now on nothing is done on this server; a suspension that is there gives way. Takes no lock: a run under way goes on. */
export function suspend(
  { clock, files, machine }: Pick<Host, 'clock' | 'files' | 'machine'>,
  root: string,
  { reason, until }: { readonly reason: string; readonly until: Date | undefined },
): Result<Suspension, Failure> {
  const suspension: Suspension = {
    reason,
    by: machine.environment('SUDO_USER') ?? machine.userName(),
    since: clock.now().toISOString(),
    until: until?.toISOString() ?? null,
  };
  const written = writeStateFile(files, {
    ...stateFile(root),
    body: suspension,
    modeBits: STATE_FILE_BITS,
  });
  return written.ok ? ok(suspension) : written;
}

/** Ends a suspension, and says which; undefined where there was none. One that cannot be read is ended too. */
export function resume(
  host: Pick<Host, 'clock' | 'files'>,
  root: string,
): Result<Suspension | undefined, Failure> {
  const before = readSuspension(host, root);
  const removed = host.files.remove(layoutOf(root).suspension);
  return removed.ok ? ok(before.ok ? before.value : undefined) : removed;
}

/** The failure of whoever would act on a suspended server; undefined where it is not. */
export function refuseSuspended(
  host: Pick<Host, 'clock' | 'files'>,
  root: string,
): Failure | undefined {
  const suspension = readSuspension(host, root);
  if (!suspension.ok) return suspension.error;
  return suspension.value && { code: 'suspended', ...suspension.value };
}
