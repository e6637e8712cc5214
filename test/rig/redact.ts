import { hostname, userInfo } from 'node:os';

/** What differs from run to run, and the word that stands for it. A number that a file sets, such as a time limit, stays. */
const MOVING: readonly (readonly [RegExp, string])[] = [
  [/\b\d{8}T\d{6}Z-[0-9a-f]{12}\b/g, 'RUN_ID'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/\b[0-9a-f]{64}\b/g, 'SHA256'],
  [/("(?:duration|latency)Ms": ?)[\d.]+/g, '$1"DURATION"'],
  [/\b(in|after|within) \d+(?:\.\d+)?(?:ms|s|m(?:\d+s)?)(?=\W)/g, '$1 DURATION'],
  [/\b(pass +)\d+(?:\.\d+)?m?s/g, '$1DURATION'],
  [/\b(pid|process) \d+/g, '$1 PID'],
];

/** The text with the root's path, times, durations, pids, run ids, digests and this machine's name replaced by words. */
export function redact(text: string, root: string): string {
  const placed = text
    .replaceAll(root, 'ROOT')
    .replaceAll(`$schema=${process.cwd()}/`, '$schema=CLONE/')
    .replaceAll(`"${hostname()}"`, '"HOST"')
    .replaceAll(`HOME=${userInfo().homedir}\n`, 'HOME=HOME\n');
  return MOVING.reduce((redacted, [moving, word]) => redacted.replaceAll(moving, word), placed);
}
