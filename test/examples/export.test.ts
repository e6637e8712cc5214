// A server that was brought up by hand, so to speak, is taken over: what `export` writes of the first example changes nothing on it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { setUpQuickstart } from '../../examples/quickstart/setup.mjs';
import { leftRunning } from '../rig/world.ts';
import { BOOTSTRAP, run, transcript, type Ended } from './cli.ts';

const TEST_TIMEOUT_MS = 60_000;

test('the quickstart, exported at work and at rest', { timeout: TEST_TIMEOUT_MS }, async () => {
  const { root, ports, bootstrap } = await open();
  await succeed(bootstrap('apply', '-f', 'desired-state.yaml', '--yes'));
  const running = pids(root);
  await succeed(bootstrap('export', '-o', 'exported.yaml'));
  expect(readFileSync(join(root, 'exported.yaml'), 'utf8')).toContain(`
server:
  mode: production  # from /var/bootstrap/server-mode

products:
  store:
    version: "1"  # from /var/bootstrap/products/store/version
    repository: /srv/packages  # from /var/bootstrap/products/store/repository
    settings:  # from the config file /etc/store.ini
      port: ${ports.store}
      step: 1

  web:
    version: "1"  # from /var/bootstrap/products/web/version
    repository: /srv/packages  # from /var/bootstrap/products/web/repository
    settings:  # from the config file /etc/web.ini
      port: ${ports.web}
      greeting: Hello!
      store-url: http://127.0.0.1:${ports.store}
`);
  await changesNothing(bootstrap, 'exported.yaml');
  expect(pids(root)).toEqual(running);

  const idle = readFileSync(join(root, 'exported.yaml'), 'utf8').replace('production', 'idle');
  writeFileSync(join(root, 'idle.yaml'), idle);
  await succeed(bootstrap('apply', '-f', 'idle.yaml', '--yes'));
  await succeed(bootstrap('export', '-o', 'exported.yaml', '--force'));
  expect(readFileSync(join(root, 'exported.yaml'), 'utf8')).toContain('\n  mode: idle  # from');
  await changesNothing(bootstrap, 'exported.yaml');
  expect(leftRunning(root)).toEqual([]);
});

type Bootstrap = (...words: readonly string[]) => Promise<Ended>;

async function changesNothing(bootstrap: Bootstrap, file: string): Promise<void> {
  const said = `No changes. The server matches ${file}.\n`;
  expect(await succeed(bootstrap('plan', '-f', file, '--detailed-exitcode'))).toBe(said);
  // Without --yes: there is nothing to be asked about.
  expect(await succeed(bootstrap('apply', '-f', file, '--detailed-exitcode'))).toBe(said);
}

async function open() {
  const { root, ports } = await setUpQuickstart(mkdtempSync(join(tmpdir(), 'bootstrap-export-')));
  onTestFinished(() => {
    for (const pid of leftRunning(root)) process.kill(pid, 'SIGKILL');
    rmSync(root, { recursive: true });
  });
  const bootstrap: Bootstrap = async (command = '', ...words) =>
    await run([process.execPath, BOOTSTRAP, command, '--root', '.', ...words], root);
  return { root, ports, bootstrap };
}

async function succeed(running: Promise<Ended>): Promise<string> {
  const ended = await running;
  expect(ended.exitCode, transcript(ended)).toBe(0);
  return ended.stdout;
}

function pids(root: string): readonly string[] {
  return ['store', 'web'].map((name) => readFileSync(join(root, 'run', `${name}.pid`), 'utf8'));
}
