// Scripts that hang, flood, or cannot be started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../../src/host/processes.ts';
import { until } from '../../host/until.ts';
import { buildEngine, IS_FULL, type Engine } from './engine.ts';
import { APPLY, ini, serverWith, WAITS } from './one-script.ts';

/** In the kernel's words: the most that a process ever had in memory. */
const PEAK = /^VmHWM:\s+(\d+) kB/m;
const MEMORY_KB_MAX = 200 * 1024;
const FLOOD_MIB = 200;
const TEST_MS_MAX = 60_000;
const FILES_MS_MAX = 180_000;

let engine: Engine;
beforeAll(async () => {
  engine = await buildEngine();
});
afterAll(async () => await engine.end());

describe.concurrent('a script', () => {
  test(
    'that hangs, deaf to SIGTERM, is killed with its group; its setsid child lives',
    { timeout: TEST_MS_MAX },
    async (context) => {
      const hangs = `trap '' TERM; sleep 50 & echo $! >child; setsid sleep 50 >/dev/null 2>&1 & echo $! >daemon; wait`;
      const server = serverWith(context, hangs, {
        'etc/bootstrap/bootstrap.ini': ini('timeout = 1s'),
      });
      const startMs = performance.now();
      const ended = await engine.start({ root: server.root, args: APPLY }).ended;
      expect(ended.exitCode).toBe(4);
      // Its second and five more to end in order, however busy the machine is: left alone it would have taken 50.
      expect(performance.now() - startMs).toBeLessThan(30_000);
      expect(identify(Number(server.text('child'))).kind).toBe('absent');
      expect(identify(Number(server.text('daemon'))).kind).toBe('known');
    },
  );

  test(
    `that writes ${FLOOD_MIB} MiB is not kept in memory`,
    { timeout: TEST_MS_MAX },
    async (context) => {
      const floods = `head -c ${FLOOD_MIB}M /dev/zero | tr '\\0' 'x'; head -c 1M /dev/urandom; touch flooded; ${WAITS}`;
      const server = serverWith(context, floods);
      const run = engine.start({ root: server.root, args: [...APPLY, '--format', 'json'] });
      await until(() => server.text('flooded') !== null, TEST_MS_MAX);
      const peak = Number(PEAK.exec(readFileSync(`/proc/${run.pid}/status`, 'utf8'))?.[1]);
      server.put({ gate: '' });
      expect(await run.ended).toMatchObject({ exitCode: 0 });
      console.log(
        `| a script that writes ${FLOOD_MIB} MiB | the engine had ${Math.round(peak / 1024)} MiB at most |`,
      );
      expect(peak).toBeLessThan(MEMORY_KB_MAX);
    },
  );

  test('that somebody still writes fails by that name, and the next apply runs it', async (context) => {
    const server = serverWith(context, '', {
      'etc/bootstrap/upgrade': null,
      'etc/bootstrap/hold': '#!/bin/sh\nexec 3>>"$1"; touch "$2"; exec sleep 60\n',
    });
    // A copy of a program: of a script that begins with #! the kernel opens the interpreter only.
    const program = `${server.root}/etc/bootstrap/upgrade`;
    copyFileSync('/bin/true', program);
    const writer = spawn(`${server.root}/etc/bootstrap/hold`, [program, `${server.root}/held`], {
      stdio: 'ignore',
    });
    await until(() => server.text('held') !== null);
    const ended = await engine.start({ root: server.root, args: APPLY }).ended;
    const gone = once(writer, 'exit');
    writer.kill('SIGKILL');
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(/another process has it open for writing/);
    expect(ended.stderr).not.toContain('bug in bootstrap');
    await gone;
    expect(await engine.start({ root: server.root, args: APPLY }).ended).toMatchObject({
      exitCode: 0,
    });
  });

  test(
    'for which no file can be opened any more fails, without a bug',
    { timeout: FILES_MS_MAX },
    async (context) => {
      const faults: string[] = [];
      for (const files of IS_FULL ? [...Array(14).keys()].map((more) => 19 + more) : [20, 22, 24]) {
        const server = serverWith(context, '');
        const through = ['prlimit', `--nofile=${files}`];
        const ended = await engine.start({ root: server.root, args: APPLY, through }).ended;
        if (ended.exitCode === 70 || ended.exitCode === null)
          faults.push(`${files} files: ${ended.exitCode} ${ended.signal} ${ended.stderr}`);
        const next = await engine.start({ root: server.root, args: APPLY }).ended;
        if (next.exitCode !== 0) faults.push(`${files} files, the next: ${next.stderr}`);
      }
      expect(faults).toEqual([]);
    },
  );
});
