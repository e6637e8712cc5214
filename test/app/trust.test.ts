// What was applied last from git, on record: read, kept from going down, set by hand; and what is refused by it.
import { expect, test, type TestContext } from 'vitest';
import { accept, refuse, resetTrust, type Offer } from '../../src/app/trust.ts';
import { readTrust } from '../../src/app/trust-record.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { known } from '../../src/model/fact.ts';
import type { Failure } from '../../src/model/failure.ts';
import { hostPath } from '../../src/model/ids.ts';
import { layoutOf } from '../../src/model/layout.ts';
import type { Result } from '../../src/model/result.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { GitRevision } from '../../src/model/source.ts';
import type { Metadata } from '../../src/model/state.ts';
import { createWorld, type World } from '../rig/world.ts';
import { commitIn } from '../source/repository.ts';

const host = createNodeHost();
const A = commitIn('a'.repeat(40));
const B = commitIn('b'.repeat(40));
const C = commitIn('c'.repeat(40));
const GIT: GitRevision = {
  url: '/srv/servers.git',
  ref: 'main',
  commit: B,
  signedBy: undefined,
  follows: undefined,
};
const NOTHING_SAID: Metadata = {
  name: undefined,
  serial: undefined,
  expires: undefined,
  machineId: undefined,
};
const HERE = '0123456789abcdef0123456789abcdef';
const RECORD = 'var/bootstrap/trust.json';

function worldFor({ onTestFinished }: TestContext, record?: string): World {
  const world = createWorld({ 'etc/machine-id': `${HERE}\n` });
  onTestFinished(() => world.end());
  if (record !== undefined) world.put({ [RECORD]: record });
  return world;
}

const recordOf = (body: object): string =>
  `${JSON.stringify({ schema: 'bootstrap.trust/1', ...body }, undefined, 2)}\n`;

function acceptIn(
  { root }: World,
  { serial, ...git }: Partial<GitRevision> & { readonly serial?: number },
): Result<void, Failure> {
  const path = hostPath(root, '/var/bootstrap/source/files/web.yaml');
  const desired = [{ shown: 'web.yaml', path }];
  const snapshot = { desired, texts: new Map([[path, known(`serial: ${serial}\n`)]]) };
  return accept(host, { root, git: { ...GIT, ...git }, snapshot, serial });
}

function refusalIn(
  { root }: World,
  metadata: Partial<Metadata>,
  {
    git = GIT,
    now = '2026-11-22T12:00:00Z',
  }: { readonly git?: Offer['git']; readonly now?: string } = {},
): unknown {
  const clock = { ...host.clock, now: () => new Date(now) };
  const offer: Offer = { root, metadata: { ...NOTHING_SAID, ...metadata }, git };
  const failure = refuse({ ...host, clock }, offer);
  return failure?.code === 'untrusted' ? failure.because : failure;
}

test('what is accepted is on record, and its serial never goes down', (context) => {
  const world = worldFor(context);
  expect(readTrust(host.files, world.root)).toEqual({ ok: true, value: undefined });
  const written: unknown[] = [];
  const then = (accepted: Parameters<typeof acceptIn>[1]): void => {
    expect(acceptIn(world, accepted)).toEqual({ ok: true, value: undefined });
    written.push(JSON.parse(world.text(RECORD) ?? ''));
  };
  then({ commit: A });
  then({ follows: A, serial: 7 });
  then({ follows: B, commit: C, ref: 'prod' });
  then({ follows: C, commit: A, serial: 6 });
  expect(world.text('var/bootstrap/source/files/web.yaml')).toBe('serial: 6\n');
  // Looked at once more, by what was on record then.
  then({ follows: C, commit: A, serial: 6 });
  const { url } = GIT;
  const path = hostPath(world.root, '/var/bootstrap/source/files/web.yaml');
  const desired = [{ shown: 'web.yaml', path }];
  const schema = 'bootstrap.trust/1';
  expect(written).toEqual([
    { schema, commit: A, url, ref: 'main', desired },
    { schema, commit: B, url, ref: 'main', desired, serial: 7 },
    { schema, commit: C, url, ref: 'prod', desired, serial: 7 },
    { schema, commit: A, url, ref: 'main', desired, serial: 7 },
    { schema, commit: A, url, ref: 'main', desired, serial: 7 },
  ]);
  expect(readTrust(host.files, world.root)).toEqual({
    ok: true,
    value: { commit: A, url, ref: 'main', desired, serial: 7 },
  });
});

test('a commit that was checked against another one than is on record is not accepted', (context) => {
  const world = worldFor(context);
  const moved = { ok: false, error: { code: 'untrusted', because: { why: 'floor-moved' } } };
  expect(acceptIn(world, { follows: A })).toEqual(moved);
  expect(world.text(RECORD)).toBeNull();
  acceptIn(world, { commit: A });
  const before = world.text(RECORD);
  expect(acceptIn(world, { follows: C })).toEqual(moved);
  expect(acceptIn(world, { follows: undefined })).toEqual(moved);
  expect(world.text(RECORD)).toBe(before);
});

test.for<[what: string, record: string, why: string]>([
  ['cut short', recordOf({ commit: A }).slice(0, 40), 'it is damaged (not JSON)'],
  ['empty', '', 'it is damaged (not JSON)'],
  ['without a commit', recordOf({}), 'it is damaged (it names no commit)'],
  ['of half a commit', recordOf({ commit: 'abc1234' }), 'it is damaged (it names no commit)'],
  [
    'of a serial that is none',
    recordOf({ commit: A, serial: '7' }),
    'it is damaged (it names no commit)',
  ],
  [
    'of a newer format',
    recordOf({ commit: A }).replace('trust/1', 'trust/2'),
    'its format is bootstrap.trust/2, this bootstrap knows bootstrap.trust/1',
  ],
])(
  'a record that is %s is not taken for none, and not written over',
  ([, record, why], context) => {
    const world = worldFor(context, record);
    const path = layoutOf(world.root).trust;
    const failure = { code: 'file-unusable', path, why, what: 'read' };
    expect(readTrust(host.files, world.root)).toEqual({ ok: false, error: failure });
    expect(refusalIn(world, {})).toEqual(failure);
    expect(acceptIn(world, {})).toEqual({ ok: false, error: failure });
    expect(world.text(RECORD)).toBe(record);
  },
);

test.for<
  [what: string, metadata: Partial<Metadata>, recorded: number | undefined, refusal: unknown]
>([
  ['nothing said', {}, undefined, undefined],
  ['a first serial', { serial: 1 }, undefined, undefined],
  ['a higher serial', { serial: 8 }, 7, undefined],
  ['the same serial', { serial: 7 }, 7, undefined],
  ['a lower serial', { serial: 6 }, 7, { why: 'serial-lower', serial: 6, recorded: 7 }],
  ['a serial of nothing', { serial: 0 }, 7, { why: 'serial-lower', serial: 0, recorded: 7 }],
  ['no serial any more', {}, 7, { why: 'serial-missing', recorded: 7 }],
  ['a serial as far ahead as may be', { serial: 2 ** 31 + 6 }, 7, undefined],
  [
    'a serial further ahead',
    { serial: 2 ** 31 + 7 },
    7,
    { why: 'serial-leap', serial: 2 ** 31 + 7, recorded: 7 },
  ],
  ['an end to come', { expires: new Date('2026-11-22T12:00:01Z') }, undefined, undefined],
  [
    'an end that is now',
    { expires: new Date('2026-11-22T12:00:00Z') },
    undefined,
    { why: 'expired', expires: '2026-11-22T12:00:00.000Z' },
  ],
  ['the id of this machine', { machineId: HERE }, undefined, undefined],
])('from git, %s', ([, metadata, serial, refusal], context) => {
  const world = worldFor(context, recordOf({ commit: A, serial }));
  expect(refusalIn(world, metadata)).toEqual(refusal);
});

test('from files of this machine only another machine is refused', (context) => {
  const world = worldFor(context, recordOf({ commit: A, serial: 7 }));
  const git = undefined;
  const offer = (metadata: Metadata): Offer => ({ root: world.root, metadata, git });
  const past = { ...NOTHING_SAID, serial: 1, expires: new Date('2020-01-01T00:00:00Z') };
  expect(refuse(host, offer(past))).toBeUndefined();
  expect(refuse(host, offer({ ...past, machineId: HERE }))).toBeUndefined();
  const machineId = 'f'.repeat(32);
  const place = `${world.root}/etc/machine-id`;
  const strange = { why: 'other-machine', machineId, here: HERE, place };
  expect(refuse(host, offer({ ...past, machineId }))).toEqual({
    code: 'untrusted',
    because: strange,
  });
  world.put({ 'etc/machine-id': null });
  const nameless = { why: 'other-machine', machineId: HERE, here: undefined, place };
  expect(refuse(host, offer({ ...past, machineId: HERE }))).toEqual({
    code: 'untrusted',
    because: nameless,
  });
});

test('a reset names the commit, forgets the serial and says what was', async (context) => {
  const world = worldFor(context);
  const { root } = world;
  acceptIn(world, { serial: 7 });
  const was = { commit: B, url: GIT.url, ref: 'main', serial: 7 };
  const reset = await resetTrust(host, { root, runId: 'run-1', to: C });
  expect(reset).toMatchObject({ ok: true, value: was });
  expect(readTrust(host.files, root)).toEqual({
    ok: true,
    value: { commit: C, url: undefined, ref: undefined, desired: [], serial: undefined },
  });
  expect(refusalIn(world, { serial: 1 })).toBeUndefined();
  expect(acceptIn(world, { follows: C, commit: A, serial: 1 }).ok).toBe(true);
});

test('a reset does not come between a run and its record', async (context) => {
  const world = worldFor(context);
  const { root } = world;
  const request = {
    path: layoutOf(root).lock,
    command: 'apply',
    runId: 'run-2',
    timeoutMs: durationMs(0),
    signal: new AbortController().signal,
    onWait: () => {},
  };
  await host.lock.hold(request, async () => {
    const reset = await resetTrust(host, { root, runId: 'run-1', to: C });
    expect(reset).toMatchObject({ ok: false, error: { code: 'locked' } });
    expect(acceptIn(world, {}).ok).toBe(true);
  });
  expect(readTrust(host.files, root)).toMatchObject({ value: { commit: B } });
});
