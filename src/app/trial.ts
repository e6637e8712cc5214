import { failpoint } from '../host/failpoint.ts';
import type { Files, Host } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { TRIAL_FORMAT, type Trial } from '../model/trial.ts';
import { markGood, newestGood } from './generations.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** How an apply is put on trial. */
export interface TrialRequest {
  readonly windowMs: DurationMs;
  readonly auto: boolean;
  /** What the run itself may take: a crash in it must not lengthen the trial for ever. */
  readonly runTimeoutMs: DurationMs;
  /** Starts what takes it back in time, should this run die. */
  readonly guard: () => Promise<Result<void, Failure>>;
}

/** The trial that is open, or settled and not yet ended; undefined where none is. Fails where that cannot be told. */
export function readTrial(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Trial | undefined, Failure> {
  const { trial: path, trialConfirmed, trialReturning } = layoutOf(root);
  // In the order in which it is moved: what is gone from one place is found at the next.
  const places = [
    { path, state: undefined },
    { path: trialConfirmed, state: 'confirmed' },
    { path: trialReturning, state: 'returning' },
  ] as const;
  for (const { path: place, state } of places) {
    const document = readStateFile(files, { path: place, format: TRIAL_FORMAT });
    if (!document.ok) return document;
    if (document.value === undefined) continue;
    const trial = document.value as unknown as Trial;
    return ok(state === undefined ? trial : { ...trial, state });
  }
  return ok(undefined);
}

/** Puts a run on trial, on disk before its first step. Fails where there is nothing good to return to. */
export function beginTrial(
  host: Pick<Host, 'clock' | 'files'>,
  { root, runId, revision }: { readonly root: string } & Pick<Trial, 'runId' | 'revision'>,
  { windowMs, runTimeoutMs, auto }: Omit<TrialRequest, 'guard'>,
): Result<Trial, Failure> {
  const back = newestGood(host.files, root);
  if (back === undefined) return err({ code: 'no-generation', number: undefined });
  const deadline = later(host, runTimeoutMs + windowMs);
  const trial: Trial = {
    runId,
    revision,
    generation: back.number,
    deadline,
    state: 'applying',
    auto,
  };
  const written = write(host.files, root, trial);
  return written.ok ? ok(trial) : written;
}

/** Opens the window of a trial whose run has been verified. */
export function openWindow(
  host: Pick<Host, 'clock' | 'files'>,
  root: string,
  { trial, windowMs }: { readonly trial: Trial; readonly windowMs: DurationMs },
): Result<Trial, Failure> {
  const open: Trial = { ...trial, state: 'open', deadline: later(host, windowMs) };
  const written = write(host.files, root, open);
  return written.ok ? ok(open) : written;
}

function later({ clock }: Pick<Host, 'clock'>, ms: number): string {
  return new Date(clock.now().getTime() + ms).toISOString();
}

function write(files: Files, root: string, trial: Trial): Result<void, Failure> {
  const { trial: path } = layoutOf(root);
  const file = { path, format: TRIAL_FORMAT, body: trial, modeBits: STATE_FILE_BITS };
  const written = writeStateFile(files, file);
  failpoint('trial.written');
  return written;
}

/** True where a trial was not confirmed in time. */
export function isOverdue(
  { clock }: Pick<Host, 'clock'>,
  { state, deadline }: Pick<Trial, 'state' | 'deadline'>,
): boolean {
  return state === 'returning' || clock.now().getTime() >= Date.parse(deadline);
}

/** Begins to take a trial back: from now on nobody can confirm it. False where somebody has: whoever is first decides. */
export function claimReturn(
  files: Files,
  root: string,
  { state }: Pick<Trial, 'state'>,
): Result<boolean, Failure> {
  if (state === 'returning') return ok(true);
  const { trial, trialReturning } = layoutOf(root);
  failpoint('return.before');
  const moved = files.move(trial, trialReturning);
  failpoint('trial.returning');
  return moved;
}

/** Ends a trial that was not confirmed, whatever became of it. */
export function endTrial(files: Files, root: string): Result<void, Failure> {
  const { trial, trialReturning } = layoutOf(root);
  const ended = files.remove(trial);
  const returned = files.remove(trialReturning);
  failpoint('trial.ended');
  return ended.ok ? returned : ended;
}

/** Keeps what is on trial; from now on it is a good generation. Fails as `no-trial` where nothing can be confirmed. Takes no lock. */
export function confirmTrial(
  host: Pick<Host, 'clock' | 'files'>,
  root: string,
): Result<Trial, Failure> {
  const read = readTrial(host.files, root);
  if (!read.ok) return read;
  const { value: trial } = read;
  if (trial === undefined) return err({ code: 'no-trial', why: 'none' });
  if (trial.state === 'applying') return err({ code: 'no-trial', why: 'not-verified' });
  // Confirmed before, by somebody who did not come to its end.
  const isLate = trial.state !== 'confirmed' && isOverdue(host, trial);
  if (isLate) return err({ code: 'no-trial', why: 'too-late' });
  failpoint('confirm.before');
  const kept = keepTrial(host.files, root, trial);
  if (!kept.ok) return kept;
  return kept.value ? ok(trial) : err({ code: 'no-trial', why: 'too-late' });
}

/** Keeps what is on trial. False where it is being taken back already: whoever is first decides. Takes no lock. */
export function keepTrial(
  files: Files,
  root: string,
  { state, revision }: Pick<Trial, 'state' | 'revision'>,
): Result<boolean, Failure> {
  const { trial, trialConfirmed } = layoutOf(root);
  const moved = state === 'confirmed' ? ok(true) : files.move(trial, trialConfirmed);
  failpoint('trial.confirmed');
  if (!moved.ok || !moved.value) return moved;
  const marked = markGood(files, root, revision);
  const settled = marked.ok ? files.remove(trialConfirmed) : marked;
  failpoint('confirm.settled');
  return settled.ok ? ok(true) : settled;
}

/** The trial that is to be confirmed or taken back still: what was confirmed by somebody who then died is settled first. */
export function openTrial(files: Files, root: string): Result<Trial | undefined, Failure> {
  const read = readTrial(files, root);
  if (!read.ok || read.value?.state !== 'confirmed') return read;
  const kept = keepTrial(files, root, read.value);
  return kept.ok ? ok(undefined) : kept;
}
