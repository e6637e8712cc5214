import type { Host } from '../host/host.ts';
import { durationMs, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';
import { secretToken } from '../model/secret.ts';
import type { Sending } from '../report/callback.ts';
import { outboxWaitMs, sendDue, type SendReport, type SendRequest } from '../report/send-due.ts';
import { loadDefinition } from './load.ts';
import { openSecrets } from './secrets.ts';
import type { Site } from './site.ts';

/** What is sent, and for how long it is tried. */
export interface FlushRequest extends Pick<SendRequest, 'signal' | 'countsCutOff'> {
  readonly site: Pick<Site, 'root' | 'definition'>;
  readonly runId: string;
}

// Longer than one try: whoever is sending now is soon done with what we have, or somebody waits in vain.
const LOCK_TIMEOUT_MS = durationMs(20_000);

/** Sends what is due, unless another process does. Takes no lock where nothing is. */
export async function flushOutbox(
  host: Host,
  { site, runId, ...request }: FlushRequest,
): Promise<Result<SendReport, Failure>> {
  const { root } = site;
  const waitMs = outboxWaitMs(host, root);
  if (waitMs !== 0) return ok({ sent: [], waitMs, failures: [] });
  return await withOutbox(
    host,
    { site, runId, signal: request.signal },
    async (sending) => await sendDue(host, { ...sending, ...request, root }),
  );
}

/** Whose outbox is to be held. */
export type OutboxRequest = Pick<FlushRequest, 'site' | 'runId' | 'signal'>;

/** Runs `work` with the outbox's lock held, given what sending takes. Fails where bootstrap.ini cannot be read: it says what may be called. */
export async function withOutbox<T>(
  host: Host,
  { site, runId, signal }: OutboxRequest,
  work: (sending: Sending) => Promise<T>,
): Promise<Result<T, Failure>> {
  const { root } = site;
  const definition = loadDefinition(host, { ...site, desired: [] });
  if (!definition.ok) return definition;
  const secrets = openSecrets(host, root);
  return await host.lock.hold(
    {
      path: layoutOf(root).outboxLock,
      command: 'callbacks',
      runId,
      timeoutMs: LOCK_TIMEOUT_MS,
      signal,
      onWait: () => {},
    },
    async () =>
      await work({
        allow: definition.value.callbackAllow,
        secretOf: (secret) => secrets.fill(secretToken(secret)),
        signal,
      }),
  );
}

/** How long a process that is about to end waits for what it is sending (CONTRACT 8). */
export const LAST_WAIT_MS: DurationMs = durationMs(5000);
