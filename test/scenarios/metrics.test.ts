// What is scraped: of an apply as a file that goes on counting, of watch over HTTP; promtool has nothing against it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS } from '../../src/core/metrics.ts';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const desired = (version: string): string => `apiVersion: bootstrap/v1
server: {mode: production}
policy: {onFailure: stop}
products:
  web:
    version: "${version}"
    heartbeat: {file: /web "up"}
`;
const FILES = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
`,
  'etc/bootstrap/upgrade': `#!/bin/sh
[ "$2" = 3 ] && exit 5
echo "$2" >"$BOOTSTRAP_ROOT/web \\"up\\""
`,
  'desired-state.yaml': desired('1'),
};

const promtool = (metrics: string): string =>
  execFileSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });

const valueIn = (metrics: string, series: string): number | undefined => {
  const line = metrics.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

function startWorld(context: { onTestFinished: (end: () => void) => void }): World {
  const world = createWorld(FILES);
  context.onTestFinished(() => world.end());
  return world;
}

test('the file of an apply goes on counting from run to run', async (context) => {
  const world = startWorld(context);
  const apply = async (...args: readonly string[]) =>
    await runCli(world, ['apply', '--yes', '--metrics-file', 'web.prom', ...args]);
  expect(await apply()).toMatchObject({ exitCode: 0, stderr: '' });
  const first = world.text('web.prom') ?? '';
  expect(promtool(first)).toBe('');
  expect(valueIn(first, 'bootstrap_runs_total{command="apply",outcome="changed"}')).toBe(1);
  expect(valueIn(first, 'bootstrap_last_run_exit_code')).toBe(0);
  expect(valueIn(first, 'bootstrap_condition{type="Ready",status="True"}')).toBe(1);
  expect(valueIn(first, 'bootstrap_server_mode{mode="production"}')).toBe(1);
  expect(valueIn(first, 'bootstrap_product_ready{product="web"}')).toBe(1);
  const beat = '{product="web",heartbeat="file /web \\"up\\""}';
  expect(valueIn(first, `bootstrap_heartbeat_state${beat}`)).toBe(1);
  expect(valueIn(first, `bootstrap_heartbeat_latency_seconds${beat}`)).toBeGreaterThanOrEqual(0);

  const success = valueIn(first, 'bootstrap_last_success_timestamp_seconds');
  world.put({ 'desired-state.yaml': desired('3') });
  expect(await apply()).toMatchObject({ exitCode: 4 });
  const second = world.text('web.prom') ?? '';
  expect(promtool(second)).toBe('');
  expect(valueIn(second, 'bootstrap_runs_total{command="apply",outcome="changed"}')).toBe(1);
  expect(valueIn(second, 'bootstrap_runs_total{command="apply",outcome="failed"}')).toBe(1);
  expect(valueIn(second, 'bootstrap_actions_total{kind="upgrade",verdict="failed"}')).toBe(1);
  expect(valueIn(second, 'bootstrap_run_duration_seconds_bucket{le="+Inf"}')).toBe(2);
  expect(valueIn(second, 'bootstrap_run_duration_seconds_count')).toBe(2);
  expect(valueIn(second, 'bootstrap_last_success_timestamp_seconds')).toBe(success);
  expect(valueIn(second, 'bootstrap_last_run_exit_code')).toBe(4);
});

test('a file that is nonsense is written anew, and one that cannot be written fails no run', async (context) => {
  const world = startWorld(context);
  world.put({ 'web.prom': 'bootstrap_runs_total{ NaN\n\0bootstrap_last_run_exit_code x\n' });
  const ran = await runCli(world, ['apply', '--yes', '--metrics-file', 'web.prom']);
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(promtool(world.text('web.prom') ?? '')).toBe('');
  world.put({ 'taken/by': 'a folder\n' });
  const refused = await runCli(world, ['apply', '--metrics-file', 'taken']);
  expect(refused).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('warning: cannot write'),
  });
});

test('watch answers with them, and writes them', async (context) => {
  const world = startWorld(context);
  const watch = startCli(world, ['watch', '--listen', ':0', '--metrics-file', 'web.prom']);
  context.onTestFinished(async () => {
    watch.kill('SIGTERM');
    await watch.ended;
  });
  await until(() => world.text('web.prom') !== null);
  const [url] = /http:\S+\//.exec(watch.stdout()) ?? [''];
  const answer = await fetch(`${url}metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const metrics = await answer.text();
  expect(promtool(metrics)).toBe('');
  expect(valueIn(metrics, 'bootstrap_runs_total{command="watch",outcome="changed"}')).toBe(1);
  world.put({ 'var/bootstrap/outbox/1.json': '{}', 'var/bootstrap/outbox/.1.tmp': '{}' });
  const later = await (await fetch(`${url}metrics`)).text();
  expect(valueIn(later, 'bootstrap_callbacks{state="waiting"}')).toBe(1);
});

test('the dashboard asks for nothing that there is not', () => {
  const path = join('examples', 'grafana', 'bootstrap.json');
  const text = readFileSync(path, 'utf8');
  const asked = new Set(
    text.match(/bootstrap_[a-z_]+/g)?.map((name) => name.replace(/_bucket$/, '')),
  );
  const renderer = readFileSync('src/core/render/metrics-text.ts', 'utf8');
  const known = new Set([...Object.keys(METRICS), ...(renderer.match(/bootstrap_[a-z_]+/g) ?? [])]);
  expect(asked.size).toBeGreaterThan(8);
  expect([...asked].filter((name) => !known.has(name))).toEqual([]);
});
