import type { Event, EventBody } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import { showProbe } from '../../model/heartbeat.ts';
import type { RunId } from '../../model/ids.ts';
import type { PlanInputs } from '../../model/plan.ts';
import { diagnosticsDocument } from './diagnostics-text.ts';
import { failureWords } from './failure-text.ts';
import { actionDocument, planDocument, verificationDocument, type PlanFrame } from './plan-json.ts';

/** What a plan document says beside the plan, given its inputs. */
export type FrameOf = (inputs: PlanInputs, runId: RunId) => PlanFrame;

/** An event as one line of NDJSON, without its newline (CONTRACT 4.3). */
export function eventLine(event: Event, frameOf: FrameOf): string {
  const { seq, time, runId, type } = event;
  const head = { schema: 'bootstrap.events/1', seq, time: time.toISOString(), runId, type };
  return JSON.stringify({ ...head, ...bodyDocument(event, frameOf) });
}

function bodyDocument(event: Event, frameOf: FrameOf): object {
  switch (event.type) {
    case 'run.started':
      return { command: event.command, root: event.root };
    case 'lock.waiting':
      return { holder: event.holder ?? null, timeoutMs: event.timeoutMs };
    case 'plan.made':
      return { plan: planDocument(event.body, frameOf(event.inputs(), event.runId)) };
    case 'action.started':
      return { action: actionDocument(event.action) };
    case 'action.output':
      return {
        action: { id: event.id, product: event.product },
        stream: event.stream,
        line: event.line,
      };
    case 'action.completed':
      return {
        action: actionDocument(event.action),
        verdict: 'succeeded',
        durationMs: event.durationMs,
      };
    case 'action.failed':
      return {
        action: actionDocument(event.action),
        verdict: event.verdict,
        failures: event.failures.map(failureDocument),
        durationMs: event.durationMs,
      };
    case 'action.skipped':
      return {
        action: actionDocument(event.action),
        verdict: event.verdict,
        skipped: event.reason,
      };
    case 'verify.started':
      return { verification: verificationDocument(event.verification) };
    case 'heartbeat.seen':
      return seenDocument(event);
    case 'verify.passed':
      return {
        verification: verificationDocument(event.verification),
        durationMs: event.durationMs,
      };
    case 'verify.failed':
      return {
        verification: verificationDocument(event.verification),
        failures: event.failures.map(failureDocument),
        durationMs: event.durationMs,
      };
    case 'rollback.started':
      return { generation: event.generation, plan: event.body };
    case 'rollback.completed':
      return rollbackDocument(event);
    case 'diagnostic':
      return { severity: event.severity, message: event.message };
    case 'run.finished':
      return endDocument(event);
  }
}

function seenDocument({
  product,
  heartbeat,
  sample,
}: Extract<EventBody, { readonly type: 'heartbeat.seen' }>): object {
  const latencyMs = sample.verdict === 'error' ? null : Math.round(sample.latencyMs);
  const reason = sample.verdict === 'pass' ? null : sample.reason;
  return {
    product,
    heartbeat: showProbe(heartbeat.probe),
    verdict: sample.verdict,
    reason,
    latencyMs,
  };
}

function rollbackDocument({
  generation,
  verified,
  durationMs,
}: Extract<EventBody, { readonly type: 'rollback.completed' }>): object {
  return { generation, verified, durationMs };
}

function endDocument(event: Extract<EventBody, { readonly type: 'run.finished' }>): object {
  const { outcome, exitCode, partial, counts, failures, durationMs } = event;
  return {
    outcome,
    exitCode,
    partial,
    counts,
    failures: failures.map(failureDocument),
    durationMs,
  };
}

// Its code, its words, and the diagnostics of a file that it rests on.
function failureDocument(failure: Failure): object {
  const { summary, detail, fix } = failureWords(failure);
  const document = { code: failure.code, summary, detail, fix: fix ?? null };
  if (failure.code === 'desired-invalid' || failure.code === 'definition-invalid')
    return { ...document, diagnostics: diagnosticsDocument(failure.diagnostics).diagnostics };
  return document;
}
