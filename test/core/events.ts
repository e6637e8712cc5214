import type { Action, Verification } from '../../src/model/action.ts';
import type { EventBody } from '../../src/model/event.ts';
import { durationMs } from '../../src/model/duration.ts';
import { known } from '../../src/model/fact.ts';
import { actionId } from '../../src/model/ids.ts';
import type { Plan, PlanInputs } from '../../src/model/plan.ts';
import { makePlan } from '../../src/core/plan.ts';
import { planBody } from '../../src/core/render/plan-json.ts';
import { NO_VERDICTS } from '../../src/core/tally.ts';
import { FAILURES, HOLDER } from './failures.ts';
import { absent } from '../../src/model/fact.ts';
import { allowing, at, beat, dark, given, having, named } from './states.ts';

/** A plan with a bit of everything: each kind of action, drift, things blocked and things left alone. */
export const RICH_PLAN: Plan = makePlan(
  given({
    mode: 'idle',
    products: {
      database: { version: '1.0', found: at('2.0') },
      deepfiler: {
        dependsOn: ['database'],
        version: '7',
        found: 'nothing',
        settings: { threads: 4 },
      },
      gateway: {
        found: 'nothing',
        repository: 'bookworm',
        settings: { a: 1, b: 2 },
        heartbeats: [beat],
      },
      haproxy: {
        version: '2.6.12-1+deb12u4',
        settings: { maxconn: 2000, log: 'a b', tls: { ciphers: ['one', 'two'] } },
        config: 'json',
        heartbeats: [beat],
        found: {
          ...at('2.6.12-1'),
          applied: known({ maxconn: 2000, log: 'a b' }),
          ...having({ maxconn: 100, log: 'a b' }),
        },
      },
      mailer: { repository: 'trixie', found: { repository: absent } },
      monitor: {},
      printer: { suspend: true },
      scanner: { found: { version: dark } },
    },
  }),
  allowing({ changesMax: 50 }),
);

/** The same as data. */
export const RICH_BODY = planBody(RICH_PLAN, { findings: [], originOf: undefined });

const haproxy = named('haproxy');
const [provision, upgrade] = [action('gateway/provision'), action('haproxy/upgrade')];
const verification = RICH_PLAN.verifications.find(({ product }) => product === haproxy) ?? never();

/** Inputs as a plan has them. */
export const INPUTS: PlanInputs = {
  desired: { '/b.yaml': 'e'.repeat(64), '/a.yaml': 'f'.repeat(64) },
  ini: { '/etc/bootstrap/bootstrap.ini': '0'.repeat(64) },
  scripts: {},
  templates: {},
  schemas: {},
  facts: { 'haproxy.version': '1'.repeat(64), 'server-mode': '2'.repeat(64) },
};

type Samples = {
  readonly [T in EventBody['type']]: readonly [
    Extract<EventBody, { readonly type: T }>,
    ...Extract<EventBody, { readonly type: T }>[],
  ];
};

/** Every event there is, in each of its forms. */
export const EVENTS: Samples = {
  'run.started': [{ type: 'run.started', command: 'apply', root: '' }],
  'lock.waiting': [
    { type: 'lock.waiting', holder: HOLDER, timeoutMs: durationMs(5000) },
    { type: 'lock.waiting', holder: undefined, timeoutMs: durationMs(5000) },
  ],
  'plan.made': [{ type: 'plan.made', body: RICH_BODY, inputs: () => INPUTS }],
  'action.started': [{ type: 'action.started', action: upgrade }],
  'action.output': [
    {
      type: 'action.output',
      id: upgrade.id,
      product: haproxy,
      stream: 'stdout',
      line: 'Unpacking',
    },
    { type: 'action.output', id: upgrade.id, product: haproxy, stream: 'stderr', line: '' },
  ],
  'action.completed': [{ type: 'action.completed', action: upgrade, durationMs: 1.5 }],
  'action.failed': [
    {
      type: 'action.failed',
      action: upgrade,
      verdict: 'failed',
      failures: FAILURES['script-failed'],
      durationMs: 5,
    },
    {
      type: 'action.failed',
      action: upgrade,
      verdict: 'unknown',
      failures: FAILURES['lock-lost'],
      durationMs: 5,
    },
  ],
  'action.skipped': [
    {
      type: 'action.skipped',
      action: provision,
      verdict: 'skipped',
      reason: { why: 'blocked', blocked: { by: 'max-changes', changes: 9, changesMax: 5 } },
    },
    {
      type: 'action.skipped',
      action: provision,
      verdict: 'skipped',
      reason: { why: 'dependency-failed', on: actionId('store', 'verify') },
    },
    {
      type: 'action.skipped',
      action: provision,
      verdict: 'notStarted',
      reason: { why: 'stopped' },
    },
    {
      type: 'action.skipped',
      action: provision,
      verdict: 'notStarted',
      reason: { why: 'unconfirmed' },
    },
    {
      type: 'action.skipped',
      action: provision,
      verdict: 'notStarted',
      reason: { why: 'refused' },
    },
  ],
  'verify.started': [{ type: 'verify.started', verification }],
  'heartbeat.seen': [
    {
      type: 'heartbeat.seen',
      product: haproxy,
      heartbeat: beat,
      sample: { verdict: 'pass', latencyMs: 1.6, identity: { pid: 7, startTicks: 7 } },
    },
    {
      type: 'heartbeat.seen',
      product: haproxy,
      heartbeat: beat,
      sample: { verdict: 'pass', latencyMs: 0, identity: undefined },
    },
    {
      type: 'heartbeat.seen',
      product: haproxy,
      heartbeat: beat,
      sample: { verdict: 'fail', reason: 'connection refused', latencyMs: 2, isGone: false },
    },
    {
      type: 'heartbeat.seen',
      product: haproxy,
      heartbeat: beat,
      sample: { verdict: 'error', reason: 'no such program' },
    },
  ],
  'verify.passed': [{ type: 'verify.passed', verification, durationMs: 2 }],
  'verify.failed': [
    { type: 'verify.failed', verification, failures: FAILURES['verify-failed'], durationMs: 2 },
  ],
  'rollback.started': [{ type: 'rollback.started', generation: 4, body: RICH_BODY }],
  'rollback.completed': [
    { type: 'rollback.completed', generation: 4, verified: true, durationMs: 20 },
    { type: 'rollback.completed', generation: 4, verified: false, durationMs: 20 },
  ],
  diagnostic: [
    { type: 'diagnostic', severity: 'warning', message: 'callback to x: it answered 500' },
  ],
  'run.finished': [
    {
      type: 'run.finished',
      outcome: 'failed',
      exitCode: 4,
      partial: false,
      counts: { ...NO_VERDICTS, failed: 1 },
      failures: Object.values(FAILURES).flatMap((failures) => [...failures]),
      durationMs: 20,
    },
    {
      type: 'run.finished',
      outcome: 'in-sync',
      exitCode: 0,
      partial: true,
      counts: NO_VERDICTS,
      failures: [],
      durationMs: 20,
    },
  ],
};

function action(id: string): Action {
  return RICH_PLAN.actions.find((each) => each.id === id) ?? never();
}

function never(): Action & Verification {
  throw new Error('the rich plan lacks it');
}
