// An apply beside a receiver that hangs, one that takes everything, and none: in turns, over and over. Timings are printed, never judged.
import { expect, test, type TestContext } from 'vitest';
import { startReceiver } from '../../callbacks/receiver.ts';
import { runCli } from '../../rig/cli.ts';
import { createWorld, type World } from '../../rig/world.ts';

const ROUNDS = process.env['BOOTSTRAP_FAULTS'] === 'full' ? 60 : 1;
const TIME_LIMIT_MS = ROUNDS * 30_000;
const PRODUCTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const KINDS = ['none', 'takes', 'hangs'] as const;
type Kind = (typeof KINDS)[number];

const SCRIPT = '#!/bin/sh\nsleep 0.3\n';
const DEFINITION = PRODUCTS.map(
  (name) => `[product: ${name}]\nupgrade-script = /etc/bootstrap/upgrade\n`,
).join('');

function desired(version: number, callbacks: string): string {
  const products = PRODUCTS.map((name) => `  ${name}: {version: "${version}"}\n`).join('');
  return `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n${products}callbacks: ${callbacks}\n`;
}

test('changes nothing of what its run does', { timeout: TIME_LIMIT_MS }, async (context) => {
  const [taking, hanging] = [await startReceiver(context), await startReceiver(context)];
  hanging.act(() => {});
  const callbacks: { readonly [K in Kind]: string } = {
    none: '[]',
    takes: `[{url: "${taking.url}"}]`,
    hangs: `[{url: "${hanging.url}"}]`,
  };
  const worlds = { none: newWorld(context), takes: newWorld(context), hangs: newWorld(context) };
  const tookMs: { readonly [K in Kind]: number[] } = { none: [], takes: [], hangs: [] };
  for (let round = 0; round <= ROUNDS; round++)
    // Who comes first changes, so that what a run leaves behind on the machine troubles all of them alike.
    for (const kind of [...KINDS.slice(round % 3), ...KINDS.slice(0, round % 3)]) {
      worlds[kind].put({ 'desired-state.yaml': desired(round, callbacks[kind]) });
      const ran = await runCli(worlds[kind], ['apply', '--yes', '--format', 'json']);
      expect(ran.exitCode).toBe(0);
      const end = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}') as End;
      expect(end).toMatchObject({
        outcome: 'changed',
        counts: { succeeded: PRODUCTS.length + (round === 0 ? 2 : 0) },
      });
      // The first one provisions.
      if (round > 0) tookMs[kind].push(end.durationMs);
    }
  for (const kind of KINDS) console.log(`${kind}: ${figures(tookMs[kind], tookMs.none)}`);
  expect(taking.ids().length).toBeGreaterThan(0);
  expect(hanging.got.length).toBeGreaterThan(0);
});

interface End {
  readonly durationMs: number;
}

function newWorld({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): World {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': DEFINITION,
    'etc/bootstrap/upgrade': SCRIPT,
  });
  onTestFinished(() => world.end());
  return world;
}

/** The median, and how much more it was than that of the run beside it. */
function figures(took: readonly number[], beside: readonly number[]): string {
  const more = took.map((ms, index) => ms - (beside[index] ?? 0));
  return `${took.length} applies, median ${median(took).toFixed(1)} ms, median of the differences ${median(more).toFixed(1)} ms`;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
