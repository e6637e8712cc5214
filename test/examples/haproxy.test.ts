// The example with the real HAProxy: Debian's package, installed by the example's own script, in a folder and on `/`.
import { afterAll, describe, expect, test } from 'vitest';
import { once, transcript, until } from './cli.ts';
import {
  answers,
  INSTALL_TIMEOUT_MS,
  installed,
  masterPid,
  openFolder,
  openServer,
  page,
  showInfo,
  type World,
} from './haproxy-world.ts';
import { closing, type Machine } from './machine.ts';

describe.each([
  ['in a folder', openFolder],
  ['on /', openServer],
])('HAProxy %s', (_, open) => {
  const world = once(open);
  afterAll(async () => await closing(world()));

  test(
    'plan shows what the first apply would do, and does nothing',
    async () => {
      const { bootstrap, machine, version } = await world();
      const plan = await bootstrap('plan', '--detailed-exitcode');
      expect(plan.exitCode, transcript(plan)).toBe(2);
      expect(actionLines(plan.stdout)).toEqual([
        '> mode server unprovisioned -> provisioning',
        '+ provision backend (none) -> 1, with 2 settings',
        `+ provision haproxy (none) -> ${version}, with 5 settings`,
        '> mode server provisioning -> idle',
        '> mode server idle -> production',
      ]);
      expect((await machine.run('dpkg-query', '-W', 'haproxy')).exitCode).not.toBe(0);
    },
    INSTALL_TIMEOUT_MS,
  );

  test(
    'one apply leads from nothing to a serving HAProxy, the second does nothing',
    async () => {
      const { bootstrap, machine, ports, version } = await world();
      const first = await bootstrap('apply', '--yes');
      expect(first.exitCode, transcript(first)).toBe(0);
      expect(await installed(machine)).toBe(version);
      expect(await page(ports.public)).toBe('hello from backend 1\n');

      const second = await bootstrap('apply', '--yes');
      expect(transcript(second)).toMatch(/^No changes\. The server matches .*\nexit 0\n$/);
      const plan = await bootstrap('plan', '--detailed-exitcode');
      expect(transcript(plan)).toMatch(/^No changes\. The server matches .*\nexit 0\n$/);
      const status = await bootstrap('status');
      expect(status.stdout).toContain('Ready=True');
    },
    INSTALL_TIMEOUT_MS,
  );

  test('a changed setting is one line of the plan, and reaches the running master', async () => {
    const { bootstrap, machine, desired, ports } = await world();
    const before = await showInfo(await world());
    const master = await masterPid(await world());
    expect(before.get('Maxconn')).toBe('2000');

    machine.edit(desired, (text) => text.replace('maxconn: 2000', 'maxconn: 3000'));
    const plan = await bootstrap('plan', '--detailed-exitcode');
    expect(plan.exitCode, transcript(plan)).toBe(2);
    expect(actionLines(plan.stdout)).toEqual(['~ set haproxy maxconn 2000 -> 3000']);
    const apply = await bootstrap('apply', '--yes', '--detailed-exitcode');
    expect(apply.exitCode, transcript(apply)).toBe(2);

    const after = await showInfo(await world());
    expect(after.get('Maxconn')).toBe('3000');
    expect(after.get('Pid')).not.toBe(before.get('Pid'));
    expect(await masterPid(await world())).toBe(master);
    expect(await page(ports.public)).toBe('hello from backend 1\n');
    expect((await bootstrap('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  test('a file that `haproxy -c` refuses never gets into place', async () => {
    const { bootstrap, machine, desired, ports, root } = await world();
    const config = machine.read(`${root}/etc/haproxy/haproxy.cfg`);
    const before = await showInfo(await world());

    machine.edit(desired, (text) =>
      text.replace('      maxconn: 3000\n', '$&      timeouts: { client: pony }\n'),
    );
    const validate = await bootstrap('validate');
    expect(validate.exitCode, transcript(validate)).toBe(65);
    expect(validate.stderr).toContain('timeouts.client must be text that matches');

    // As the schema wants it, and still more than HAProxy can count.
    machine.edit(desired, (text) => text.replace('pony', '99999d'));
    const apply = await bootstrap('apply', '--yes');
    expect(apply.exitCode, transcript(apply)).toBe(1);
    expect(apply.stderr).toContain('timer overflow');
    expect(apply.stderr).toContain('the file in place was not touched');

    expect(machine.read(`${root}/etc/haproxy/haproxy.cfg`)).toBe(config);
    expect(await machine.must('ls', '-A', `${root}/etc/haproxy`)).not.toContain('.tmp');
    expect((await showInfo(await world())).get('Pid')).toBe(before.get('Pid'));
    expect(await page(ports.public)).toBe('hello from backend 1\n');
    machine.edit(desired, (text) => text.replace(/ +timeouts: .*\n/, ''));
    expect((await bootstrap('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  test(
    'another version is a new process, and the heartbeats judge that one',
    async () => {
      const { bootstrap, machine, desired, ports, version, other } = await world();
      // A mirror may hold one version only: then there is nothing to change to, and this says so in the report.
      if (other === undefined) return console.warn(`apt offers haproxy ${version} only`);

      machine.edit(desired, (text) => text.replace(version, other));
      const blocked = await bootstrap('apply', '--yes');
      expect(blocked.exitCode, transcript(blocked)).toBe(6);
      expect(await installed(machine)).toBe(version);

      await changeVersion(await world(), other, ['--allow-downgrade', 'haproxy']);
      machine.edit(desired, (text) => text.replace(other, version));
      await changeVersion(await world(), version, []);
      expect(await page(ports.public)).toBe('hello from backend 1\n');
    },
    INSTALL_TIMEOUT_MS,
  );

  test('a killed HAProxy shows in heartbeat and in status, and an apply brings it back by its mode-script alone', async () => {
    const { bootstrap, machine, ports } = await world();
    const master = await masterPid(await world());
    await machine.must('kill', '-KILL', master);
    await until('the health port is closed', async () => !(await answers(ports.health)));

    const heartbeat = await bootstrap('heartbeat');
    expect(heartbeat.exitCode, transcript(heartbeat)).toBe(1);
    expect(heartbeat.stdout).toMatch(/^haproxy +process \/run\/haproxy\.pid +fail /m);
    expect(heartbeat.stdout).toMatch(/^backend +process \/run\/backend\.pid +pass /m);
    const status = await bootstrap('status');
    expect(status.stdout).toMatch(/^haproxy +Synced +Degraded /m);
    expect(status.stdout).toContain('Ready=False  Unhealthy');
    const plan = await bootstrap('plan', '--detailed-exitcode');
    expect(plan.exitCode, transcript(plan)).toBe(0);
    const apply = await bootstrap('apply', '--yes', '--detailed-exitcode');
    expect(apply.exitCode, transcript(apply)).toBe(2);
    expect(actionLines(apply.stdout)).toEqual([
      '> mode haproxy process /run/haproxy.pid fail -> pass',
    ]);
    expect(apply.stdout.match(/^\S+: started$/gm)).toEqual(['haproxy/restart: started']);
    expect(await masterPid(await world())).not.toBe(master);
    expect(await page(ports.public)).toBe('hello from backend 1\n');
    expect((await bootstrap('apply')).stdout).toContain('No changes.');
  });

  test('a killed backend is brought back, and served by the HAProxy that stayed', async () => {
    const { bootstrap, machine, ports, root } = await world();
    const master = await masterPid(await world());
    const pid = (await machine.must('cat', `${root}/run/backend.pid`)).trim();
    const killedMs = performance.now();
    await machine.must('kill', '-KILL', pid);
    const applying = bootstrap('apply', '--yes');
    await until('it is served again', async () =>
      page(ports.public).then(
        (text) => text === 'hello from backend 1\n',
        () => false,
      ),
    );
    console.info(`served again ${Math.round(performance.now() - killedMs)} ms after the kill`);
    const apply = await applying;
    expect(apply.exitCode, transcript(apply)).toBe(0);
    expect(apply.stdout.match(/^\S+: started$/gm)).toEqual(['backend/restart: started']);
    expect((await machine.must('cat', `${root}/run/backend.pid`)).trim()).not.toBe(pid);
    expect(await masterPid(await world())).toBe(master);
  });

  test('mode idle stops it all, and production starts it again', async () => {
    const { bootstrap, machine, desired, ports } = await world();
    machine.edit(desired, (text) => text.replace('mode: production', 'mode: idle'));
    const idle = await bootstrap('apply', '--yes');
    expect(idle.exitCode, transcript(idle)).toBe(0);
    expect(await answers(ports.public)).toBe(false);
    expect(await daemons(machine)).toEqual([]);

    machine.edit(desired, (text) => text.replace('mode: idle', 'mode: production'));
    const production = await bootstrap('apply', '--yes');
    expect(production.exitCode, transcript(production)).toBe(0);
    expect(await page(ports.public)).toBe('hello from backend 1\n');

    machine.edit(desired, (text) => text.replace('mode: production', 'mode: idle'));
    expect((await bootstrap('apply', '--yes')).exitCode).toBe(0);
    expect(await daemons(machine)).toEqual([]);
  });
});

async function changeVersion(world: World, to: string, words: readonly string[]): Promise<void> {
  const { bootstrap, machine } = world;
  const old = await masterPid(world);
  const apply = await bootstrap('apply', '--yes', ...words);
  expect(apply.exitCode, transcript(apply)).toBe(0);
  expect(await installed(machine)).toBe(to);
  const info = await showInfo(world);
  expect(info.get('Version')).toBe(to);

  const master = await masterPid(world);
  expect(master).not.toBe(old);
  expect((await machine.run('kill', '-0', old)).exitCode).not.toBe(0);
  const heartbeat = await bootstrap('heartbeat');
  expect(heartbeat.exitCode).toBe(0);
  expect(heartbeat.stdout).toMatch(
    new RegExp(`process /run/haproxy.pid +pass .*pid ${master}$`, 'm'),
  );
}

/** The plan's actions as `symbol word product what`, without padding, reason and certainty. */
function actionLines(plan: string): readonly string[] {
  return plan
    .split('\n')
    .filter((line) => /^ {2}[-+^v~>!z] /.test(line))
    .map((line) => line.trim().split(/ {2,}/).slice(0, -2).join(' '));
}

async function daemons(machine: Machine): Promise<readonly string[]> {
  const all = await machine.must('ps', '-e', '-o', 'args=');
  return all.split('\n').filter((line) => /haproxy|server\.mjs/.test(line));
}
