// A kind that no table produces is one that nothing tests: adding one to the model fails here, first to compile, then to run.
import { expect, test } from 'vitest';
import type { Deed, Reason } from '../../src/model/action.ts';
import type { Cause, Change } from '../../src/model/change.ts';
import { makePlan } from '../../src/core/plan.ts';
import { DIFF_CASES, PLAN_CASES, SELECTION_CASES } from './cases.ts';
import { ALL_ALLOWED, given, selecting } from './states.ts';

const CHANGES: { readonly [K in Change['kind']]: true } = {
  'product-missing': true,
  'version-differs': true,
  'repository-differs': true,
  'setting-differs': true,
  'config-differs': true,
  'config-access-differs': true,
  'product-unfinished': true,
  'product-unwanted': true,
  'protection-differs': true,
  'product-dead': true,
  'restart-unfinished': true,
  'redo-asked': true,
  'mode-differs': true,
  'fact-unreadable': true,
};
const DEEDS: { readonly [D in Deed['do']]: true } = {
  'run-script': true,
  'run-each-script': true,
  'check-config': true,
  'write-config': true,
  'record-product': true,
  'record-mode': true,
  'count-restart': true,
  'remove-config': true,
  'forget-product': true,
};
const REASONS: { readonly [R in Reason]: true } = {
  'not-installed': true,
  'version-differs': true,
  'repository-differs': true,
  'settings-differ': true,
  'config-missing': true,
  'config-differs': true,
  'config-access-differs': true,
  unfinished: true,
  'left-invalid': true,
  'first-apply': true,
  'mode-differs': true,
  'joins-working-server': true,
  'not-in-file': true,
  'protection-differs': true,
  redo: true,
  'found-dead': true,
};
const CAUSES: { readonly [C in Cause]: true } = {
  spec: true,
  drift: true,
  both: true,
  retry: true,
};

const plans = [
  ...[...DIFF_CASES, ...PLAN_CASES].map(([, server]) => makePlan(given(server), ALL_ALLOWED)),
  ...SELECTION_CASES.map(([, server, selection]) =>
    makePlan(given(server), { ...ALL_ALLOWED, selection: selecting(selection) }),
  ),
];
const actions = plans.flatMap((plan) => plan.actions);

test.each([
  ['change', CHANGES, plans.flatMap((plan) => plan.changes.map(({ kind }) => kind))],
  ['deed', DEEDS, actions.flatMap((action) => action.deeds.map((deed) => deed.do))],
  ['reason', REASONS, actions.map(({ reason }) => reason)],
  ['cause', CAUSES, actions.map(({ cause }) => cause)],
])('the tables produce every kind of %s', (_, kinds, produced) => {
  expect([...new Set<string>(produced)].toSorted()).toEqual(Object.keys(kinds).toSorted());
});
