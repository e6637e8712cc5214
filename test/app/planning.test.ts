// What a plan rests on beside files: the room on a disk, and the time of day.
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { loadWritten } from '../../src/app/load.ts';
import { lookContext } from '../../src/app/look.ts';
import { planNow, type Planned } from '../../src/app/planning.ts';
import { requestOf, staleBy } from '../../src/app/saved-plans.ts';
import { planDocument } from '../../src/core/render/plan-json.ts';
import type { Host } from '../../src/host/host.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { known } from '../../src/model/fact.ts';
import { hostPath, runIdOf } from '../../src/model/ids.ts';
import { WHOLE } from '../../src/model/plan.ts';
import type { SavedPlan } from '../../src/model/saved-plan.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const KIB = 1024;
const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
config-file    = /srv/web.ini
config-format  = ini
`,
  'etc/bootstrap/upgrade': '#!/bin/sh\n',
  'var/bootstrap/server-mode': 'production\n',
  'var/bootstrap/products/web/version': '1\n',
  'var/bootstrap/products/web/status': 'valid\n',
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: production}
policy: {windows: ["02:00-04:00"]}
products: {web: {version: "2", settings: {port: 80}}}
`,
};

test.for<readonly [where: string, folder: string, freeKib: number, found: readonly string[]]>([
  ['the records', 'var/bootstrap', 100, ['var/bootstrap 100 of 256']],
  ['a config file', 'srv', 0, ['srv 0 of 1']],
  ['nothing', 'elsewhere', 0, []],
])('a disk that is too full for %s is found', async ([, folder, freeKib, found], context) => {
  const world = worldFor(context);
  const full = join(world.root, folder);
  const { findings } = await plan(world, {
    now: '2026-11-22T03:00:00Z',
    freeBytes: (path) => (path === full ? freeKib * KIB : 1024 * KIB),
  });
  expect(
    findings.map((failure) => {
      if (failure.code !== 'disk-full') return failure.code;
      const { path, freeBytes, neededBytes } = failure;
      const kib = [freeBytes, neededBytes].map((bytes) => Math.ceil(bytes / KIB));
      return `${path.slice(world.root.length + 1)} ${kib.join(' of ')}`;
    }),
  ).toEqual(found);
});

test('a full disk is no finding where nothing is to be done', async (context) => {
  const world = worldFor(context, {
    'desired-state.yaml': 'apiVersion: bootstrap/v1\nserver: {mode: production}\nproducts: {}\n',
  });
  const { findings } = await plan(world, { now: '2026-11-22T03:00:00Z', freeBytes: () => 0 });
  expect(findings).toEqual([]);
});

test.for<readonly [what: string, later: string, moved: readonly string[]]>([
  ['before its window opens stays good that night', '2026-11-22T01:30:00Z', []],
  ['before its window opens is stale once it is open', '2026-11-22T02:00:00Z', ['policy.windows']],
  ['before a window that was missed is stale', '2026-11-22T04:00:00Z', ['policy.windows']],
])('a plan made %s', async ([, later, moved], context) => {
  const world = worldFor(context);
  const saved = await save(world, '2026-11-22T01:00:00Z');
  expect(saved.plan.actions.map(({ blockedBy }) => blockedBy?.by)).toEqual([
    'window',
    'dependency',
  ]);
  const planned = await plan(world, { now: later });
  const stale = staleBy(createNodeHost(), saved, { planned, begun: false });
  expect(stale).toEqual(moved.map((name) => ({ input: 'facts', name, how: 'changed' })));
});

interface Moment {
  readonly now: string;
  /** Undefined: as this machine has it. */
  readonly freeBytes?: (path: string) => number;
}

async function plan(world: World, moment: Moment): Promise<Planned> {
  const host = hostAt(moment);
  const site = siteOf(world);
  const written = await loadWritten(host, site);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  const look = lookContext(host, written.value.definition, { runId: 'run' });
  const planned = await planNow(host, { site, written: written.value, look, asked: ASKED });
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  return planned.value;
}

const ASKED = {
  downgrades: new Set<never>(),
  removals: new Set<never>(),
  changesMax: undefined,
  selection: WHOLE,
  mode: 'wished',
} as const;

async function save(world: World, now: string): Promise<SavedPlan> {
  const { body, inputs } = await plan(world, { now });
  const { crypto, machine } = createNodeHost();
  const createdAt = new Date(now);
  const planId = runIdOf(createdAt, crypto.randomHex(6));
  const frame = { planId, createdAt, host: machine.hostname(), inputs: inputs() };
  return { request: requestOf(siteOf(world), ASKED), plan: planDocument(body, frame) };
}

function hostAt({ now, freeBytes }: Moment): Host {
  const host = createNodeHost();
  const clock = { ...host.clock, now: () => new Date(now) };
  if (freeBytes === undefined) return { ...host, clock };
  return { ...host, clock, files: { ...host.files, freeBytes: (path) => known(freeBytes(path)) } };
}

function siteOf({ root }: World): Parameters<typeof requestOf>[0] {
  const named = (path: string): { shown: string; path: ReturnType<typeof hostPath> } => ({
    shown: path,
    path: hostPath(root, path),
  });
  return {
    root,
    definition: named('/etc/bootstrap/bootstrap.ini'),
    desired: [named('/desired-state.yaml')],
  };
}

function worldFor({ onTestFinished }: TestContext, files: FileTexts = {}): World {
  const world = createWorld({ ...SERVER, ...files });
  onTestFinished(() => world.end());
  return world;
}
