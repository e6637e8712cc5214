import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startDetached } from '../../src/host/detached.ts';
import { until } from './until.ts';

test('a program that outlives us has our environment, but not the ear of who started us', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-detached-'));
  const ours = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1', WATCHDOG_PID: `${process.pid}` };
  for (const [name, value] of Object.entries({ ...ours, OF_ALL: 'yes' })) vi.stubEnv(name, value);
  const told = `env >${folder}/part; mv ${folder}/part ${folder}/whole`;
  expect(await startDetached(['/bin/sh', '-c', told])).toEqual({ ok: true, value: undefined });
  vi.unstubAllEnvs();
  await until(() => existsSync(`${folder}/whole`));
  const names = readFileSync(`${folder}/whole`, 'utf8')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names).toEqual(expect.arrayContaining(['OF_ALL', 'PATH']));
  expect(names.filter((name) => name !== undefined && name in ours)).toEqual([]);
  rmSync(folder, { recursive: true });
});
