// What watch shows of itself, and what of that it takes from the record of a process before it.
import { expect, test } from 'vitest';
import { createObserver } from '../../src/app/observer.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { RunId } from '../../src/model/ids.ts';
import type { DriftDocument } from '../../src/model/plan-document.ts';
import type { Condition } from '../../src/model/status.ts';
import { INPUTS, RICH_BODY } from '../core/events.ts';
import { named } from '../core/states.ts';
import { createWorld, type World } from '../rig/world.ts';

const BEFORE = new Date('2026-11-22T10:00:00.000Z');
const NOW = new Date('2026-11-23T09:00:00.000Z');
const LATER = new Date('2026-11-23T09:05:00.000Z');
const PORT: DriftDocument = {
  product: named('web'),
  path: 'port',
  applied: 80,
  actual: 81,
  policy: 'report',
};

function recorded(drift: Condition['status']): World {
  const condition = { reason: 'Drifted', message: '', lastTransitionTime: BEFORE.toISOString() };
  const status = {
    schema: 'bootstrap.status/1',
    conditions: [{ type: 'DriftDetected', status: drift, ...condition }],
  };
  return createWorld({ 'var/bootstrap/status.json': JSON.stringify(status) });
}

test.each([
  ['is said of what the last process found', 'True', BEFORE],
  ['is now where that found none', 'False', NOW],
] as const)('since when there is drift %s', (_, status, since) => {
  const world = recorded(status);
  try {
    const site = { root: world.root };
    const observer = createObserver(createNodeHost(), { site, version: '1', samples: {} });
    const look = (time: Date, drift: readonly DriftDocument[]): void =>
      observer.onEvent({
        type: 'plan.made',
        seq: 1,
        runId: '20261123T090000Z-000000000000' as RunId,
        time,
        body: { ...RICH_BODY, drift },
        inputs: () => INPUTS,
      });
    const shown = () => observer.page().drift.map((each) => [each.path, each.since]);

    look(NOW, [PORT]);
    expect(shown()).toEqual([['port', since]]);

    // What this process saw come is known better.
    look(LATER, [PORT, { ...PORT, path: 'name' }]);
    expect(shown()).toEqual([
      ['port', since],
      ['name', LATER],
    ]);
  } finally {
    world.end();
  }
});
