import type { Action, Reason } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import { actionId } from '../model/ids.ts';
import type { ProductContext } from './deeds.ts';

/** The changes of one kind. */
export type ChangeOf<K extends Change['kind']> = Extract<Change, { readonly kind: K }>;

/** The first change of a kind, or undefined. */
export function find<K extends Change['kind']>(
  changes: readonly Change[],
  kind: K,
): ChangeOf<K> | undefined {
  return changes.find((change): change is ChangeOf<K> => change.kind === kind);
}

/** All changes of a kind. */
export function findAll<K extends Change['kind']>(
  changes: readonly Change[],
  kind: K,
): readonly ChangeOf<K>[] {
  return changes.filter((change): change is ChangeOf<K> => change.kind === kind);
}

/** Why a product's steps are done once more though its values match; undefined where they are not. */
export function againReason(changes: readonly Change[]): Reason | undefined {
  if (find(changes, 'redo-asked') !== undefined) return 'redo';
  const unfinished = find(changes, 'product-unfinished');
  if (unfinished === undefined) return undefined;
  return unfinished.status === 'invalid' ? 'left-invalid' : 'unfinished';
}

type Draft = Pick<Action, 'kind' | 'before' | 'after' | 'reason' | 'deeds'> &
  Partial<Pick<Action, 'cause' | 'certainty' | 'undo' | 'disruptive'>>;

/** An action of a product; what is not said is the plain case. */
export function draftAction({ spec }: ProductContext, draft: Draft): Action {
  return {
    id: actionId(spec.name, draft.kind),
    product: spec.name,
    cause: 'spec',
    certainty: 'exact',
    undo: undefined,
    disruptive: false,
    ...draft,
    dependsOn: [],
    blocked: undefined,
  };
}
