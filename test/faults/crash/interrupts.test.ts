// SIGINT and SIGTERM where ../../scenarios/interrupt.test.ts does not send them: at a prompt, at a lock, at any moment at all,
// and to a run whose script does not heed it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { identify } from '../../../src/host/processes.ts';
import { until } from '../../host/until.ts';
import { leftRunning, type World } from '../../rig/world.ts';
import { unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, each, IS_FULL, type Engine } from './engine.ts';
import { scriptLines } from './script-log.ts';
import { desiredState, freshCopyOf, newServer } from './server.ts';

const APPLY = ['apply', '--yes'];
const CTRL_C = '\x03';
const MOMENTS = IS_FULL ? 120 : 8;
/** An upgrade takes about as long. */
const SPREAD_MS = 700;
const TERM_PATIENCE_MS = 15_000;
const TEST_MS_MAX = 300_000;

let engine: Engine;
let base: World;
beforeAll(async () => {
  engine = await buildEngine();
  base = newServer({ version: 1, mode: 'production' });
  expect(await engine.start({ root: base.root, args: APPLY }).ended).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  base.end();
  await engine.end();
});

describe.concurrent('a run that asks', () => {
  test.for(['Ctrl-C', 'SIGTERM'])(
    'ends at once after %s, and nothing is changed',
    async (how, context) => {
      const server = upgrading(context);
      const command = `${process.execPath} ${resolve('dist/bootstrap.cjs')} --root ${server.root} apply`;
      const [program, ...options] = ['script', '-qec', command, '/dev/null'] as const;
      const env = { ...process.env, NO_COLOR: '1' };
      const terminal = spawn(program, options, { cwd: server.root, env });
      let shown = '';
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      await until(() => shown.includes("Only 'yes' is taken as yes: "));
      const pid = holderOf(server);
      if (how === 'Ctrl-C') terminal.stdin.write(CTRL_C);
      else process.kill(pid, 'SIGTERM');
      const [exitCode] = (await once(terminal, 'close')) as [number];
      expect(exitCode, shown).toBe(7);
      expect(shown).toContain('error: interrupted by SIG');
      expect(identify(pid).kind).toBe('absent');
      expect(server.text('log')).toBe('');
      expect(server.text('var/bootstrap/runs')).toBeNull();
      await expectGoesOn(server);
    },
  );
});

describe.concurrent('a run that waits for the lock', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('ends at once after %s', async (signal, context) => {
    const server = upgrading(context);
    server.put({ pause: '0.4' });
    const holder = engine.start({ root: server.root, args: APPLY });
    await until(() => server.text('log') !== '');
    const waiter = engine.start({ root: server.root, args: [...APPLY, '--lock-timeout', '20s'] });
    await until(() => waiter.stdout().includes('for the lock: '));
    waiter.kill(signal);
    const ended = await waiter.ended;
    expect(ended).toMatchObject({ exitCode: 7 });
    expect(ended.stderr).toContain(`interrupted by ${signal}`);
    expect(await holder.ended).toMatchObject({ exitCode: 0 });
    server.put({ pause: null });
    await expectGoesOn(server);
  });
});

test(
  'at any moment: nothing is left running, and the next apply goes on',
  { timeout: TEST_MS_MAX },
  async () => {
    const moments = Array.from({ length: MOMENTS }, (_, index) => index);
    const ends = await each(moments, interruptAt);
    const codes = new Map<string, number>();
    for (const { exitCode } of ends) codes.set(exitCode, (codes.get(exitCode) ?? 0) + 1);
    const counts = [...codes].map(([exitCode, count]) => `${exitCode}: ${count}`);
    console.log(
      `| SIGINT or SIGTERM at any moment | ${MOMENTS} | exit codes ${counts.join(', ')} |`,
    );
    expect(ends.flatMap(({ faults }) => faults)).toEqual([]);
    expect(codes.has('7')).toBe(true);
  },
);

test.runIf(IS_FULL)(
  'SIGTERM is SIGKILL 15 seconds later for a script that does not heed it',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const server = upgrading(context);
    const deaf =
      '#!/bin/sh\ntrap \'\' TERM\ntouch "$BOOTSTRAP_ROOT/runs"\nwhile :; do sleep 1; done\n';
    const upgrade = server.text('etc/bootstrap/upgrade');
    server.put({ 'etc/bootstrap/upgrade': deaf });
    const run = engine.start({ root: server.root, args: [...APPLY, '--format', 'json'] });
    await until(() => server.text('runs') !== null);
    const startMs = performance.now();
    run.kill('SIGTERM');
    await until(() => run.stderr().includes('SIGTERM: nothing new is started'));
    expect(run.stderr()).toContain('it is killed after 15s');
    const ended = await run.ended;
    const tookMs = performance.now() - startMs;
    expect(ended).toMatchObject({ exitCode: 7 });
    expect(tookMs).toBeGreaterThan(TERM_PATIENCE_MS);
    expect(tookMs).toBeLessThan(TERM_PATIENCE_MS + 10_000);
    expect(ended.stdout).toContain('"verdict":"unknown"');
    server.put({ 'etc/bootstrap/upgrade': upgrade });
    await expectGoesOn(server);
  },
);

async function interruptAt(index: number) {
  const server = freshCopyOf(base);
  server.put({ 'desired-state.yaml': desiredState({ version: 2, mode: 'production' }) });
  const { root } = server;
  const run = engine.start({ root, args: APPLY });
  await new Promise((done) => setTimeout(done, (SPREAD_MS * index) / MOMENTS));
  const signal = index % 2 === 0 ? 'SIGINT' : 'SIGTERM';
  run.kill(signal);
  const { exitCode, signal: endedBy } = await run.ended;
  const at = `${signal} at moment ${index}`;
  const faults = [...unreadableState(root)];
  // Before its handlers are there, Node ends by the signal itself; after the last step there is nothing to interrupt.
  if (exitCode !== 7 && exitCode !== 0 && endedBy !== signal) faults.push(`exit ${exitCode}`);
  const daemon = Number(server.text('run/app.pid'));
  const running = leftRunning(root).filter(
    (pid) => pid !== daemon && identify(pid).kind === 'known',
  );
  if (running.length > 0) faults.push(`left running: ${running.join(' ')}`);
  const next = await engine.start({ root, args: APPLY }).ended;
  if (next.exitCode !== 0) faults.push(`the next apply: ${next.exitCode} ${next.stderr}`);
  faults.push(...unlawfulRuns(root, scriptLines(server.text('log'))));
  const third = await engine.start({ root, args: ['apply'] }).ended;
  if (!third.stdout.startsWith('No changes.')) faults.push(`the third apply: ${third.stdout}`);
  server.end();
  return {
    exitCode: String(exitCode ?? endedBy),
    faults: faults.map((fault) => `${at}: ${fault.replaceAll(root, '')}`),
  };
}

function upgrading(context: TestContext): World {
  const server = freshCopyOf(base);
  context.onTestFinished(() => server.end());
  server.put({ 'desired-state.yaml': desiredState({ version: 2, mode: 'production' }) });
  return server;
}

/** The pid of the run that has the lock. */
function holderOf({ root }: World): number {
  const lock = join(root, 'run/bootstrap/lock');
  const [name = ''] = readdirSync(lock);
  return (JSON.parse(readFileSync(join(lock, name), 'utf8')) as { readonly pid: number }).pid;
}

async function expectGoesOn(server: World): Promise<void> {
  const { root } = server;
  expect(await engine.start({ root, args: APPLY }).ended).toMatchObject({ exitCode: 0 });
  expect(unlawfulRuns(root, scriptLines(server.text('log')))).toEqual([]);
  const third = await engine.start({ root, args: ['apply'] }).ended;
  expect(third.stdout).toMatch(/^No changes\./);
}
