// Over many looks watch stays as small as it was: memory, open files and processor time are printed; that nothing grows is judged by counts only.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from '../../host/until.ts';
import { createWorld, type World } from '../../rig/world.ts';
import { startWatch } from '../../watch/watching.ts';

const isFull = process.env['BOOTSTRAP_FAULTS'] === 'full';
const LOOKS = isFull ? 10_000 : 200;
const IDLE_MS = isFull ? 60_000 : 2_000;
const TIME_LIMIT_MS = isFull ? 1_800_000 : 60_000;
const TICKS_PER_SECOND = 100;

const names = Array.from({ length: 10 }, (_, index) => `p${index}`);

function tenProducts(): World {
  return createWorld({
    'etc/bootstrap/bootstrap.ini': names
      .map(
        (name) => `[product: ${name}]
upgrade-script = /etc/bootstrap/upgrade
config-file = /etc/${name}.ini
config-format = ini
`,
      )
      .join(''),
    'etc/bootstrap/upgrade': '#!/bin/sh\n',
    'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: production}
products:
${names.map((name) => `  ${name}: {version: "1", settings: {a: 1, b: 2}, heartbeat: {file: /etc/${name}.ini}}\n`).join('')}`,
  });
}

describe('a watch of ten products', () => {
  test('stays as it is over many looks', { timeout: TIME_LIMIT_MS }, async (context) => {
    const world = tenProducts();
    context.onTestFinished(() => world.end());
    const watch = startWatch(world, context, ['--interval', '1ms']);
    const looksAt = async (count: number): Promise<Usage> => {
      await until(() => watch.runs().length >= count, TIME_LIMIT_MS);
      return usageOf(watch.pid);
    };
    const early = await looksAt(LOOKS / 4);
    const filesEarly = world.list().length;
    const late = await looksAt(LOOKS);
    console.log(`after ${LOOKS / 4} looks: ${shown(early)}`);
    console.log(`after ${LOOKS} looks: ${shown(late)}`);
    expect(late.openFiles).toBeLessThanOrEqual(early.openFiles + 2);
    expect(world.list().length).toBeLessThanOrEqual(filesEarly + 2);
    expect(
      new Set(
        watch
          .runs()
          .slice(1)
          .map(({ outcome }) => outcome),
      ),
    ).toEqual(new Set(['in-sync']));
  });

  test(
    'costs next to nothing while nothing happens',
    { timeout: TIME_LIMIT_MS },
    async (context) => {
      const world = tenProducts();
      context.onTestFinished(() => world.end());
      const watch = startWatch(world, context, ['--interval', '5m']);
      await until(() => watch.runs().length === 1);
      const before = usageOf(watch.pid);
      const startedMs = performance.now();
      await until(() => performance.now() - startedMs > IDLE_MS, IDLE_MS * 2);
      const cpuMs = usageOf(watch.pid).cpuMs - before.cpuMs;
      const share = (cpuMs / (performance.now() - startedMs)) * 100;
      console.log(
        `idle for ${IDLE_MS / 1000} s: ${share.toFixed(2)} % of a core, ${shown(before)}`,
      );
      expect(watch.runs()).toHaveLength(1);
    },
  );
});

interface Usage {
  readonly rssMb: number;
  readonly openFiles: number;
  readonly cpuMs: number;
}

function usageOf(pid: number): Usage {
  const kb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  // The name of the program, in brackets, may hold blanks (proc(5)).
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ticks = Number(stat[11]) + Number(stat[12]);
  return {
    rssMb: kb / 1024,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
  };
}

function shown({ rssMb, openFiles, cpuMs }: Usage): string {
  return `${rssMb.toFixed(1)} MB resident, ${openFiles} open files, ${cpuMs} ms of processor time`;
}
