import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { discard } from './durable-file.ts';
import type { Processes } from './host.ts';
import { errorWords } from './system-error.ts';
import { pidInTempName } from './temp-name.ts';

/** What tells a leftover from a temporary file that is still in use. */
export interface Living {
  readonly processes: Pick<Processes, 'identify'>;
  /** Names of the temporary files and folders that this process has handed out. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Removes the temporary files that engines which died have left in a folder, and nothing whose process may be alive; one that
 * cannot be removed stays. Not by age: an engine may be stopped for days. A pid that was given again keeps its file for now.
 */
export function sweepLeftovers(disk: Disk, folder: string, living: Living): void {
  for (const name of namesIn(disk, folder)) {
    const pid = pidInTempName(name);
    if (pid !== undefined && isLeftover(name, pid, living)) discard(disk, join(folder, name));
  }
}

/** Whether what bears this name and pid belongs to nobody who may be alive. */
export function isLeftover(name: string, pid: number, { processes, ours }: Living): boolean {
  // Of an engine before us with the same pid, as in every start of a container.
  if (pid === process.pid) return !ours.has(name);
  return processes.identify(pid).kind === 'absent';
}

/** Empty where the folder cannot be listed: then it cannot be written either, and that is said where it is tried. */
function namesIn(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.readdir(folder);
  } catch (thrown) {
    errorWords(thrown);
    return [];
  }
}
