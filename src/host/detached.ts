import { spawn } from 'node:child_process';
import type { Failure } from '../model/failure.ts';
import { err, ok, type Result } from '../model/result.ts';
import { whyNotStarted } from './start-failure.ts';

// The supervisor waits for word from this process, and from no other (sd_notify(3)).
const OURS_ALONE = { NOTIFY_SOCKET: undefined, WATCHDOG_PID: undefined, WATCHDOG_USEC: undefined };

/** Starts a program that outlives this one: in a session of its own, without our streams (daemon(7)). */
export async function startDetached(
  argv: readonly [string, ...string[]],
): Promise<Result<void, Failure>> {
  const [program, ...args] = argv;
  return await new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...process.env, ...OURS_ALONE },
      detached: true,
      stdio: 'ignore',
    });
    child.once('error', (thrown) => {
      const why = whyNotStarted(program, thrown);
      resolve(err({ code: 'file-unusable', path: program, why, what: 'read' }));
    });
    child.once('spawn', () => {
      child.unref();
      resolve(ok(undefined));
    });
  });
}
