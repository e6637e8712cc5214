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
  /** Puts files in place, but not in /run, which is systemd's own; a text that begins with `#!` becomes executable. */
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
  const ended = machine.run('sh', join(import.meta.dirname, 'systemd.sh'));
  const refused = ended.then(({ stderr }) => `systemd cannot be process 1 here: ${stderr}`);
  const systemd = await Promise.race([refused, boot(machine, ended)]);
  if (typeof systemd === 'string') await machine[Symbol.asyncDispose]();
  return systemd;
}

async function boot(machine: Machine, ended: Promise<unknown>): Promise<Systemd> {
  const pidFile = machine.outside('/run/systemd.pid');
  await until('systemd is begun', () => existsSync(pidFile));
  const systemd = systemdOf(machine, ended);
  install(systemd, machine);
  await until('systemd is up', async () => {
    const { stdout } = await systemd.run('systemctl', 'is-system-running');
    return /^(running|degraded)$/m.test(stdout);
  });
  await systemd.must('systemctl', 'daemon-reload');
  return systemd;
}

/** The systemd of a test; without one the test is skipped, and says why. */
export async function systemdFor(
  context: TestContext,
  opened: Promise<Systemd | string>,
): Promise<Systemd> {
  const systemd = await opened;
  return typeof systemd === 'string' ? context.skip(systemd) : systemd;
}

/** Ends it, where there came to be one. */
export async function closingSystemd(opened: Promise<Systemd | string>): Promise<void> {
  const systemd = await opened;
  if (typeof systemd !== 'string') await systemd[Symbol.asyncDispose]();
}

function systemdOf(machine: Machine, ended: Promise<unknown>): Systemd {
  const pid = machine.read('/run/systemd.pid').trim();
  const enter = ['nsenter', `--target=${pid}`, '--all', '--root', '--wd=/'];
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
    async [Symbol.asyncDispose]() {
      await machine.run('kill', '-KILL', pid);
      await ended;
      await machine[Symbol.asyncDispose]();
    },
  };
}

function install(systemd: Systemd, machine: Machine): void {
  systemd.put({
    '/usr/local/bin/bootstrap': `#!/bin/sh\nexec ${process.execPath} ${BOOTSTRAP} "$@"\n`,
  });
  const units = join(import.meta.dirname, '../../examples/systemd');
  cpSync(units, machine.outside('/etc/systemd/system'), { recursive: true });
}
