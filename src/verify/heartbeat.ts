import { addSample, judge, startJudging } from '../core/judge.ts';
import { durationMs } from '../model/duration.ts';
import type { Heartbeat, Sample } from '../model/heartbeat.ts';
import type { LookHost, LookRequest } from './look.ts';
import { takeSample } from './probes.ts';

/** How the wait for a heartbeat ended; `lastSeen` says in words why it did not pass. */
export type HeartbeatWait =
  | { readonly ok: true; readonly waitedMs: number }
  | { readonly ok: false; readonly waitedMs: number; readonly lastSeen: string };

/** What a look needs to know; its time limit is the heartbeat's own. */
export type OnceRequest = Omit<LookRequest, 'timeoutMs'>;

/** What a wait needs to know. */
export interface WaitRequest extends OnceRequest {
  /** Told of each look. */
  readonly onSample: (sample: Sample) => void;
}

/** Looks again and again until the heartbeat is passed or its deadline is there (CONTRACT 5, "Verify"). Ends at once, as not passed, when the signal is aborted. */
export async function awaitHeartbeat(
  host: LookHost,
  heartbeat: Heartbeat,
  request: WaitRequest,
): Promise<HeartbeatWait> {
  const { clock } = host;
  const { timing } = heartbeat;
  const { signal } = request;
  const startedAtMs = clock.monotonicMs();
  let state = startJudging(startedAtMs);
  // Bounded by the deadline: judge() leaves 'waiting' there at the latest.
  for (;;) {
    const nowMs = clock.monotonicMs();
    const judgement = judge(timing, state, nowMs);
    const waitedMs = nowMs - startedAtMs;
    if (judgement.state === 'passed') return { ok: true, waitedMs };
    if (judgement.state === 'failed') return { ok: false, waitedMs, lastSeen: judgement.why };
    if (signal.aborted) return { ok: false, waitedMs, lastSeen: state.lastSeen };

    if (judgement.nextLookAtMs > nowMs) {
      await clock.sleep(judgement.nextLookAtMs - nowMs, signal);
      continue;
    }
    const leftMs = startedAtMs + timing.deadlineMs - nowMs;
    const timeoutMs = durationMs(Math.max(1, Math.ceil(Math.min(timing.timeoutMs, leftMs))));
    const sample = await takeSample(host, heartbeat, { ...request, timeoutMs });
    // A look that was cut short saw nothing.
    if (signal.aborted) continue;
    const endedAtMs = clock.monotonicMs();
    // Nor did one for which the deadline left no time, where there was another: what that saw says more than "no answer within 1ms".
    const isCutOff = timeoutMs < timing.timeoutMs && endedAtMs - startedAtMs >= timing.deadlineMs;
    if (isCutOff && state.lookedAtMs !== undefined && sample.verdict !== 'pass') continue;
    request.onSample(sample);
    state = addSample(timing, state, { sample, beganAtMs: nowMs, endedAtMs });
  }
}

/** One look, with the heartbeat's own time limit: for `bootstrap heartbeat`. */
export async function lookOnce(
  host: LookHost,
  heartbeat: Heartbeat,
  request: OnceRequest,
): Promise<Sample> {
  return takeSample(host, heartbeat, { ...request, timeoutMs: heartbeat.timing.timeoutMs });
}
