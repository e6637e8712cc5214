import { createClock } from './clock.ts';
import { createFiles } from './files.ts';
import { markOf } from './file-mark.ts';
import { holdProgram } from './hold-program.ts';
import type { Host } from './host.ts';
import { createCrypto, createMachine } from './machine.ts';
import { createNet } from './net.ts';
import { createOrphans } from './orphans.ts';
import { createProcesses } from './processes.ts';
import { createSupervisor } from './supervisor.ts';

/** The machine this runs on. What starts programs, speaks HTTP, watches or locks is loaded by its first use: most commands need none of it. */
export function createNodeHost(): Host {
  const clock = createClock();
  const processes = createProcesses();
  return {
    clock,
    files: createFiles(),
    processes,
    orphans: createOrphans(clock),
    net: createNet(),
    machine: createMachine(),
    crypto: createCrypto(),
    supervisor: createSupervisor(),
    runner: {
      async run(request) {
        // It may be one that upgrades bootstrap.
        holdProgram();
        const { createRunner } = await import('./runner.ts');
        return createRunner().run(request);
      },
      async startDetached(argv) {
        const { startDetached } = await import('./detached.ts');
        return await startDetached(argv);
      },
    },
    watcher: {
      async watch(paths, request) {
        const { watchPaths } = await import('./watcher.ts');
        await watchPaths(clock, paths, request);
      },
      mark: markOf,
      async isBeingWritten(path) {
        const { isBeingWritten } = await import('./writers.ts');
        return await isBeingWritten(path);
      },
    },
    lock: {
      async hold(request, work) {
        const { createLock } = await import('./lock.ts');
        return createLock({ processes, clock }).hold(request, work);
      },
    },
  };
}
