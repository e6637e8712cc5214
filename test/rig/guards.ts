import { readdirSync, readFileSync } from 'node:fs';

/** The guards of trials on the server at this root, by their command line. */
export function guardsOf(root: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('trial-guard') && words.includes(root) ? [pid] : [];
    } catch {
      return []; // it ended at this moment
    }
  });
}

/** Kills them, as a reboot does. */
export function killGuards(root: string): void {
  for (const pid of guardsOf(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
}
