import type { Judge } from '../apply/context.ts';
import type { Beat } from '../core/status.ts';
import type { Host } from '../host/host.ts';
import type { Verification } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import { showProbe, type Heartbeat, type ProcessIdentity } from '../model/heartbeat.ts';
import type { Plan } from '../model/plan.ts';
import type { ProductSpec } from '../model/state.ts';
import { awaitHeartbeat, lookOnce } from '../verify/heartbeat.ts';

/** Looks once at every heartbeat of the products, all at the same time. */
export async function takeBeats(
  host: Host,
  products: readonly ProductSpec[],
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
): Promise<readonly Beat[]> {
  const looks = products.flatMap((spec) =>
    spec.heartbeats.map(async (heartbeat): Promise<Beat> => {
      const sample = await lookOnce(host, heartbeat, { root, signal });
      return { product: spec.name, heartbeat, sample };
    }),
  );
  return await Promise.all(looks);
}

/** The processes that answer before the plan is run, for the products of which only a new one will count. */
export async function takeBaseline(
  host: Host,
  plan: Plan,
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<Heartbeat, ProcessIdentity>> {
  const baseline = new Map<Heartbeat, ProcessIdentity>();
  const heartbeats = plan.verifications
    .filter((each) => each.newProcess)
    .flatMap((each) => each.heartbeats);
  for (const heartbeat of heartbeats.filter(({ probe }) => probe.kind === 'process')) {
    const sample = await lookOnce(host, heartbeat, { root, signal });
    if (sample.verdict === 'pass' && sample.identity !== undefined)
      baseline.set(heartbeat, sample.identity);
  }
  return baseline;
}

/** The gate of a run: all heartbeats of a product must pass, and by a new process where the plan asks for one. */
export function heartbeatJudge(
  host: Host,
  root: string,
  baseline: ReadonlyMap<Heartbeat, ProcessIdentity>,
): Judge {
  return async (
    { product, heartbeats }: Verification,
    signal: AbortSignal,
  ): Promise<Failure | undefined> => {
    const waits = heartbeats.map(async (heartbeat): Promise<Failure | undefined> => {
      const wait = await awaitHeartbeat(host, heartbeat, {
        root,
        signal,
        oldProcess: baseline.get(heartbeat),
      });
      if (wait.ok) return undefined;
      const { waitedMs, lastSeen } = wait;
      return {
        code: 'verify-failed',
        product,
        heartbeat: showProbe(heartbeat.probe),
        waitedMs,
        lastSeen,
      };
    });
    return (await Promise.all(waits)).find((failure) => failure !== undefined);
  };
}

/** The failure `unhealthy` with a line a heartbeat that does not pass, or undefined when all do. */
export function unhealthy(beats: readonly Beat[]): Failure | undefined {
  const products = beats.flatMap(({ product, heartbeat, sample }) =>
    sample.verdict === 'pass'
      ? []
      : [{ product, reason: `${showProbe(heartbeat.probe)}: ${sample.reason}` }],
  );
  return products.length === 0 ? undefined : { code: 'unhealthy', products };
}
