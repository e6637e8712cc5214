// The first example, as a newcomer goes through it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../../examples/folder.mjs';
import { setUpQuickstart } from '../../examples/quickstart/setup.mjs';
import { BOOTSTRAP, CHECKOUT, run, transcript, until, type Ended } from './cli.ts';

const EXAMPLE = join(CHECKOUT, 'examples/quickstart');
const FETCH_TIMEOUT_MS = 3_000;
/** A heartbeat that must fail takes its whole deadline, 10 s. */
const TEST_TIMEOUT_MS = 60_000;

interface Server {
  readonly root: string;
  readonly ports: { readonly store: number; readonly web: number };
  readonly bootstrap: (...words: readonly string[]) => Promise<Ended>;
  /** Changes the desired state. */
  readonly declare: (from: string | RegExp, to: string) => void;
  readonly get: (path: string) => Promise<string>;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await stop(server);
});

test('the tour of its README', { timeout: TEST_TIMEOUT_MS }, async () => {
  const server = await open();
  const { bootstrap, declare, get, ports } = server;
  const plan = await bootstrap('plan', '--detailed-exitcode');
  expect(plan.exitCode, transcript(plan)).toBe(2);
  const shown = plan.stdout.replaceAll(`${ports.store}`, 'PORT').replaceAll(`${ports.web}`, 'PORT');
  expect(shown).toBe(readFileSync(join(EXAMPLE, 'expected-plan.txt'), 'utf8'));

  await succeed(bootstrap('apply', '--yes'));
  expect(await get('/')).toBe('Hello! You are visitor 1. (web 1)\n');
  const second = await bootstrap('apply', '--yes');
  expect(transcript(second)).toBe('No changes. The server matches desired-state.yaml.\nexit 0\n');
  const status = await succeed(bootstrap('status'));
  expect(status).toContain('Ready=True');

  const before = pidOf(server, 'web');
  declare('greeting: Hello!', 'greeting: Good morning!');
  expect(await succeed(bootstrap('plan'))).toContain(
    '~ set  web  greeting "Hello!" -> "Good morning!"',
  );
  await succeed(bootstrap('apply', '--yes'));
  expect(await get('/')).toBe('Good morning! You are visitor 2. (web 1)\n');
  expect(pidOf(server, 'web')).toBe(before);

  declare(/(?<= web:\n {4}version: )"1"/, '"2"');
  await succeed(bootstrap('apply', '--yes'));
  expect(await get('/stats')).toBe('{"visitors":2}\n');
  expect(pidOf(server, 'web')).not.toBe(before);

  const config = join(server.root, 'etc/web.ini');
  writeFileSync(config, readFileSync(config, 'utf8').replace('Good morning!', 'Go away!'));
  const drift = await bootstrap('plan', '--detailed-exitcode');
  expect(drift.exitCode).toBe(2);
  expect(drift.stdout).toContain('Drift: ');
  await succeed(bootstrap('apply', '--yes'));
  expect(await get('/')).toBe('Good morning! You are visitor 3. (web 2, with /stats)\n');

  declare('mode: production', 'mode: idle');
  await succeed(bootstrap('apply', '--yes'));
  await expect(get('/')).rejects.toThrow('fetch failed');
});

describe('a wish that cannot be', () => {
  test('a version that is not there: the upgrade fails, says what there is, and is taken back', async () => {
    const server = await open();
    const { bootstrap, declare, get } = server;
    await succeed(bootstrap('apply', '--yes'));

    declare(/(?<= web:\n {4}version: )"1"/, '"3"');
    const apply = await bootstrap('apply', '--yes');
    expect(apply.exitCode, transcript(apply)).toBe(3);
    expect(apply.stderr).toContain('web: no version 3 in /srv/packages; there is: 1 2');
    expect(apply.stderr).toContain('rolled back to generation 1');
    expect(await get('/')).toBe('Hello! You are visitor 1. (web 1)\n');

    const status = await bootstrap('status');
    expect(status.stdout).toContain('Server mode: production');
    expect(status.stdout).toContain('RolledBack=True');
    declare('version: "3"', 'version: "2"');
    await succeed(bootstrap('apply', '--yes'));
    expect(await get('/')).toBe('Hello! You are visitor 2. (web 2, with /stats)\n');
  });

  test(
    'a port without the URL that names it: the heartbeat fails, and the old port is back',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      const { bootstrap, declare, get, ports } = await open();
      await succeed(bootstrap('apply', '--yes'));
      const [elsewhere = 0] = await freePorts(1);

      declare(`port: ${ports.web}`, `port: ${elsewhere}`);
      const apply = await bootstrap('apply', '--yes');
      expect(apply.exitCode, transcript(apply)).toBe(3);
      expect(apply.stderr).toContain(
        `web is not healthy: http http://127.0.0.1:${ports.web}/healthz did not pass within 10s`,
      );
      expect((await bootstrap('status')).stdout).toContain('Server mode: production');

      declare(`port: ${elsewhere}`, `port: ${ports.web}`);
      await succeed(bootstrap('apply', '--yes'));
      expect(await get('/')).toBe('Hello! You are visitor 1. (web 1)\n');
      expect((await bootstrap('plan', '--detailed-exitcode')).exitCode).toBe(0);
    },
  );
});

test('npm run demo', { timeout: TEST_TIMEOUT_MS }, async () => {
  const demo = await run([process.execPath, join(EXAMPLE, 'demo.mjs')]);
  expect(demo.exitCode, transcript(demo)).toBe(0);
  expect(demo.stdout).toContain('Hello! You are visitor 1. (web 1)');
  expect(demo.stdout).toContain('Good to see you! You are visitor 2. (web 2, with /stats)');
  expect(demo.stderr).toBe('');
});

async function open(): Promise<Server> {
  const made = mkdtempSync(join(tmpdir(), 'bootstrap-quickstart-'));
  const { root, desiredFile, ports } = await setUpQuickstart(made);
  const server: Server = {
    root,
    ports,
    bootstrap: async (command = '', ...words) =>
      await run(
        [process.execPath, BOOTSTRAP, command, '--root', '.', '-f', 'desired-state.yaml', ...words],
        root,
      ),
    declare: (from, to) => {
      const before = readFileSync(desiredFile, 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`no ${from} in\n${before}`);
      writeFileSync(desiredFile, after);
    },
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${ports.web}${path}`, {
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      });
      return await answer.text();
    },
  };
  servers.push(server);
  return server;
}

async function succeed(running: Promise<Ended>): Promise<string> {
  const ended = await running;
  expect(ended.exitCode, transcript(ended)).toBe(0);
  return ended.stdout;
}

function pidOf({ root }: Server, product: string): number {
  return Number(readFileSync(join(root, 'run', `${product}.pid`), 'utf8'));
}

/** Ends the daemons whatever the test left, and removes the folder. */
async function stop(server: Server): Promise<void> {
  for (const product of ['web', 'store']) {
    const pid = running(server, product);
    if (pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    await until(`${product} is gone`, () => running(server, product) === undefined);
  }
  rmSync(server.root, { recursive: true });
}

/** A pid file may be stale, so the process itself has to name this server's folder. */
function running(server: Server, product: string): number | undefined {
  try {
    const pid = pidOf(server, product);
    const isOurs = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${server.root}/opt/`);
    return isOurs ? pid : undefined;
  } catch {
    return undefined;
  }
}
