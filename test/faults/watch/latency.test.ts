// From a saved file to the first step: how long it takes, over many saves, half of them by rename and half in place. Timings are printed, never judged.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../host/until.ts';
import { createWorld } from '../../rig/world.ts';
import { startWatch, type SeenEvent } from '../../watch/watching.ts';

const CHANGES = process.env['BOOTSTRAP_FAULTS'] === 'full' ? 200 : 20;
const TIME_LIMIT_MS = 120_000;

const desired = (port: number): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {settings: {port: ${port}}}
`;

test('each save is acted on', { timeout: TIME_LIMIT_MS }, async (context) => {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini':
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\n',
    'desired-state.yaml': desired(0),
  });
  context.onTestFinished(() => world.end());
  const watch = startWatch(world, context, ['--interval', '1h']);
  await until(() => watch.runs().length === 1);
  const took = { rename: [] as number[], 'in place': [] as number[] };
  for (let change = 1; change <= CHANGES; change++) {
    const how = change % 2 === 0 ? 'rename' : 'in place';
    const seen = watch.events().length;
    const savedAtMs = save(world.root, desired(change), how);
    const first = (): SeenEvent | undefined =>
      watch
        .events()
        .slice(seen)
        .find(({ type }) => type === 'action.started');
    await until(() => first() !== undefined);
    took[how].push(Date.parse(String(first()?.['time'])) - savedAtMs);
    await until(() => watch.runs().length === change + 1);
    expect(world.text('etc/web.ini')).toContain(`port = ${change}\n`);
  }
  for (const [how, times] of Object.entries(took)) console.log(`${how}: ${figures(times)}`);
  console.log(`all: ${figures(Object.values(took).flat())}`);
});

/** When the text was there, by the clock that events are dated by. */
function save(root: string, text: string, how: 'rename' | 'in place'): number {
  const path = join(root, 'desired-state.yaml');
  const target = how === 'rename' ? `${path}.new` : path;
  writeFileSync(target, text);
  if (how === 'rename') renameSync(target, path);
  return Date.now();
}

function figures(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `${times.length} saves to first step, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}
