import { allBeat } from '../../app/imperative-heartbeat.ts';
import { oldErrorOf } from '../../core/old-error.ts';
import type { DesiredOptions } from '../options.ts';
import { schemaReference } from '../schema-reference.ts';
import { refuseArity } from '../verb-arity.ts';
import { openVerb, refuse } from '../verb.ts';

/** `heartbeat.get`: prints 1 where every heartbeat passes, else 0, also where that cannot be told, which is said on stderr. */
export async function heartbeatGet(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'heartbeat.get', required: [], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const { host, site, runId, streams } = session;
  const { signal } = new AbortController();
  const asked = await allBeat(host, { site, runId, schema: schemaReference(host.files) }, signal);
  if (!asked.ok) refuse(session, oldErrorOf([asked.error]));
  streams.out(asked.ok && asked.value ? '1\n' : '0\n');
  return 0;
}
