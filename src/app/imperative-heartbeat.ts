import { known } from '../model/fact.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { takeBeats } from './health.ts';
import type { FileRequest } from './imperative-file.ts';
import { loadWritten, type Written } from './load.ts';
import { lookContext } from './look.ts';
import { migrateState } from './migrate.ts';
import { withTexts } from './with-texts.ts';

/**
 * `heartbeat.get`: true where every heartbeat of the desired state passes at this moment, or where there is none yet, every one that a
 * migration would write. A server that nothing says how to ask has no heartbeat: false.
 */
export async function allBeat(
  host: Host,
  request: FileRequest,
  signal: AbortSignal,
): Promise<Result<boolean, Failure>> {
  const { site, runId } = request;
  const present = await loadWritten(host, site);
  const isNew = !present.ok && present.error.code === 'desired-missing';
  const written = isNew ? await asMigrated(host, request) : present;
  if (!written.ok) return written;
  const { desired, definition } = written.value;
  const look = lookContext(host, definition, { runId });
  const context = { root: site.root, look, signal };
  const beats = await takeBeats(host, [...desired.products.values()], context);
  return ok(beats.length > 0 && beats.every(({ sample }) => sample.verdict === 'pass'));
}

async function asMigrated(host: Host, request: FileRequest): Promise<Result<Written, Failure>> {
  const migrated = await migrateState(host, request);
  if (!migrated.ok) return migrated;
  const texts = request.site.desired.map(({ path }) => [path, known(migrated.value.text)] as const);
  return await loadWritten(withTexts(host, new Map(texts)), request.site);
}
