// What programs read: the plan, the events of an apply, the status. Each line and each verdict is accounted for.
import { expect, test, type TestContext } from 'vitest';
import { runCli, type Ran } from '../rig/cli.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const SCRIPT = `#!/bin/sh
echo "$BOOTSTRAP_PRODUCT says hello"
[ ! -e "$BOOTSTRAP_ROOT/fail-$BOOTSTRAP_PRODUCT" ]
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': ['a', 'b', 'c']
    .map((name) => `[product: ${name}]\nupgrade-script = /etc/bootstrap/upgrade\n`)
    .join(''),
  'etc/bootstrap/upgrade': SCRIPT,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  a: {version: "1"}
  b: {version: "1", dependsOn: [a]}
  c: {version: "1"}
`,
};

test('two plans of the same server are the same document, but for planId and createdAt', async (context) => {
  const world = worldOf(context);
  const [first, second] = [await plan(world), await plan(world)];
  expect(first['planId']).not.toBe(second['planId']);
  const moving = { planId: '', createdAt: '' };
  expect(JSON.stringify({ ...first, ...moving })).toBe(JSON.stringify({ ...second, ...moving }));
});

test.for<readonly [why: string, files: FileTexts, args: readonly string[], exitCode: number]>([
  ['that succeeds', {}, ['--yes'], 0],
  ['of which a step fails', { 'fail-a': '' }, ['--yes'], 4],
  ['that goes on after a failure', { 'fail-a': '' }, ['--yes', '--on-failure', 'continue'], 4],
  ['of which everything is blocked', {}, ['--yes', '--max-changes', '2'], 6],
  [
    'of which something is blocked',
    { 'var/bootstrap/server-mode': 'idle', 'var/bootstrap/products/a/version': '2' },
    ['--yes'],
    6,
  ],
  ['that nobody confirmed', {}, [], 6],
  ['of a broken file', { 'desired-state.yaml': 'server: {mode: idle}\n' }, ['--yes'], 65],
  ['without bootstrap.ini', { 'etc/bootstrap/bootstrap.ini': null }, ['--yes'], 78],
  ['whose script may not be run', { 'etc/bootstrap/upgrade': null }, ['--yes'], 78],
])('the events of an apply %s are whole', async ([, files, args, exitCode], context) => {
  const world = worldOf(context, files);
  const ran = await runCli(world, ['apply', '--format', 'json', ...args]);
  expect(ran).toMatchObject({ exitCode, stderr: '' });
  const events = eventsOf(ran);
  expect(events[0]).toMatchObject({ type: 'run.started', command: 'apply', root: world.root });
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', exitCode });
  expect(verdictsOf(events)).toEqual(onceEach(events));
});

test('a second apply has a plan without actions, and nothing else', async (context) => {
  const world = worldOf(context);
  await runCli(world, ['apply', '--yes']);
  const ran = await runCli(world, ['apply', '--format', 'json']);
  const types = eventsOf(ran).map(({ type }) => type);
  expect(types).toEqual(['run.started', 'plan.made', 'run.finished']);
});

test('the status as JSON is what status.json says after a run', async (context) => {
  const world = worldOf(context);
  await runCli(world, ['apply', '--yes']);
  const { stdout } = await runCli(world, ['status', '--format', 'json']);
  const now = objectOf(stdout);
  expect(now).toMatchObject({
    schema: 'bootstrap.status/1',
    mode: { desired: 'idle', actual: 'idle' },
    generation: 1,
    observedGeneration: 1,
    products: { a: { sync: 'Synced', desired: '1', applied: '1', actual: '1' } },
  });
  const recorded = objectOf(world.text('var/bootstrap/status.json') ?? '');
  expect({ ...recorded, conditions: [] }).toEqual({ ...now, conditions: [] });
  world.put({
    'desired-state.yaml': SERVER['desired-state.yaml'].replace('c: {version: "1"}', ''),
  });
  const next = objectOf((await runCli(world, ['status', '--format', 'json'])).stdout);
  expect(next).toMatchObject({ generation: 2, observedGeneration: 1 });
});

test('a partial run says so, and claims neither a revision nor a generation', async (context) => {
  const world = worldOf(context);
  await runCli(world, ['apply', '--yes']);
  const before = objectOf(world.text('var/bootstrap/status.json') ?? '');
  world.put({ 'desired-state.yaml': SERVER['desired-state.yaml'].replaceAll('"1"', '"2"') });
  const ran = await runCli(world, ['apply', '--yes', '--format', 'json', '--only', 'c']);
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(eventsOf(ran).at(-1)).toMatchObject({ outcome: 'changed', exitCode: 0, partial: true });
  const after = objectOf(world.text('var/bootstrap/status.json') ?? '');
  const claims = ['generation', 'lastAttemptedRevision', 'lastAppliedRevision', 'lastGoodRevision'];
  for (const claim of claims) expect(after[claim], claim).toBe(before[claim]);
  expect(after).toMatchObject({
    conditions: expect.arrayContaining([
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'OutOfSync' }),
    ]),
    products: { a: { sync: 'OutOfSync', actual: '1' }, c: { sync: 'Synced', actual: '2' } },
  });
  const whole = await runCli(world, ['apply', '--yes', '--format', 'json']);
  expect(eventsOf(whole).at(-1)).toMatchObject({ outcome: 'changed', partial: false });
  const done = objectOf(world.text('var/bootstrap/status.json') ?? '');
  expect(done).toMatchObject({ generation: 2, observedGeneration: 2 });
  expect(done['lastAppliedRevision']).not.toBe(before['lastAppliedRevision']);
});

type Json = Readonly<Record<string, unknown>>;

function worldOf(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  files: FileTexts = {},
): World {
  const world = createWorld({ ...SERVER, ...files });
  onTestFinished(() => world.end());
  return world;
}

async function plan(world: World): Promise<Json> {
  const ran = await runCli(world, ['plan', '--format', 'json']);
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  return objectOf(ran.stdout);
}

function objectOf(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`no object: ${text}`);
  return { ...value };
}

/** The events, each line of which is one, numbered from 1, all of one run. */
function eventsOf({ stdout }: Ran): readonly Json[] {
  expect(stdout.endsWith('\n')).toBe(true);
  const events = stdout.trimEnd().split('\n').map(objectOf);
  for (const [index, event] of events.entries())
    expect(event).toMatchObject({
      schema: 'bootstrap.events/1',
      seq: index + 1,
      runId: events[0]?.['runId'],
    });
  return events;
}

/** How many verdicts each action got. */
function verdictsOf(events: readonly Json[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verdict, action } of events) {
    const { id } = (action ?? {}) as { readonly id?: string };
    if (typeof verdict === 'string' && id !== undefined) counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

/** One for each action that was planned. */
function onceEach(events: readonly Json[]): Readonly<Record<string, number>> {
  const made = events.find(({ type }) => type === 'plan.made');
  const { actions = [] } = (made?.['plan'] ?? {}) as {
    readonly actions?: readonly { id: string }[];
  };
  return Object.fromEntries(actions.map(({ id }) => [id, 1]));
}
