// The system calls of an engine, found by strace, and a kill at the entry of one of them. Without -f it counts the calls of the
// engine alone: its scripts live on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../rig/world.ts';

const CALLS =
  'openat,write,pwrite64,fsync,close,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,ftruncate,fchmod,fchown,chmod';

/** The environment of an engine whose calls are counted. Counters are per thread: nothing else of the process is to make these calls. */
export const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' };

/** The nth call of a name. */
export interface Point {
  readonly call: string;
  readonly count: number;
}

/** What an engine is run through so that its calls are written down; killed at the entry of one, where one is named. */
export function tracing({ root }: World, point?: Point): readonly string[] {
  const injection = point && ['-e', `inject=${point.call}:signal=KILL:when=${point.count}`];
  return ['strace', '-qq', '-o', join(root, 'trace'), '-e', `trace=${CALLS}`, ...(injection ?? [])];
}

/** Every call from the first one that names `path`: what comes before is the start of Node. */
export function pointsAfter(server: World, path: string): readonly Point[] {
  const counts = new Map<string, number>();
  const points: Point[] = [];
  let isStarted = false;
  for (const [line, call = ''] of traceOf(server).matchAll(/^(\w+)\(.*$/gm)) {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    isStarted ||= line.includes(join(server.root, path));
    if (isStarted) points.push({ call, count });
  }
  return points;
}

function traceOf({ root }: World): string {
  return readFileSync(join(root, 'trace'), 'utf8');
}

/** True for a call between a file that is opened and one that is whole, or between two of them. */
export function isTelling({ call }: Point): boolean {
  return call === 'write' || call === 'rename';
}

/** Whether the traced engine was killed: the last point of a run may not come a second time. */
export function wasKilled(server: World): boolean {
  return traceOf(server).includes('+++ killed by SIGKILL +++');
}
