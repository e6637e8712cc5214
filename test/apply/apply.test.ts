import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Brakes, SecretFiller } from '../../src/apply/context.ts';
import { createRecords, type Records } from '../../src/apply/records.ts';
import { createFiles } from '../../src/host/files.ts';
import type { Deed } from '../../src/model/action.ts';
import type { Failure } from '../../src/model/failure.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { ConfigAccess, ConfigFormat } from '../../src/model/definition.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';
import { err, ok } from '../../src/model/result.ts';
import { replaceTokens, secretToken } from '../../src/model/secret.ts';
import { named, NO_ACCESS } from '../core/states.ts';
import { until } from '../host/until.ts';
import {
  action,
  createWorld,
  LOCK,
  planOf,
  record,
  run,
  running,
  scriptRun,
  upgradeTo,
  verification,
  type World,
} from './world.ts';

let world: World;
let good: HostPath;
let bad: HostPath;

beforeEach(() => {
  world = createWorld();
  good = world.script('good', 'exit 0');
  bad = world.script('bad', 'echo "no such version" >&2; exit 3');
  world.write('/var/bootstrap/server-mode', 'production\n');
  world.write('/var/bootstrap/products/haproxy/version', '1\n');
  world.write('/var/bootstrap/products/haproxy/status', 'valid\n');
});
afterEach(() => world.end());

const mode = (): string | undefined => world.read('/var/bootstrap/server-mode');
const missing = (): HostPath => hostPath(world.root, '/scripts/missing');

describe('what goes well', () => {
  test('an upgrade is on record once its script has ended, and valid once it is verified', async () => {
    const seen = world.script('seen', `cat ${world.root}/var/bootstrap/products/haproxy/*`);
    const upgrade = action('haproxy/upgrade', upgradeTo('2', 'haproxy', seen));
    const done = await run(world, planOf([upgrade], [verification('haproxy', [upgrade.id])]));
    expect(done).toMatchObject({ failures: [], touched: true, changed: true });
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'succeeded' });
    const output = done.events.flatMap((event) =>
      event.type === 'action.output' ? [event.line] : [],
    );
    expect(output).toEqual(['upgrading', '1']);
    expect(world.record('haproxy', 'version')).toBe('2');
    expect(world.record('haproxy', 'repository')).toBe('bookworm');
    expect(world.record('haproxy', 'status')).toBe('valid');
  });

  test('a script gets its words, its input and its environment, and nothing else', async () => {
    const told = world.script(
      'told',
      `{ printf '<%s>' "$@"; cat; env | sort | grep -v '^_=\\|^PWD=\\|^SHLVL='; pwd; } > ${world.root}/told`,
    );
    const stdin = '{"settings":{}}\n';
    const deed = running('haproxy', told, { args: ['a b', '$HOME', ''], stdin });
    await run(world, planOf([action('haproxy/set', [deed])]));
    expect(world.read('/told')).toBe(
      [
        '<a b><$HOME><>{"settings":{}}',
        'BOOTSTRAP_PRODUCT=haproxy',
        `BOOTSTRAP_ROOT=${world.root}`,
        'PATH=/usr/bin:/bin',
        '/',
      ].join('\n'),
    );
  });

  test('a config file is checked beside its place, then put there whole', async () => {
    const check = world.script(
      'check',
      `cp "$2" ${world.root}/checked; ls ${world.root}/etc > ${world.root}/listed`,
    );
    const done = await run(world, planOf([action('haproxy/set', config('new\n', check))]));
    expect(done.verdicts).toEqual({ 'haproxy/set': 'succeeded' });
    expect(world.read('/checked')).toBe('new');
    expect(world.read('/etc/haproxy.cfg')).toBe('new');
    expect(readdirSync(`${world.root}/etc`)).toEqual(['haproxy.cfg']);
    expect(world.read('/listed')).not.toMatch(/^haproxy\.cfg$/m);
  });

  test('settings are on record for their owner only', async () => {
    const settings = { maxconn: 2000, tls: { key: 'a' } };
    await run(world, planOf([action('haproxy/set', [record('haproxy', { settings })])]));
    const path = '/var/bootstrap/products/haproxy/settings.json';
    expect(JSON.parse(world.read(path) ?? '')).toEqual({
      schema: 'bootstrap.settings/1',
      settings,
    });
    expect(statSync(world.root + path).mode & 0o777).toBe(0o600);
  });

  test('a record changes nothing but itself, yet is a change', async () => {
    const done = await run(
      world,
      planOf([action('server/mode-idle', [{ do: 'record-mode', mode: 'idle' }])]),
    );
    expect(done).toMatchObject({ failures: [], touched: false, changed: true });
    expect(mode()).toBe('idle');
  });

  test('the same again leads to the same server', async () => {
    const plan = planOf([
      action('haproxy/upgrade', [
        ...upgradeTo('2', 'haproxy', good),
        ...config('new\n', good),
        record('haproxy', { settings: { a: 1 } }),
      ]),
    ]);
    await run(world, plan);
    const first = tree();
    await run(world, plan);
    expect(tree()).toBe(first);
  });

  test('an empty plan does nothing', async () => {
    const before = tree();
    expect(await run(world, planOf([]))).toMatchObject({
      failures: [],
      touched: false,
      changed: false,
    });
    expect(tree()).toBe(before);
  });
});

describe('a step that fails', () => {
  test('having changed something leaves its product and the server invalid, with time and reason', async () => {
    const done = await run(
      world,
      planOf([action('haproxy/upgrade', upgradeTo('2', 'haproxy', bad))]),
    );
    expect(done).toMatchObject({
      verdicts: { 'haproxy/upgrade': 'failed' },
      touched: true,
      failures: [
        { code: 'script-failed', end: { how: 'exit', exitCode: 3 }, tail: ['no such version'] },
      ],
    });
    expect(world.record('haproxy', 'status')).toBe('invalid');
    expect(world.record('haproxy', 'version')).toBe('1');
    expect(world.record('haproxy', 'lastmessage')).toMatch(
      /^20\d\d-.*Z haproxy\/upgrade: .*bad failed with exit code 3$/,
    );
    expect(mode()).toBe('invalid');
    expect(world.read('/var/bootstrap/lastmessage')).toBe(world.record('haproxy', 'lastmessage'));
  });

  test('before anything moved leaves the records as they were', async () => {
    const before = tree();
    const done = await run(
      world,
      planOf([
        action('server/mode-provisioning', [{ do: 'record-mode', mode: 'provisioning' }]),
        action('haproxy/upgrade', upgradeTo('2', 'haproxy', missing()), {
          after: ['server/mode-provisioning'],
        }),
      ]),
    );
    expect(done).toMatchObject({ touched: false, codes: ['script-failed'] });
    expect(tree()).toBe(before);
  });

  test('before anything moved leaves no record where there was none', async () => {
    rmSync(`${world.root}/var`, { recursive: true });
    await run(
      world,
      planOf([
        action('server/mode-provisioning', [{ do: 'record-mode', mode: 'provisioning' }]),
        action('gateway/provision', upgradeTo('2', 'gateway', missing()), {
          after: ['server/mode-provisioning'],
        }),
      ]),
    );
    expect(world.record('gateway', 'status')).toBeUndefined();
    expect(mode()).toBeUndefined();
  });

  test('because its config file is refused touches no file, and says what the check said', async () => {
    world.write('/etc/haproxy.cfg', 'old\n');
    const deeds = config('new\n', world.script('refuse', 'echo "line 1: what is new?"; exit 1'));
    const before = tree();
    const done = await run(world, planOf([action('haproxy/set', deeds)]));
    expect(done.failures).toMatchObject([
      { code: 'config-refused', tail: ['line 1: what is new?'] },
    ]);
    expect(done.touched).toBe(false);
    expect(tree()).toBe(before);
  });

  test('after an earlier step of its product leaves the product invalid, though it moved nothing itself', async () => {
    const refuse = world.script('refuse', 'exit 1');
    const done = await run(
      world,
      planOf([
        action('haproxy/upgrade', upgradeTo('2', 'haproxy', good)),
        action('haproxy/set', config('new\n', refuse), { after: ['haproxy/upgrade'] }),
      ]),
    );
    expect(done.codes).toEqual(['config-refused']);
    expect(world.record('haproxy', 'status')).toBe('invalid');
    expect(mode()).toBe('invalid');
  });

  test('takes longer than it may: it is ended, and has failed', async () => {
    const slow = world.script('slow', 'sleep 60');
    const done = await run(
      world,
      planOf([action('haproxy/set', [running('haproxy', slow, { timeoutMs: durationMs(100) })])]),
    );
    expect(done.failures).toMatchObject([
      { code: 'script-failed', end: { how: 'timeout', afterMs: 100 } },
    ]);
    expect(mode()).toBe('invalid');
  });

  test('because a record cannot be written says which', async () => {
    rmSync(`${world.root}/var/bootstrap/products/haproxy`, { recursive: true });
    world.write('/var/bootstrap/products/haproxy', 'a file where a folder should be');
    const done = await run(
      world,
      planOf([action('haproxy/upgrade', upgradeTo('2', 'haproxy', good))]),
    );
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'failed' });
    expect(JSON.stringify(done.failures)).toContain('/var/bootstrap/products/haproxy');
  });
});

describe('other steps, when one fails:', () => {
  const failing = () =>
    planOf(
      [
        action('store/upgrade', [running('store', bad)]),
        action('haproxy/upgrade', [running('haproxy', good)], { after: ['store/verify'] }),
        action('gateway/upgrade', [running('gateway', good)], { after: ['haproxy/upgrade'] }),
        action('web/upgrade', [running('web', world.script('web', 'sleep 0.1'))]),
        action('web/set', [running('web', good)], { after: ['web/upgrade'] }),
        action('server/mode-production', [{ do: 'record-mode', mode: 'production' }], {
          after: ['gateway/upgrade', 'web/set'],
        }),
      ],
      [verification('store', ['store/upgrade']), verification('web', ['web/set'])],
    );

  test('what waits for it is skipped, be it through others; nothing new is started', async () => {
    const done = await run(world, failing(), { onFailure: 'stop' });
    expect(done.verdicts).toEqual({
      'store/upgrade': 'failed',
      'haproxy/upgrade': 'skipped',
      'gateway/upgrade': 'skipped',
      'web/upgrade': 'succeeded',
      'web/set': 'notStarted',
      'server/mode-production': 'skipped',
    });
    const reasons = done.events.flatMap((event) =>
      event.type === 'action.skipped' ? [event.reason] : [],
    );
    expect(reasons.filter(({ why }) => why === 'dependency-failed')).toEqual(
      Array.from({ length: 3 }, () => ({ why: 'dependency-failed', on: 'store/upgrade' })),
    );
  });

  test('with continue, what does not wait for it goes on to its end', async () => {
    const done = await run(world, failing(), { onFailure: 'continue' });
    expect(done.verdicts).toEqual({
      'store/upgrade': 'failed',
      'haproxy/upgrade': 'skipped',
      'gateway/upgrade': 'skipped',
      'web/upgrade': 'succeeded',
      'web/set': 'succeeded',
      'server/mode-production': 'skipped',
    });
    expect(world.record('web', 'status')).toBe('valid');
    expect(done.codes).toEqual(['script-failed']);
  });

  test('what the plan blocked is skipped, and nobody waits for it', async () => {
    const blocked = { by: 'downgrade', product: named('haproxy') } as const;
    const done = await run(
      world,
      planOf([
        action('haproxy/downgrade', [running('haproxy', bad)], { blocked }),
        action('server/mode-production', [{ do: 'record-mode', mode: 'production' }], {
          after: ['haproxy/downgrade'],
        }),
      ]),
    );
    expect(done.verdicts).toEqual({
      'haproxy/downgrade': 'skipped',
      'server/mode-production': 'succeeded',
    });
    expect(done.failures).toEqual([]);
  });
});

describe('side by side', () => {
  // Each waits for the other: together they end at once, one after the other never.
  const meeting = () => {
    execFileSync('mkfifo', [`${world.root}/left`, `${world.root}/right`]);
    const fifo = (name: string): string => `${world.root}/${name}`;
    const left = world.script('left', `echo x > ${fifo('left')}; read x < ${fifo('right')}`);
    const right = world.script('right', `read x < ${fifo('left')}; echo x > ${fifo('right')}`);
    const timeoutMs = durationMs(700);
    return planOf([
      action('haproxy/upgrade', [running('haproxy', left, { timeoutMs })]),
      action('store/upgrade', [running('store', right, { timeoutMs })]),
    ]);
  };

  test('independent steps really run together', async () => {
    const done = await run(world, meeting(), { parallelism: 2 });
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'succeeded', 'store/upgrade': 'succeeded' });
  });

  test('never more than so many', async () => {
    const done = await run(world, meeting(), { parallelism: 1 });
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'failed', 'store/upgrade': 'notStarted' });
  });

  // What the first one has brought is recorded once the last one has begun.
  const recordingLate = (): Records => {
    const real = createRecords(createFiles(), { root: world.root, sealed: ok });
    const product: Records['product'] = async (deed) => {
      if (deed.version !== undefined) await until(() => world.read('/begun') !== undefined, 3000);
      return await real.product(deed);
    };
    return { ...real, product };
  };

  test('who has no program left to run keeps nobody waiting', async () => {
    const begins = world.script('begins', `touch ${world.root}/begun`);
    const waits = world.script('waits', `until [ -e ${world.root}/begun ]; do sleep 0.01; done`);
    const plan = planOf([
      action('haproxy/upgrade', upgradeTo('2', 'haproxy', good)),
      action('store/set', [running('store', waits)]),
      action('gateway/set', [running('gateway', begins)]),
    ]);
    const done = await run(world, plan, { parallelism: 2, records: recordingLate() });
    expect(done.failures).toEqual([]);
    expect(world.record('haproxy', 'version')).toBe('2');
  });

  test('nor does who has none at all', async () => {
    const names = ['haproxy', 'gateway', 'store'];
    const plan = planOf(
      names.map((name) => action(`${name}/set`, [record(name, { settings: {} })])),
    );
    const { events } = await run(world, plan, { parallelism: 2 });
    const started = events.slice(0, names.length);
    expect(started.map(({ type }) => type)).toEqual(names.map(() => 'action.started'));
  });

  test('unless it is one after the other', async () => {
    const plan = planOf([
      action('haproxy/upgrade', upgradeTo('2', 'haproxy', good)),
      action('gateway/set', [record('gateway', { settings: {} })]),
      action('store/set', [running('store', good)]),
    ]);
    const { events } = await run(world, plan, { parallelism: 1 });
    const one = ['action.started', 'action.completed'];
    expect(events.map(({ type }) => type)).toEqual([...one, ...one, ...one]);
  });

  test('a mode waits for all of them', async () => {
    const slow = world.script('slow', `sleep 0.2; touch ${world.root}/slow-done`);
    const last = world.script('last', `test -e ${world.root}/slow-done`);
    const done = await run(
      world,
      planOf([
        action('haproxy/upgrade', [running('haproxy', good)]),
        action('store/upgrade', [running('store', slow)]),
        action('server/mode-production', [running('haproxy', last)], {
          after: ['haproxy/upgrade', 'store/upgrade'],
        }),
      ]),
    );
    expect(done.failures).toEqual([]);
  });
});

describe('mode-scripts', () => {
  const toWork = (...paths: readonly HostPath[]) =>
    planOf([
      action('server/mode-production', [
        { do: 'record-mode', mode: 'mode-updating' },
        {
          do: 'run-each-script',
          runs: paths.map((path, index) => scriptRun(`p${index}`, path, { kind: 'mode' })),
        },
        { do: 'record-mode', mode: 'production' },
      ]),
    ]);
  const note = (): HostPath =>
    world.script(
      'note',
      `echo "$BOOTSTRAP_PRODUCT $(cat ${world.root}/var/bootstrap/server-mode)" >> ${world.root}/noted`,
    );

  test('run one after the other, while server-mode reads mode-updating', async () => {
    const done = await run(world, toWork(note(), note(), note()));
    expect(done.verdicts).toEqual({ 'server/mode-production': 'succeeded' });
    expect(world.read('/noted')).toBe('p0 mode-updating\np1 mode-updating\np2 mode-updating');
    expect(mode()).toBe('production');
  });

  test('are all run even if some fail, which leaves the mode invalid and names each', async () => {
    const done = await run(world, toWork(bad, note(), bad, note()));
    expect(world.read('/noted')).toBe('p1 mode-updating\np3 mode-updating');
    expect(done.codes).toEqual(['script-failed', 'script-failed']);
    expect(mode()).toBe('invalid');
  });

  test('of which none could be started leave the mode as it was', async () => {
    const done = await run(world, toWork(missing(), missing()));
    expect(done).toMatchObject({ touched: false, codes: ['script-failed', 'script-failed'] });
    expect(mode()).toBe('production');
  });
});

describe('verification', () => {
  const failed: Failure = {
    code: 'verify-failed',
    product: named('haproxy'),
    heartbeat: 'tcp 127.0.0.1:80',
    waitedMs: 5,
    lastSeen: 'refused',
    wasFailing: false,
  };
  const plan = () =>
    planOf(
      [
        action('haproxy/upgrade', upgradeTo('2', 'haproxy', good)),
        action('gateway/upgrade', upgradeTo('2', 'gateway', good), { after: ['haproxy/verify'] }),
      ],
      [verification('haproxy', ['haproxy/upgrade'])],
    );

  test('that passes lets dependents go on', async () => {
    const done = await run(world, plan());
    expect(Object.values(done.verdicts)).toEqual(['succeeded', 'succeeded']);
    expect(done.events.map(({ type }) => type).filter((type) => type.startsWith('verify'))).toEqual(
      ['verify.started', 'verify.passed'],
    );
  });

  test('that fails leaves the product invalid, and dependents alone', async () => {
    const done = await run(world, plan(), { judge: async () => failed });
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'succeeded', 'gateway/upgrade': 'skipped' });
    expect(done.failures).toEqual([failed]);
    expect(world.record('haproxy', 'version')).toBe('2');
    expect(world.record('haproxy', 'status')).toBe('invalid');
    expect(world.record('gateway', 'status')).toBeUndefined();
    expect(mode()).toBe('invalid');
  });

  test('that is cut short says nothing of the product', async () => {
    const { stop, brakes } = createBrakes();
    const done = await run(world, plan(), {
      brakes,
      judge: async () => {
        stop();
        return failed;
      },
    });
    expect(done.failures).toEqual([STOPPED]);
    expect(world.record('haproxy', 'status')).toBe('upgrading');
    expect(mode()).toBe('production');
  });
});

describe('a restart of what was found dead', () => {
  const restart = (script: HostPath): ReturnType<typeof action> =>
    action('haproxy/restart', [
      { do: 'count-restart', product: named('haproxy') },
      running('haproxy', script, { kind: 'mode', wasFailing: true }),
    ]);
  const others = () => [action('gateway/upgrade', upgradeTo('2', 'gateway', good))];

  test('is counted before its script is started', async () => {
    const seen = world.script('seen', `cat ${world.root}/count`);
    const countRestart = (name: string) => ok(world.write('/count', `${name}\n`));
    const done = await run(world, planOf([restart(seen)]), { countRestart });
    expect(done.verdicts).toEqual({ 'haproxy/restart': 'succeeded' });
    expect(done.events).toContainEqual(
      expect.objectContaining({ type: 'action.output', line: 'haproxy' }),
    );
  });

  test('that cannot be counted is not begun', async () => {
    const seen = world.script('seen', `touch ${world.root}/begun`);
    const full: Failure = { code: 'file-unusable', path: '/x', why: 'no space', what: 'write' };
    const done = await run(world, planOf([restart(seen)]), { countRestart: () => err(full) });
    expect(done).toMatchObject({ failures: [full], touched: false });
    expect(world.read('/begun')).toBeUndefined();
    expect(world.record('haproxy', 'status')).toBe('valid');
    expect(mode()).toBe('production');
  });

  test('that fails leaves product and server as they were, and keeps nobody else waiting', async () => {
    const done = await run(world, planOf([restart(bad), ...others()]), { parallelism: 1 });
    expect(done.verdicts).toEqual({ 'haproxy/restart': 'failed', 'gateway/upgrade': 'succeeded' });
    expect(done.failures).toMatchObject([{ code: 'script-failed', wasFailing: true }]);
    expect(world.record('haproxy', 'status')).toBe('valid');
    expect(world.record('gateway', 'version')).toBe('2');
    expect(mode()).toBe('production');
  });
});

describe('a secret', () => {
  const token = secretToken({ source: 'fromFile', name: '/run/secrets/key' });
  const missingSecret: Failure = {
    code: 'secret-unavailable',
    source: 'fromFile',
    name: '/run/secrets/key',
    why: 'there is no such secret',
  };
  const has = (value: string): SecretFiller => ({
    fill: (text, escape = (plain) => plain) => ok(replaceTokens(text, () => escape(value))),
    values: () => [value],
  });
  const stdin = `{"key":"${token}"}`;

  test('is filled in where it is used: in a config file that only its owner reads, and in what a script is told', async () => {
    const told = world.script('told', `cat > ${world.root}/told`);
    const check = world.script('check', `cp "$2" ${world.root}/checked`);
    const deeds = [...config(`key = ${token}\n`, check), running('haproxy', told, { stdin })];
    await run(world, planOf([action('haproxy/set', deeds)]), { secrets: has('a"b') });
    expect(world.read('/checked')).toBe('key = a"b');
    expect(world.read('/etc/haproxy.cfg')).toBe('key = a"b');
    expect(statSync(`${world.root}/etc/haproxy.cfg`).mode & 0o777).toBe(0o600);
    expect(JSON.parse(world.read('/told') ?? '')).toEqual({ key: 'a"b' });
  });

  test.each<[ConfigFormat, string, string]>([
    ['json', `{"key": "${token}"}`, String.raw`{"key": "a\"b$c"}`],
    ['yaml', `key: "${token}"`, String.raw`key: "a\"b$c"`],
    ['env', `KEY="${token}"`, String.raw`KEY="a\"b\$c"`],
  ])('is filled in as the format %s writes it', async (format, text, written) => {
    const deeds = config(text, good, { format });
    await run(world, planOf([action('haproxy/set', deeds)]), { secrets: has('a"b$c') });
    expect(world.read('/etc/haproxy.cfg')).toBe(written);
  });

  test('is masked as the file has it, where a check shows the line that it refuses', async () => {
    const loud = world.script('loud', 'cat "$2"; exit 1');
    const deeds = config(`KEY="${token}"`, loud, { format: 'env' });
    const done = await run(world, planOf([action('haproxy/set', deeds)]), {
      secrets: has('s3$cr3t'),
    });
    expect(done.codes).toEqual(['config-refused']);
    expect(JSON.stringify(done.failures)).not.toContain('cr3t');
  });

  test('is masked in what a script prints, also where it fails', async () => {
    const loud = world.script('loud', 'cat; exit 1');
    const deeds = [running('haproxy', loud, { stdin: `${token}\n` })];
    const done = await run(world, planOf([action('haproxy/set', deeds)]), {
      secrets: has('s3cr3t'),
    });
    expect(done.codes).toEqual(['script-failed']);
    expect(JSON.stringify([done.events, done.failures])).not.toContain('s3cr3t');
    expect(tree('/var')).not.toContain('s3cr3t');
  });

  test.each([
    ['a config file', (): readonly Deed[] => config(`key = ${token}\n`, good)],
    ['a script', (): readonly Deed[] => [running('haproxy', good, { stdin })]],
  ])('that is gone when %s needs it stops before anything moved', async (_, deeds) => {
    const plan = planOf([action('haproxy/set', deeds())]);
    const before = tree();
    const gone: SecretFiller = { fill: () => err(missingSecret), values: () => [] };
    const done = await run(world, plan, { secrets: gone });
    expect(done).toMatchObject({ failures: [missingSecret], touched: false });
    expect(tree()).toBe(before);
  });
});

describe('a config file with a declared access', () => {
  const modeOf = (): number => statSync(`${world.root}/etc/haproxy.cfg`).mode & 0o777;
  const apply = async (access: Partial<ConfigAccess>) =>
    await run(world, planOf([action('haproxy/set', config('a\n', good, { access }))]));

  test('gets its mode when it is new, and when nothing but the mode differs', async () => {
    await apply({ mode: '0640' });
    expect(modeOf()).toBe(0o640);
    await apply({ mode: '0600' });
    expect(modeOf()).toBe(0o600);
    expect(world.read('/etc/haproxy.cfg')).toBe('a');
  });

  test('keeps what it has where nothing is declared', async () => {
    await apply({ mode: '0604' });
    await apply({});
    expect(modeOf()).toBe(0o604);
  });

  test.skipIf(process.getuid?.() !== 0)('belongs to whom bootstrap.ini says', async () => {
    await apply({});
    await apply({ owner: 'nobody', group: '12' });
    expect(statSync(`${world.root}/etc/haproxy.cfg`)).toMatchObject({ uid: 65_534, gid: 12 });
  });

  test.each([
    [{ owner: 'no-such-user' }, 'there is no user no-such-user on this machine'],
    [{ group: 'no-such-group' }, 'there is no group no-such-group on this machine'],
  ])('is not written for one that is not there: %j', async (access, why) => {
    const done = await apply(access);
    expect(done.failures).toMatchObject([{ code: 'file-unusable', why }]);
    expect(world.read('/etc/haproxy.cfg')).toBeUndefined();
  });
});

describe('what still differs after all steps', () => {
  const remaining = [
    {
      kind: 'config-differs',
      product: named('haproxy'),
      path: '/etc/haproxy.cfg',
      found: 'different',
      cause: 'drift',
    },
  ] as const;

  test('is a failure that names it', async () => {
    const plan = planOf([action('haproxy/upgrade', upgradeTo('2', 'haproxy', good))]);
    const done = await run(world, plan, { remaining: async () => remaining });
    expect(done.failures).toEqual([{ code: 'not-converged', remaining }]);
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'succeeded' });
    expect(world.record('haproxy', 'status')).toBe('invalid');
    expect(mode()).toBe('invalid');
  });

  test('is no news after a failure', async () => {
    const plan = planOf([action('haproxy/upgrade', upgradeTo('2', 'haproxy', bad))]);
    expect((await run(world, plan, { remaining: async () => remaining })).codes).toEqual([
      'script-failed',
    ]);
  });
});

describe('a stop', () => {
  const stopping = (brake: 'stop' | 'terminate' | 'kill' = 'stop') => {
    const { stop, brakes, pull } = createBrakes();
    return {
      brakes,
      emit: (event: { readonly type: string }) => {
        if (event.type !== 'action.output') return;
        stop();
        if (brake !== 'stop') pull(brake);
      },
    };
  };

  test('lets the running script end and be recorded, and starts nothing new', async () => {
    const plan = planOf([
      action(
        'haproxy/upgrade',
        upgradeTo(
          '2',
          'haproxy',
          world.script('slow', `echo on; sleep 0.2; touch ${world.root}/ended`),
        ),
      ),
      action('haproxy/set', [running('haproxy', good)], { after: ['haproxy/upgrade'] }),
    ]);
    const done = await run(world, plan, stopping());
    expect(done.verdicts).toEqual({ 'haproxy/upgrade': 'succeeded', 'haproxy/set': 'notStarted' });
    expect(done.failures).toEqual([STOPPED]);
    expect(world.read('/ended')).toBe('');
    expect(world.record('haproxy', 'version')).toBe('2');
    expect(world.record('haproxy', 'status')).toBe('upgrading');
    expect(mode()).toBe('production');
  });

  test('starts no further script of the same action', async () => {
    const deeds = [
      ...upgradeTo('2', 'haproxy', world.script('say', 'echo on')),
      running('haproxy', world.script('second', `touch ${world.root}/second`)),
      record('haproxy', { status: 'valid' }),
    ];
    const done = await run(world, planOf([action('haproxy/provision', deeds)]), stopping());
    expect(done).toMatchObject({
      verdicts: { 'haproxy/provision': 'failed' },
      failures: [STOPPED],
    });
    expect(world.read('/second')).toBeUndefined();
    expect(world.record('haproxy', 'version')).toBe('2');
    expect(world.record('haproxy', 'status')).toBe('upgrading');
  });

  test('between mode-scripts leaves the mode unfinished, never as if all had been told', async () => {
    const paths = [
      world.script('first', 'echo on'),
      world.script('second', `touch ${world.root}/second`),
    ];
    const deeds: readonly Deed[] = [
      { do: 'record-mode', mode: 'mode-updating' },
      { do: 'run-each-script', runs: paths.map((path) => scriptRun('haproxy', path)) },
      { do: 'record-mode', mode: 'idle' },
    ];
    const done = await run(world, planOf([action('server/mode-idle', deeds)]), stopping());
    expect(done.failures).toEqual([STOPPED]);
    expect(world.read('/second')).toBeUndefined();
    expect(mode()).toBe('mode-updating');
  });

  test('after the last step is too late to be one', async () => {
    const plan = planOf([
      action('haproxy/upgrade', [running('haproxy', world.script('say', 'echo on'))]),
    ]);
    expect(await run(world, plan, stopping())).toMatchObject({ failures: [], changed: true });
  });

  test.each([
    ['terminate', 'SIGTERM', 'failed'],
    ['kill', 'SIGKILL', 'unknown'],
  ] as const)(
    'that goes on to %s ends the script by %s: verdict %s',
    async (brake, signal, verdict) => {
      const slow = world.script('slow', 'echo on; exec sleep 60');
      const plan = planOf([action('haproxy/upgrade', upgradeTo('2', 'haproxy', slow))]);
      const done = await run(world, plan, stopping(brake));
      expect(done.verdicts).toEqual({ 'haproxy/upgrade': verdict });
      expect(done.failures).toMatchObject([
        { code: 'script-failed', end: { how: 'signal', signal } },
      ]);
      expect(world.record('haproxy', 'version')).toBe('1');
      expect(world.record('haproxy', 'status')).toBe('upgrading');
    },
  );
});

describe('a lock that is lost', () => {
  test('in the middle of a step: nothing is written or run any more', async () => {
    const thief = world.script(
      'thief',
      `rm ${world.root}${LOCK}; cp -r ${world.root}/var ${world.root}/as-it-was`,
    );
    const done = await run(
      world,
      planOf([
        action('haproxy/upgrade', upgradeTo('2', 'haproxy', thief)),
        action('haproxy/set', config('new\n', good), { after: ['haproxy/upgrade'] }),
        action('store/upgrade', upgradeTo('2', 'store', good), { after: ['haproxy/set'] }),
      ]),
    );
    expect(done.codes).toEqual(['lock-lost']);
    expect(done.verdicts).toEqual({
      'haproxy/upgrade': 'failed',
      'haproxy/set': 'skipped',
      'store/upgrade': 'skipped',
    });
    expect(tree('/var')).toBe(tree('/as-it-was'));
    expect(world.read('/etc/haproxy.cfg')).toBeUndefined();
  });

  test('between mode-scripts: the next is not run', async () => {
    const thief = world.script('thief', `rm ${world.root}${LOCK}`);
    const second = world.script('second', `touch ${world.root}/second`);
    const deeds: readonly Deed[] = [
      { do: 'run-each-script', runs: [thief, second].map((path) => scriptRun('haproxy', path)) },
      { do: 'record-mode', mode: 'idle' },
    ];
    const done = await run(world, planOf([action('server/mode-idle', deeds)]));
    expect(done.codes).toEqual(['lock-lost']);
    expect(world.read('/second')).toBeUndefined();
    expect(mode()).toBe('production');
  });

  test('between two steps: the second is not begun', async () => {
    const lost = new AbortController();
    const done = await run(
      world,
      planOf([
        action('haproxy/upgrade', upgradeTo('2', 'haproxy', good)),
        action('store/upgrade', upgradeTo('2', 'store', good), { after: ['haproxy/upgrade'] }),
      ]),
      {
        lock: { lost: lost.signal, owned: () => !lost.signal.aborted },
        emit: (event) => {
          if (event.type === 'action.completed') lost.abort();
        },
      },
    );
    expect(done.verdicts).toEqual({
      'haproxy/upgrade': 'succeeded',
      'store/upgrade': 'notStarted',
    });
    expect(done.codes).toEqual(['lock-lost']);
  });
});

const STOPPED: Failure = { code: 'interrupted', signal: 'SIGTERM' };

function createBrakes(): {
  readonly brakes: Brakes;
  readonly stop: () => void;
  readonly pull: (brake: keyof Brakes) => void;
} {
  const controllers = {
    stop: new AbortController(),
    terminate: new AbortController(),
    kill: new AbortController(),
  };
  const { stop, terminate, kill } = controllers;
  return {
    brakes: { stop: stop.signal, terminate: terminate.signal, kill: kill.signal },
    stop: () => stop.abort(STOPPED),
    pull: (brake) => controllers[brake].abort(),
  };
}

interface Dressed {
  readonly format?: ConfigFormat;
  readonly access?: Partial<ConfigAccess>;
}

function config(
  text: string,
  check: HostPath,
  { format = 'template', access }: Dressed = {},
): readonly Deed[] {
  const path = hostPath(world.root, '/etc/haproxy.cfg');
  const product = named('haproxy');
  mkdirSync(`${world.root}/etc`, { recursive: true });
  return [
    {
      do: 'check-config',
      product,
      path,
      text,
      format,
      argv: [check, '-f', '{file}'],
      timeoutMs: durationMs(5000),
    },
    record('haproxy', { status: 'upgrading' }),
    { do: 'write-config', product, path, text, format, access: { ...NO_ACCESS, ...access } },
  ];
}

/** Every file under a folder, with what it holds. */
function tree(folder = ''): string {
  return execFileSync(
    'sh',
    [
      '-c',
      'cd "$0" && find . -type f ! -path "./var/bootstrap/runs/*" | sort | xargs -r grep -H ""',
      world.root + folder,
    ],
    { encoding: 'utf8' },
  );
}
