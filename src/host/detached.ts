import { spawn } from 'node:child_process';
import type { Failure } from '../model/failure.ts';
import { err, ok, type Result } from '../model/result.ts';
import { whyNotStarted } from './start-failure.ts';

/** Starts a program that outlives this one: in a session of its own, without our streams (daemon(7)). */
export async function startDetached(
  argv: readonly [string, ...string[]],
): Promise<Result<void, Failure>> {
  const [program, ...args] = argv;
  return await new Promise((resolve) => {
    const child = spawn(program, args, { cwd: '/', detached: true, stdio: 'ignore' });
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
