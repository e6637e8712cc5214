import { appendFileSync, readFileSync } from 'node:fs';

/** The places in a run at which a test may kill it: before something, or right after it. */
export type FailpointName =
  | 'lock.acquired'
  | 'lock.before-release'
  | 'recovery.read'
  | 'orphan.waiting'
  | 'orphan.settled'
  | 'plan.shown'
  | 'plan.confirmed'
  | 'plans-used.written'
  | 'journal.begun'
  | 'journal.named'
  | 'action.begun'
  | 'action.written'
  | 'action.told'
  | 'restart.counted'
  | 'intent.written'
  | 'script.before-spawn'
  | 'script.spawned'
  | 'spawned.written'
  | 'script.exited'
  | 'exited.written'
  | 'record.before'
  | 'record.written'
  | 'record.valid'
  | 'valid.written'
  | 'record.mode'
  | 'mode.written'
  | 'record.forgotten'
  | 'forgotten.written'
  | 'record.invalid'
  | 'failed.written'
  | 'faulty.written'
  | 'record.server-invalid'
  | 'config.before'
  | 'config.written'
  | 'file.temp-written'
  | 'file.renamed'
  | 'verify.before'
  | 'verify.judged'
  | 'look.proven'
  | 'rollback.begun'
  | 'rollback.ended'
  | 'quarantine.written'
  | 'generation.written'
  | 'trial.written'
  | 'trial.overdue'
  | 'return.before'
  | 'trial.returning'
  | 'trial.ended'
  | 'confirm.before'
  | 'trial.confirmed'
  | 'confirm.settled'
  | 'guard.started'
  | 'end.written'
  | 'callbacks.opened'
  | 'callbacks.decided'
  | 'callbacks.posted'
  | 'callback.answered'
  | 'callback.copied'
  | 'status.written';

// True in builds for test/faults/crash, false in those for people, undefined where nothing is built.
declare const FAILPOINTS: boolean | undefined;

/** Where a test build is told to kill, stop, delay or throw, it does so here; in every other build this is nothing, and not even there. */
export function failpoint(name: FailpointName): void {
  if (typeof FAILPOINTS !== 'undefined' && FAILPOINTS) meet(name);
}

/** `BOOTSTRAP_FAILPOINTS=NAME:kill|stop|throw|sleep=MS[@N]`, N counting from 1; `BOOTSTRAP_FAILPOINTS_LOG` names a file that is told each one met. */
function meet(name: FailpointName): void {
  const log = process.env['BOOTSTRAP_FAILPOINTS_LOG'];
  if (log === undefined) return;
  appendFileSync(log, `${name}\n`);
  const [, sought, act = '', count] =
    /^([^:]+):([^@]+)(?:@(\d+))?$/.exec(process.env['BOOTSTRAP_FAILPOINTS'] ?? '') ?? [];
  if (sought !== name) return;
  // Counted in the file: chunks of a bundle share no module state.
  const met = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line === name);
  if (count === undefined || met.length === Number(count)) doAct(act);
}

function doAct(act: string): void {
  if (act === 'kill') process.kill(process.pid, 'SIGKILL');
  if (act === 'stop') process.kill(process.pid, 'SIGSTOP');
  if (act === 'throw') throw new Error('a failpoint says so');
  const [, ms] = /^sleep=(\d+)$/.exec(act) ?? [];
  if (ms !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
}
