// A stand-in for systemctl says what the real one would; ../scenarios/systemd.test.ts asks the real one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { durationMs } from '../../src/model/duration.ts';
import type { Sample } from '../../src/model/heartbeat.ts';
import type { LookRequest } from '../../src/verify/look.ts';
import { takeSample } from '../../src/verify/probes.ts';
import { heartbeatOf, host, scripts } from './world.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['active', 'running'],
  ['active', 'exited'],
  ['reloading', 'reload'],
])('a unit that is %s (%s) passes', async (state, sub) => {
  systemctl(`echo "LoadState=loaded\nActiveState=${state}\nSubState=${sub}\nMainPID=0"`);
  expect(await look()).toMatchObject({ verdict: 'pass', identity: undefined });
});

test.each([
  ['inactive', 'dead', true],
  ['failed', 'failed', true],
  ['activating', 'auto-restart', false],
  ['activating', 'start', false],
  ['deactivating', 'stop-sigterm', false],
])('a unit that is %s (%s) fails', async (state, sub, isGone) => {
  systemctl(`echo "LoadState=loaded\nActiveState=${state}\nSubState=${sub}\nMainPID=0"`);
  const reason = `web.service is ${state} (${sub})`;
  expect(await look()).toMatchObject({ verdict: 'fail', reason, isGone });
});

test('the main process is who answers, and does not count when it is the old one', async () => {
  systemctl(
    `echo "MainPID=${process.pid}\nLoadState=loaded\nActiveState=active\nSubState=running"`,
  );
  const sample = await look();
  expect(sample).toMatchObject({ verdict: 'pass', identity: { pid: process.pid } });
  const oldProcess = sample.verdict === 'pass' ? sample.identity : undefined;
  expect(await look({ oldProcess })).toMatchObject({
    verdict: 'fail',
    reason: `StaleInstance: process ${process.pid} was there before the change`,
  });
});

test('it is asked of one unit, whose name is no option', async () => {
  systemctl('[ "$1 $3 $4" = "show -- -.mount" ] && echo "LoadState=loaded\nActiveState=active"');
  expect(await look({}, '-.mount')).toMatchObject({ verdict: 'pass' });
});

test('a unit that nobody knows fails', async () => {
  systemctl('echo "MainPID=0\nLoadState=not-found\nActiveState=inactive\nSubState=dead"');
  expect(await look()).toMatchObject({ verdict: 'fail', reason: 'there is no unit web.service' });
});

test('a systemd that does not answer fails', async () => {
  systemctl('exec sleep 60');
  expect(await look({ timeoutMs: durationMs(200) })).toMatchObject({
    verdict: 'fail',
    reason: 'systemctl: no answer within 200ms',
  });
});

test.each([
  ['there is no systemctl', undefined, 'systemctl: no such program on the PATH'],
  [
    'there is no systemd to ask',
    'echo "Failed to connect to bus: Host is down" >&2; exit 1',
    'systemctl: exit 1: Failed to connect to bus: Host is down',
  ],
  ['it says something else', 'echo hello', 'systemctl does not say in what state web.service is'],
])('it is an error when %s', async (_, script, reason) => {
  if (script !== undefined) systemctl(script);
  expect(await look()).toEqual({ verdict: 'error', reason });
});

/** Puts a systemctl of this script on the PATH. */
function systemctl(script: string): void {
  writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, {
    mode: 0o755,
  });
}

async function look(request: Partial<LookRequest> = {}, unit = 'web.service'): Promise<Sample> {
  return await takeSample(host, heartbeatOf({ kind: 'systemd', unit }), {
    root: '',
    timeoutMs: durationMs(5000),
    signal: new AbortController().signal,
    ...scripts,
    environment: { PATH: folder },
    ...request,
  });
}
