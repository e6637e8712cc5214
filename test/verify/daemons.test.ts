// The real HAProxy and the real monit, Debian's packages, asked by `bootstrap heartbeat` on a double of this machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { once, transcript } from '../examples/cli.ts';
import { closing, openMachine, type Machine } from '../examples/machine.ts';
import { closedPort } from './world.ts';

const INSTALL_TIMEOUT_MS = 180_000;
const ROOT = '/tmp/daemons';
/** How long a daemon may take to say what it is to say. */
const POLL = { timeout: 15_000, interval: 50 };

interface World {
  readonly machine: Machine;
  readonly ports: { readonly monit: number; readonly web: number; readonly nobody: number };
}

interface Verdict {
  readonly verdict: string;
  readonly reason?: string;
  readonly identity?: { readonly pid: number };
}

const world = once(async (): Promise<World> => {
  const machine = await openMachine();
  const install = ['apt-get', 'install', '-qq', '--no-install-recommends', 'haproxy', 'monit'];
  await machine.must('env', 'DEBIAN_FRONTEND=noninteractive', ...install);
  const ports = {
    monit: await closedPort(),
    web: await closedPort(),
    nobody: await closedPort(),
  };
  for (const folder of ['etc/bootstrap', 'etc/monit', 'run'])
    mkdirSync(machine.outside(join(ROOT, folder)), { recursive: true });
  put(machine, 'etc/bootstrap/bootstrap.ini', '[product: web]\nmode-script = /bin/true\n');
  return { machine, ports };
});
afterAll(async () => await closing(world()));

describe('HAProxy', () => {
  test(
    'passes by its worker while its backends are up, also with a server that is down',
    async () => {
      const { machine } = await world();
      expect(await beat('haproxy: /run/ha.sock')).toEqual({
        verdict: 'fail',
        reason: 'no such file or directory',
      });
      await startHaproxy([[true, false], []]);
      await expect.poll(haproxy, POLL).toMatchObject({ verdict: 'pass' });
      const worker = (await machine.must('pgrep', '-n', 'haproxy')).trim();
      expect((await haproxy()).identity?.pid).toBe(Number(worker));
    },
    INSTALL_TIMEOUT_MS,
  );

  test('is another process after a reload', async () => {
    const before = (await haproxy()).identity?.pid;
    await reloadHaproxy([[true], [true]]);
    await expect.poll(async () => (await haproxy()).identity?.pid ?? before, POLL).not.toBe(before);
  });

  test('fails while a backend is down, and names it', async () => {
    await reloadHaproxy([[true], [false, false], [false]]);
    await expect.poll(haproxy, POLL).toEqual({ verdict: 'fail', reason: 'down: b1, b2' });
  });

  test('fails when it is killed', async () => {
    const { machine } = await world();
    await machine.must('pkill', '--signal', 'KILL', '--exact', 'haproxy');
    await expect.poll(haproxy, POLL).toEqual({ verdict: 'fail', reason: 'connection refused' });
  });
});

describe('monit', () => {
  test(
    'is asked at the port of its control file, and tells of its services',
    async () => {
      const { machine } = await world();
      expect(await monit('sleeper')).toEqual({
        verdict: 'fail',
        reason: 'monit does not answer: connection refused',
      });
      const pid = (await machine.must('sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $!')).trim();
      put(machine, 'run/sleeper.pid', pid);
      await startMonit('allow localhost');
      await expect
        .poll(async () => await monit('sleeper'), POLL)
        .toMatchObject({ verdict: 'pass' });
      expect((await monit('sleeper')).identity?.pid).toBe(Number(pid));
      expect(await monit('control')).toEqual({ verdict: 'pass' });
      expect(await monit('nobody')).toEqual({
        verdict: 'fail',
        reason: 'monit: nobody is not known to it',
      });
    },
    INSTALL_TIMEOUT_MS,
  );

  test('fails for a process that is not there, and for one that is not monitored', async () => {
    await expect
      .poll(async () => await monit('ghost'), POLL)
      .toEqual({ verdict: 'fail', reason: 'monit: ghost is not there' });
    const { machine } = await world();
    await machine.must('monit', '-c', `${ROOT}/etc/monit/monitrc`, 'unmonitor', 'ghost');
    await expect
      .poll(async () => await monit('ghost'), POLL)
      .toEqual({ verdict: 'fail', reason: 'monit: ghost is not monitored' });
  });

  test('does not pass for a process that has ended since monit looked', async () => {
    const { machine } = await world();
    const pid = machine.read(`${ROOT}/run/sleeper.pid`).trim();
    await machine.must('sh', '-c', 'pkill --signal STOP --exact monit; kill "$1"', 'sh', pid);
    await machine.must('pkill', '--signal', 'CONT', '--exact', 'monit');
    const reason = expect.stringMatching(/^monit: sleeper (?:was process \d+|is not there)/);
    await expect
      .poll(async () => await monit('sleeper'), POLL)
      .toEqual({ verdict: 'fail', reason });
  });

  test('is an error when it wants a password', async () => {
    await startMonit('allow admin:monit');
    await expect
      .poll(async () => await monit('sleeper'), POLL)
      .toEqual({
        verdict: 'error',
        reason: 'monit wants a password: add `allow localhost` to its `set httpd`',
      });
  });

  test('is asked at its unix socket where it has no port', async () => {
    await startMonit('allow localhost', `unixsocket ${ROOT}/run/monit.sock`);
    const { machine } = await world();
    const isThere = ['test', '-S', `${ROOT}/run/monit.sock`] as const;
    await expect.poll(async () => (await machine.run(...isThere)).exitCode, POLL).toBe(0);
    // As bootstrap reads it, its paths stand under the root.
    machine.edit(`${ROOT}/etc/monit/monitrc`, (text) =>
      text.replace(`unixsocket ${ROOT}`, 'unixsocket '),
    );
    await expect.poll(async () => await monit('control'), POLL).toMatchObject({ verdict: 'pass' });
  });
});

function put(machine: Machine, path: string, text: string, mode = 0o644): void {
  writeFileSync(machine.outside(join(ROOT, path)), text, { mode });
}

/** What one look at a heartbeat of this form sees. */
async function beat(heartbeat: string): Promise<Verdict> {
  const { machine } = await world();
  put(
    machine,
    'desired.yaml',
    `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {heartbeat: {${heartbeat}, timeout: 10s}}}\n`,
  );
  const args = ['--root', ROOT, '-f', `${ROOT}/desired.yaml`, '--format', 'json'];
  const ran = await machine.bootstrap('heartbeat', ...args);
  const { heartbeats } = JSON.parse(ran.stdout) as { heartbeats?: readonly [Verdict] };
  if (heartbeats === undefined) throw new Error(transcript(ran));
  const [{ verdict, reason, identity }] = heartbeats;
  expect(ran.exitCode).toBe(verdict === 'pass' ? 0 : 1);
  return { verdict, ...(reason && { reason }), ...(identity && { identity }) };
}

async function haproxy(): Promise<Verdict> {
  return await beat('haproxy: /run/ha.sock');
}

async function monit(service: string): Promise<Verdict> {
  return await beat(`monit: ${service}`);
}

type Servers = readonly (readonly boolean[])[];

/** Backends b0, b1, …, with a server each word, up or down. */
async function configureHaproxy(backends: Servers): Promise<string> {
  const { machine, ports } = await world();
  const lines = backends.flatMap((servers, index) => [
    `backend b${index}`,
    ...servers.map(
      (up, server) =>
        `  server s${server} 127.0.0.1:${up ? ports.web : ports.nobody} check inter 50ms`,
    ),
  ]);
  const path = `${ROOT}/etc/haproxy.cfg`;
  put(
    machine,
    'etc/haproxy.cfg',
    `global
  stats socket ${ROOT}/run/ha.sock mode 600 level user
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend web
  bind 127.0.0.1:${ports.web}
  http-request return status 200
${lines.join('\n')}
`,
  );
  await machine.must('haproxy', '-c', '-f', path);
  return path;
}

async function startHaproxy(backends: Servers): Promise<void> {
  const path = await configureHaproxy(backends);
  const { machine } = await world();
  await machine.must('haproxy', '-W', '-D', '-f', path, '-p', `${ROOT}/run/haproxy.pid`);
}

async function reloadHaproxy(backends: Servers): Promise<void> {
  await configureHaproxy(backends);
  const { machine } = await world();
  await machine.must('kill', '-USR2', machine.read(`${ROOT}/run/haproxy.pid`).trim());
}

async function startMonit(allow: string, listen?: string): Promise<void> {
  const { machine, ports } = await world();
  const end = 'pkill --signal KILL --exact monit; while pgrep --exact monit; do sleep 0.05; done';
  await machine.must(
    'timeout',
    '10',
    'sh',
    '-c',
    `${end}; rm -f "$1"`,
    'sh',
    `${ROOT}/run/monit.pid`,
  );
  const control = `${ROOT}/etc/monit/monitrc`;
  put(
    machine,
    'etc/monit/monitrc',
    `set daemon 1
# set httpd port 1
set httpd ${listen ?? `port ${ports.monit} and use address 127.0.0.1`}
  ${allow}
set pidfile ${ROOT}/run/monit.pid
set idfile ${ROOT}/run/monit.id
set statefile ${ROOT}/run/monit.state
check process sleeper with pidfile ${ROOT}/run/sleeper.pid
check process ghost with pidfile ${ROOT}/run/ghost.pid
check file control with path ${control}
check program talker with path "/bin/echo </service><service type=3><name>nobody</name>"
  if status != 0 then alert
`,
    0o600,
  );
  await machine.must('sh', '-c', 'monit -I -c "$1" >/dev/null 2>&1 &', 'sh', control);
}
