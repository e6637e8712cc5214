import { PLAN_INPUT_KINDS, type PlanInputKind, type PlanInputs } from '../model/plan.ts';
import type { ActionDocument, PlanBody, PlanDocument } from '../model/plan-document.ts';
import type { Moved } from '../model/saved-plan.ts';
import { compareText } from '../model/text-order.ts';

/** What a plan made now rests on, and what it says. */
export interface PlannedNow {
  readonly host: string;
  readonly inputs: PlanInputs;
  readonly body: PlanBody;
}

/** Everything that moved since a plan was saved; [] where it can be carried out as it stands. */
export function movedSince(saved: PlanDocument, now: PlannedNow): readonly Moved[] {
  const moved = [...movedHost(saved, now), ...movedInputs(saved, now, PLAN_INPUT_KINDS)];
  if (moved.length > 0 || sameBody(saved, now.body)) return moved;
  return [{ input: 'bootstrap', name: 'what it plans', how: 'changed' }];
}

// Without what is found by looking at the machine, and found again when it is carried out: disks fill and empty by
// themselves, and a program that checks may have come.
function sameBody(saved: PlanBody, now: PlanBody): boolean {
  const told = ({ actions, verify, held, partial, drift }: PlanBody): string => {
    const steps = actions.map((action) => ({ ...action, certainty: undefined }));
    return JSON.stringify({ steps, verify, held, partial, drift });
  };
  return told(saved) === told(now);
}

// All that people wrote; what is on the server moves as the plan is carried out.
const WRITTEN = ['desired', 'ini', 'scripts', 'templates', 'schemas'] as const;

/**
 * What keeps a plan that was begun from being gone on with: what people wrote moved, or more is to be done than it said.
 * What it said and is done already does not matter.
 */
export function movedSinceBegun(saved: PlanDocument, now: PlannedNow): readonly Moved[] {
  const isForeseen = foreseenIn(saved);
  const beyond = now.body.actions.filter(
    (action) => action.blockedBy === null && !isForeseen(action),
  );
  return [
    ...movedHost(saved, now),
    ...movedInputs(saved, now, WRITTEN),
    ...beyond.map(({ id }): Moved => ({ input: 'action', name: id, how: 'new' })),
  ];
}

// A step left unfinished is done again; so is whatever its product, or the server, then needs to work.
function foreseenIn({ actions }: PlanBody): (action: ActionDocument) => boolean {
  const planned = actions.filter(({ blockedBy }) => blockedBy === null);
  const after = new Map(planned.map((each) => [each.id, JSON.stringify(each.after)]));
  const products = new Set(planned.map(({ product }) => product));
  return ({ id, product, cause, after: to }) =>
    after.get(id) === JSON.stringify(to) ||
    (cause === 'retry' && (product === null || products.has(product)));
}

function movedHost(saved: PlanDocument, { host }: PlannedNow): readonly Moved[] {
  return saved.host === host ? [] : [{ input: 'host', name: saved.host, how: 'changed' }];
}

function movedInputs(
  saved: PlanDocument,
  { inputs }: PlannedNow,
  kinds: readonly PlanInputKind[],
): readonly Moved[] {
  return kinds.flatMap((input) => {
    const [before, after] = [saved.inputs[input], inputs[input]];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.toSorted(compareText).flatMap((name): readonly Moved[] => {
      if (before[name] === after[name]) return [];
      // Which scripts are run follows from the rest: those of the plan are what it rests on.
      if (!(name in before)) return input === 'scripts' ? [] : [{ input, name, how: 'new' }];
      return [{ input, name, how: name in after ? 'changed' : 'gone' }];
    });
  });
}
