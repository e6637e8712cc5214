import { showDuration } from '../model/duration.ts';
import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { hostPath } from '../model/ids.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

type FileProbe = Extract<HeartbeatProbe, { kind: 'file' }>;

/** How far ahead of our clock a file's time may be: that of a file server is not quite ours. */
const AHEAD_MAX_MS = 5000;

/** Passes when there is a file, and when it was written lately where that is asked. */
export function lookAtFile(
  host: LookHost,
  { path, maxAgeMs }: FileProbe,
  look: LookRequest,
): Sample {
  const beganAtMs = host.clock.monotonicMs();
  const found = host.files.inspect(hostPath(look.root, path));
  if (found.kind === 'unreadable') return { verdict: 'error', reason: found.why };
  if (found.kind === 'absent') return failed(host, beganAtMs, `there is no ${path}`);
  if (found.value.type === 'folder') return failed(host, beganAtMs, `${path} is a folder`);
  if (maxAgeMs === undefined) return passed(host, beganAtMs);
  // By the wall clock, as file systems know no other; a clock that is set makes files older or younger than they are.
  const ageMs = host.clock.now().getTime() - found.value.modifiedAtMs;
  const dated = new Date(found.value.modifiedAtMs).toISOString();
  if (ageMs < -AHEAD_MAX_MS)
    return failed(host, beganAtMs, `${path} is dated ${dated}, which is still to come`);
  if (ageMs <= maxAgeMs) return passed(host, beganAtMs);
  const within = showDuration(maxAgeMs);
  return failed(host, beganAtMs, `${path} was last written at ${dated}, not within ${within}`);
}
