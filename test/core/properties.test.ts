import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { States } from '../../src/core/diff.ts';
import { diff, makePlan, type PlanChoices } from '../../src/core/plan.ts';
import { planBody, planDocument } from '../../src/core/render/plan-json.ts';
import { renderPlan } from '../../src/core/render/plan-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { isPartial, type Plan } from '../../src/model/plan.ts';
import { INPUTS } from './events.ts';
import { changeLine } from './lines.ts';
import { anyChoices, anyServer } from './random-states.ts';
import { afterApply } from './simulate.ts';
import { ALL_ALLOWED, given } from './states.ts';

const RUNS = { numRuns: 200 };
const FRAME = { planId: 'p', createdAt: new Date(0), host: 'web-1', inputs: INPUTS };

/** A plan as it is stored. */
function written(plan: Plan): string {
  const body = planBody(plan, { findings: [], originOf: undefined });
  return JSON.stringify(planDocument(body, FRAME));
}

/** Holds for any server, whatever is allowed. */
function always(property: (states: States, plan: Plan, choices: PlanChoices) => void): void {
  fc.assert(
    fc.property(anyServer(), anyChoices(), (server, choices) => {
      const states = given(server);
      property(states, makePlan(states, choices), choices);
    }),
    RUNS,
  );
}

describe('for any server', () => {
  test('nothing differs from what an apply of the same wish leaves', () => {
    fc.assert(
      fc.property(anyServer(), ({ wish = 'idle', products = {} }) => {
        const settled = Object.entries(products).map(([name, each]) => [
          name,
          { ...each, found: {} },
        ]);
        const states = given({ wish, products: Object.fromEntries(settled) });
        expect(diff(states)).toEqual([]);
        expect(makePlan(states, ALL_ALLOWED)).toMatchObject({
          actions: [],
          verifications: [],
          drift: [],
        });
      }),
      RUNS,
    );
  });

  test('a second plan is empty, but for what was left alone', () => {
    fc.assert(
      fc.property(anyServer(), (server) => {
        const states = given(server);
        const plan = makePlan(states, ALL_ALLOWED);
        const after = { ...states, actual: afterApply(states, plan) };
        const blocked = plan.actions.filter((action) => action.blocked !== undefined);
        const left = new Set([...plan.held, ...blocked].map(({ product }) => product));
        const remaining = diff(after).filter(
          (change) => !left.has('product' in change ? change.product : undefined),
        );
        expect(left.has(undefined) ? [] : remaining.map(changeLine)).toEqual([]);
        const again = makePlan(after, ALL_ALLOWED).actions;
        expect(again.filter((action) => action.blocked === undefined)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('the order of products in what is read makes no difference', () => {
    always((states, plan, choices) => {
      const turned: States = {
        desired: { ...states.desired, products: turn(states.desired.products) },
        actual: {
          ...states.actual,
          products: turn(states.actual.products),
          leftovers: turn(states.actual.leftovers),
        },
        definition: { ...states.definition, products: turn(states.definition.products) },
        rendered: turn(states.rendered),
        kept: turn(states.kept),
        same: states.same,
        dead: turn(states.dead),
      };
      const again = makePlan(turned, choices);
      expect(written(again)).toBe(written(plan));
    });
  });

  test('what cannot be read is never acted on, and always said', () => {
    always(({ actual }, plan) => {
      for (const [name, found] of actual.products) {
        const { version, repository, status, applied, settings, configText } = found;
        const facts = [version, repository, status, applied, settings, configText, actual.mode];
        if (facts.every(({ kind }) => kind !== 'unreadable')) continue;
        expect(plan.actions.filter(({ product }) => product === name)).toEqual([]);
        expect(plan.verifications.filter(({ product }) => product === name)).toEqual([]);
        const isLeftOut = isPartial(plan.selection);
        if (!isLeftOut) expect(plan.held.map(({ product }) => product)).toContain(name);
      }
      if (actual.mode.kind === 'unreadable') expect(plan.actions).toEqual([]);
    });
  });

  test('each action has its change', () => {
    always((_, { actions, changes, selection }, { mode }) => {
      // A part of a server that never was provisioned marks it as being so; provisioned anew, the whole of it.
      const isMarked = (selection.only.length > 0 || mode === 'anew') && changes.length > 0;
      const changed = new Set([
        ...(isMarked ? [undefined] : []),
        ...changes.map((change) => (change.kind === 'mode-differs' ? undefined : change.product)),
      ]);
      expect(actions.filter(({ product }) => !changed.has(product))).toEqual([]);
    });
  });

  test('each change of what is not left alone has its action', () => {
    always((_, { actions, changes, held }) => {
      const answered = new Set([...actions, ...held].map(({ product }) => product));
      if (held.some(({ product }) => product === undefined)) return;
      // What is to be done again may have nothing to do.
      const open = changes.filter(
        (change) =>
          change.kind !== 'redo-asked' &&
          !answered.has('product' in change ? change.product : undefined),
      );
      expect(open.map(changeLine)).toEqual([]);
    });
  });

  test('only what is wished for is acted on, though the server has more', () => {
    always((states) => {
      const [name] = states.desired.products.keys();
      if (name === undefined) return;
      const products = new Map(states.desired.products);
      products.delete(name);
      const fewer = makePlan({ ...states, desired: { ...states.desired, products } }, ALL_ALLOWED);
      const told = fewer.actions.flatMap(({ deeds }) =>
        deeds.flatMap((deed) =>
          deed.do === 'run-each-script' ? deed.runs.map(({ product }) => product) : [],
        ),
      );
      const acted = [...fewer.actions, ...fewer.verifications, ...fewer.held].map(
        ({ product }) => product,
      );
      expect([...told, ...acted, ...fewer.drift.map(({ product }) => product)]).not.toContain(name);
    });
  });

  test('every id is there once, and waits only for what comes before it', () => {
    always((_, { actions, verifications }) => {
      const ids = [...actions, ...verifications].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const before = new Set<string>();
      const verified = new Map(verifications.map((each) => [each.id, each.dependsOn]));
      for (const { id, dependsOn } of actions) {
        const waits = dependsOn.flatMap((other) => verified.get(other) ?? [other]);
        expect(waits.filter((other) => !before.has(other))).toEqual([]);
        before.add(id);
      }
      for (const { dependsOn } of verifications)
        expect(dependsOn.filter((other) => !before.has(other))).toEqual([]);
    });
  });

  test('products wait for what they depend on, be it through others', () => {
    always(({ desired }, { actions, verifications }) => {
      const steps = new Map(
        [...actions, ...verifications].map((step) => [step.id, step.dependsOn]),
      );
      const waitsFor = (id: string, other: string): boolean =>
        id === other ||
        [...steps].some(
          ([each, before]) => each === id && before.some((one) => waitsFor(one, other)),
        );
      for (const { product, id } of actions)
        for (const other of product === undefined
          ? []
          : (desired.products.get(product)?.dependsOn ?? []))
          for (const step of actions.filter((each) => each.product === other))
            expect([id, step.id, waitsFor(id, step.id)]).toEqual([id, step.id, true]);
    });
  });

  test('the mode is a barrier: a product comes wholly before it or wholly after', () => {
    always((_, { actions }) => {
      const line = actions.map(({ product }) => (product === undefined ? 'm' : 'p')).join('');
      expect(line).toMatch(/^m?p*m{0,2}$/);
    });
  });

  test('a version goes on record only after its script', () => {
    always(({ definition, actual }, { actions }) => {
      for (const { deeds, kind } of actions) {
        const recorded = deeds.findIndex(
          (deed) => deed.do === 'record-product' && deed.version !== undefined,
        );
        if (recorded < 0) continue;
        const product = deeds.flatMap((deed) => ('product' in deed ? [deed.product] : []))[0];
        // A probe-script found what an interrupted run had no time to record.
        const found = product && actual.products.get(product);
        if (kind === 'set' && found?.probed === true) continue;
        const scripts = product && definition.products.get(product)?.scripts;
        const needs =
          scripts?.has('upgrade') === true ||
          (kind === 'provision' && scripts?.has('provision') === true);
        const ran = deeds.slice(0, recorded).some((deed) => deed.do === 'run-script');
        expect(ran).toBe(needs);
      }
    });
  });

  test('a product is on record as upgrading before anything of it moves, and as valid at the end', () => {
    always(({ actual }, { actions, verifications }) => {
      const steps = [...actions.filter(({ blocked }) => blocked === undefined), ...verifications];
      const done = steps.flatMap(({ product, deeds }) => deeds.map((deed) => ({ product, deed })));
      for (const [name, { status }] of actual.products) {
        const deeds = done.filter(({ product }) => product === name).map(({ deed }) => deed);
        if (deeds.length === 0) continue;
        const marks = deeds.map((deed) => (deed.do === 'record-product' ? deed.status : undefined));
        const isMarked = status.kind === 'known' && status.value !== 'valid';
        const moved = deeds.findIndex(
          ({ do: what }) => what === 'run-script' || what === 'write-config',
        );
        if (moved >= 0 && !isMarked) expect(marks.slice(0, moved)).toContain('upgrading');
        expect(marks.at(-1)).toBe('valid');
      }
    });
  });

  test('what is protected is never removed, whatever is allowed', () => {
    always(({ actual }, { actions }) => {
      for (const { kind, product, blocked } of actions) {
        if (kind !== 'remove' || product === undefined) continue;
        const found = actual.leftovers.get(product);
        expect(found).toBeDefined();
        if (found?.protected.kind !== 'absent') expect(blocked).toBeDefined();
      }
    });
  });

  test('without pruning, or without products, nothing is removed', () => {
    always(({ desired }, { actions }) => {
      if (desired.policy.prune && desired.products.size > 0) return;
      expect(actions.filter(({ kind }) => kind === 'remove')).toEqual([]);
    });
  });

  test('what a selection leaves out is not touched, nor what depends on it, nor with --only the mode', () => {
    always(({ desired }, { actions, selection: { only, exclude } }) => {
      for (const { product, deeds } of actions) {
        if (product !== undefined) {
          const { dependsOn = [] } = desired.products.get(product) ?? {};
          expect([product, ...dependsOn].filter((name) => exclude.includes(name))).toEqual([]);
        } else if (only.length > 0)
          expect(deeds).toEqual([{ do: 'record-mode', mode: 'provisioning' }]);
      }
    });
  });

  test('drift that is to be ignored is never shown, and never acted on', () => {
    fc.assert(
      fc.property(anyServer(), ({ products = {}, ...server }) => {
        const ignoring = Object.entries(products).map(([name, each]) => [
          name,
          { ...each, driftPolicy: 'ignore' as const },
        ]);
        const states = given({ ...server, products: Object.fromEntries(ignoring) });
        const plan = makePlan(states, ALL_ALLOWED);
        const caused = plan.changes.filter((each) => 'cause' in each && each.cause === 'drift');
        expect(caused).toEqual([]);
        expect(plan.drift.filter(({ policy }) => policy !== 'correct')).toEqual([]);
      }),
      RUNS,
    );
  });

  test('it can be told in words', () => {
    always((_, plan) => {
      const body = planBody(plan, { findings: [], originOf: undefined });
      const text = renderPlan(body, { palette: plainPalette, verbose: true, width: undefined });
      expect(text).not.toMatch(/undefined|\[object|NaN/);
      expect(text).toMatch(/[^\n]\n$/);
    });
  });
});

function turn<K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return new Map([...map].toReversed());
}
