import type { States } from '../core/diff.ts';
import type { Beat } from '../core/observation.ts';
import { diff } from '../core/plan.ts';
import { valueOf } from '../model/fact.ts';
import { WORKING_MODE } from '../model/mode.ts';
import { takeBeats } from './health.ts';
import type { HeldRun } from './held-run.ts';
import { lookContext } from './look.ts';
import type { Reconciled } from './reconciled.ts';

/** How far a run came: refused before anything moved, or through to a last look at the server. */
export interface Converged extends Reconciled {
  /** Undefined where the run was refused: then nothing at all is recorded. */
  readonly last: { readonly states: States; readonly beats: readonly Beat[] } | undefined;
}

/** True where nothing at all differs and every heartbeat passes: then a run for a part of the products has proved the whole. */
export function provesWhole({ states, beats }: NonNullable<Converged['last']>): boolean {
  return diff(states).length === 0 && beats.every(({ sample }) => sample.verdict === 'pass');
}

/** The last look of a run at the server, with the heartbeats of that moment. */
export async function lastLook(
  run: HeldRun,
  states: States,
): Promise<NonNullable<Converged['last']>> {
  return { states, beats: await beatsNow(run, states) };
}

// A run with nothing to change still says whether what is there works; only a working server is asked.
async function beatsNow(
  { host, request, emit }: HeldRun,
  { desired, actual, definition }: States,
): Promise<readonly Beat[]> {
  if (valueOf(actual.mode) !== WORKING_MODE) return [];
  const products = [...desired.products.values()].filter((spec) => !spec.suspend);
  const look = lookContext(host, definition, request);
  const { stop: signal } = request.brakes;
  const beats = await takeBeats(host, products, { root: definition.root, look, signal });
  for (const beat of beats) emit({ type: 'heartbeat.seen', ...beat });
  return beats;
}
