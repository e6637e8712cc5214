import { failpoint } from '../host/failpoint.ts';
import type { Files, Host } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { TRIAL_FORMAT, type Trial } from '../model/trial.ts';
import { markGood, newestGood, readGenerations } from './generations.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** How an apply is put on trial. */
export interface TrialRequest {
  readonly windowMs: DurationMs;
  readonly auto: boolean;
  /** What the run itself may take: a crash in it must not lengthen the trial for ever. */
  readonly runTimeoutMs: DurationMs;
}

/** The trial that is open; undefined where none is. Fails where that cannot be told. */
export function readTrial(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Trial | undefined, Failure> {
  const document = readStateFile(files, stateFile(root));
  return document.ok ? ok(document.value as unknown as Trial | undefined) : document;
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).trial, format: TRIAL_FORMAT };
}

/** Puts a run on trial, on disk before its first step. Fails where there is nothing good to return to. */
export function beginTrial(
  host: Pick<Host, 'clock' | 'files'>,
  { root, runId, revision }: { readonly root: string } & Pick<Trial, 'runId' | 'revision'>,
  { windowMs, runTimeoutMs, auto }: TrialRequest,
): Result<Trial, Failure> {
  const back = newestGood(readGenerations(host.files, root));
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
  const written = writeStateFile(files, {
    ...stateFile(root),
    body: trial,
    modeBits: STATE_FILE_BITS,
  });
  failpoint('trial.written');
  return written;
}

/** Ends a trial, whatever became of it. */
export function endTrial(files: Files, root: string): Result<void, Failure> {
  const ended = files.remove(layoutOf(root).trial);
  failpoint('trial.ended');
  return ended;
}

/** True where a trial was not confirmed in time. */
export function isOverdue({ clock }: Pick<Host, 'clock'>, { deadline }: Trial): boolean {
  return clock.now().getTime() >= Date.parse(deadline);
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
  if (isOverdue(host, trial)) return err({ code: 'no-trial', why: 'too-late' });
  const ended = endTrial(host.files, root);
  if (!ended.ok) return ended;
  const marked = markGood(host.files, root, trial.revision);
  return marked.ok ? ok(trial) : marked;
}
