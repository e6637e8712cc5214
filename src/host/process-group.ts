import { errorCode } from './system-error.ts';

/** Sends a signal to a process group; nothing happens where it is gone, or belongs to somebody else. */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leaderPid, signal);
  } catch (thrown) {
    // ESRCH: nobody is left. EPERM: who is left belongs to somebody else (sudo, su).
    const code = errorCode(thrown);
    if (code !== 'ESRCH' && code !== 'EPERM') throw thrown;
  }
}
