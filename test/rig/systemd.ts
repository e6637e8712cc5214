import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import { BOOTSTRAP, until, type Ended } from '../examples/cli.ts';
import { openDouble, type Machine } from '../examples/machine.ts';

/** A double of this machine in which systemd runs: `systemd.sh` says how much of one. */
export interface Systemd extends AsyncDisposable {
  /** Runs a program in it, beside the services, as root. */
  readonly run: (...argv: readonly string[]) => Promise<Ended>;
  /** Runs a program in it, and rejects unless it ends well. */
  readonly must: (...argv: readonly string[]) => Promise<string>;
  /** Puts files in place before the services see them; a text that begins with `#!` becomes executable. */
  readonly put: (files: Readonly<Record<string, string>>) => void;
  readonly read: (path: string) => string;
  readonly exists: (path: string) => boolean;
  /** A property of a unit (systemctl show). */
  readonly property: (unit: string, name: string) => Promise<string>;
}

/** Starts one, with the units of examples/systemd and `bootstrap` installed; says why where this machine cannot have one. */
export async function openSystemd(): Promise<Systemd | string> {
  let machine: Machine;
  try {
    machine = await openDouble();
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  let end: Ended | undefined;
  const ended = machine.run('sh', join(import.meta.dirname, 'systemd.sh')).then((how) => {
    end = how;
  });
  const pidFile = machine.outside('/run/systemd.pid');
  await until('systemd is begun', () => end !== undefined || existsSync(pidFile));
  if (end !== undefined) return `systemd cannot be process 1 here: ${end.stderr}`;
  const pid = machine.read('/run/systemd.pid').trim();
  const enter = ['nsenter', `--target=${pid}`, '--all', '--root', '--wd=/'];
  const systemd = systemdOf(machine, enter, async () => {
    await machine.run('kill', '-KILL', pid);
    await ended;
    await machine[Symbol.asyncDispose]();
  });
  install(systemd, machine);
  await until('systemd is up', async () => {
    const { stdout } = await systemd.run('systemctl', 'is-system-running');
    return end !== undefined || /^(running|degraded)$/m.test(stdout);
  });
  if (end !== undefined) return `systemd ended: ${end.stderr}`;
  await systemd.must('systemctl', 'daemon-reload');
  return systemd;
}

/** The systemd of a test; without one the test is skipped, and says why. */
export async function systemdFor(
  context: TestContext,
  opened: Promise<Systemd | string>,
): Promise<Systemd> {
  const systemd = await opened;
  if (typeof systemd === 'string') context.skip(systemd);
  return systemd as Systemd;
}

/** Ends it, where there came to be one. */
export async function closingSystemd(opened: Promise<Systemd | string>): Promise<void> {
  const systemd = await opened;
  if (typeof systemd !== 'string') await systemd[Symbol.asyncDispose]();
}

function systemdOf(
  machine: Machine,
  enter: readonly string[],
  close: () => Promise<void>,
): Systemd {
  const run = async (...argv: readonly string[]) => await machine.run(...enter, ...argv);
  const must = async (...argv: readonly string[]) => await machine.must(...enter, ...argv);
  return {
    run,
    must,
    put: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(machine.outside(path)), { recursive: true });
        writeFileSync(machine.outside(path), text);
        if (text.startsWith('#!')) chmodSync(machine.outside(path), 0o755);
      }
    },
    read: machine.read,
    exists: (path) => existsSync(machine.outside(path)),
    property: async (unit, name) =>
      (await must('systemctl', 'show', '--value', `--property=${name}`, unit)).trim(),
    [Symbol.asyncDispose]: close,
  };
}

function install(systemd: Systemd, machine: Machine): void {
  systemd.put({
    '/usr/local/bin/bootstrap': `#!/bin/sh\nexec ${process.execPath} ${BOOTSTRAP} "$@"\n`,
  });
  const units = join(import.meta.dirname, '../../examples/systemd');
  cpSync(units, machine.outside('/etc/systemd/system'), { recursive: true });
}
