import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { Failure, ScriptEnd, SourceTrouble } from '../../src/model/failure.ts';
import { actionId, hostPath } from '../../src/model/ids.ts';
import type { LockDoubt, LockHolder } from '../../src/model/lock.ts';
import type { Distrust, SignatureFault } from '../../src/model/distrust.ts';
import { makePlan } from '../../src/core/plan.ts';
import { DIFF_CASES } from './cases.ts';
import { ALL_ALLOWED, given, named } from './states.ts';

const haproxy = named('haproxy');
const upgrade = actionId(haproxy, 'upgrade');

/** A run that holds the lock. */
export const HOLDER: LockHolder = {
  pid: 4711,
  startTicks: 12,
  bootId: 'b',
  pidNs: '4026531836',
  command: 'apply',
  runId: 'run-1',
  startedAt: '2026-11-22T14:00:00Z',
};

const LOCK_PATH = '/run/bootstrap/lock';

/** Every reason why nobody can judge a lock. */
export const DOUBTS: readonly LockDoubt[] = [
  { about: 'contents', what: 'it holds "notes.txt"' },
  { about: 'machine' },
  { about: 'pid-namespace' },
  { about: 'time-namespace' },
  { about: 'boot' },
  { about: 'process', why: '/proc hides it' },
];

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const SIGNATURE_FAULTS: readonly SignatureFault[] = [
  'unsigned',
  'unknown-signer',
  'expired',
  'revoked',
  'bad',
  'unchecked',
];

/** A mistake in a file. */
export const DIAGNOSTIC: Diagnostic = {
  code: 'unknown-key',
  severity: 'error',
  summary: 'unknown key "maxcon"',
  detail: 'allowed here: maxconn',
  span: { file: 'site.yaml', line: 14, column: 5, endColumn: 11 },
  sourceLine: '    maxcon: 4000',
  fix: 'did you mean "maxconn"?',
};

const ENDS: readonly ScriptEnd[] = [
  { how: 'exit', exitCode: 3 },
  { how: 'signal', signal: 'SIGKILL' },
  { how: 'timeout', afterMs: 600_000 },
  { how: 'not-started', why: 'no such file' },
];

type Samples = {
  readonly [C in Failure['code']]: readonly [
    Extract<Failure, { readonly code: C }>,
    ...Extract<Failure, { readonly code: C }>[],
  ];
};

/** Every failure there is, in each of its forms. */
export const FAILURES: Samples = {
  usage: [
    { code: 'usage', message: '--timeout: "x" is not a duration', hint: undefined },
    { code: 'usage', message: 'what?', hint: 'try plan' },
  ],
  'desired-missing': [
    { code: 'desired-missing', tried: ['desired-state.yaml'] },
    { code: 'desired-missing', tried: ['a.yaml', 'b.yaml'] },
  ],
  'desired-unreadable': [
    { code: 'desired-unreadable', path: 'site.yaml', why: 'line 3: not UTF-8 text' },
  ],
  'desired-invalid': [{ code: 'desired-invalid', diagnostics: [DIAGNOSTIC] }],
  'source-unreachable': [
    {
      code: 'source-unreachable',
      url: 'ssh://git@git.example/servers.git',
      because: { why: 'git', command: 'ls-remote', end: { how: 'timeout', afterMs: 30_000 } },
      tail: ['fatal: Could not read from remote repository.'],
    },
    sourceUnreachable({ why: 'no-ref', ref: 'mian' }),
    sourceUnreachable({ why: 'no-commit', ref: 'refs/tags/key' }),
  ],
  untrusted: [
    { code: 'untrusted', because: { why: 'no-signers', places: ['/etc/bootstrap/gnupg'] } },
    ...SIGNATURE_FAULTS.map(
      (fault) =>
        ({
          code: 'untrusted',
          because: { why: 'signature', commit: COMMIT, fault, tail: ['No principal matched.'] },
        }) as const,
    ),
    untrusted({ why: 'rewritten', commit: COMMIT, since: COMMIT }),
    untrusted({ why: 'floor-moved' }),
    untrusted({ why: 'serial-lower', serial: 41, recorded: 42 }),
    untrusted({ why: 'serial-missing', recorded: 42 }),
    untrusted({ why: 'serial-leap', serial: 2 ** 52, recorded: 42 }),
    untrusted({ why: 'expired', expires: '2026-12-01T00:00:00.000Z' }),
    untrusted(otherMachine('1'.repeat(32))),
    untrusted(otherMachine(undefined)),
  ],
  'definition-missing': [{ code: 'definition-missing', path: '/etc/bootstrap/bootstrap.ini' }],
  'definition-invalid': [
    {
      code: 'definition-invalid',
      diagnostics: [{ ...DIAGNOSTIC, span: undefined, fix: undefined }],
    },
  ],
  'script-refused': [
    {
      code: 'script-refused',
      refusals: [
        { path: '/etc/bootstrap/mode', why: 'it is not executable', fix: 'chmod 0755 it' },
      ],
    },
  ],
  'unknown-product': [
    { code: 'unknown-product', name: 'haprxy', nearest: 'haproxy' },
    { code: 'unknown-product', name: 'x', nearest: undefined },
  ],
  'file-unusable': [
    { code: 'file-unusable', path: '/etc/haproxy.cfg', why: 'no space left', what: 'write' },
    { code: 'file-unusable', path: '/etc/haproxy.cfg', why: 'it is a folder', what: 'read' },
  ],
  'file-exists': [
    { code: 'file-exists', paths: ['desired-state.yaml'], by: 'export' },
    { code: 'file-exists', paths: ['/etc/a', '/etc/b'], by: 'init' },
  ],
  'secret-unavailable': [
    {
      code: 'secret-unavailable',
      source: 'fromFile',
      name: '/run/secrets/key',
      why: 'there is no such secret',
    },
  ],
  permission: [{ code: 'permission', path: '/run/bootstrap', why: 'EACCES' }],
  locked: [
    { code: 'locked', lockPath: LOCK_PATH, holder: HOLDER, doubt: undefined, waitedMs: 0 },
    { code: 'locked', lockPath: LOCK_PATH, holder: undefined, doubt: undefined, waitedMs: 5000 },
    ...DOUBTS.map((doubt) => {
      const holder = doubt.about === 'contents' ? undefined : HOLDER;
      return { code: 'locked', lockPath: LOCK_PATH, holder, doubt, waitedMs: 0 } as const;
    }),
  ],
  'lock-kept': [
    { code: 'lock-kept', lockPath: LOCK_PATH, holder: HOLDER, because: { why: 'alive' } },
    {
      code: 'lock-kept',
      lockPath: LOCK_PATH,
      holder: HOLDER,
      because: { why: 'survived', waitedMs: 15_000 },
    },
    ...DOUBTS.map((doubt) => {
      const holder = doubt.about === 'contents' ? undefined : HOLDER;
      return {
        code: 'lock-kept',
        lockPath: LOCK_PATH,
        holder,
        because: { why: 'doubt', doubt },
      } as const;
    }),
  ],
  'lock-lost': [
    { code: 'lock-lost', lockPath: '/run/bootstrap/lock', why: 'its owner file is gone' },
  ],
  'facts-unreadable': [
    { code: 'facts-unreadable', facts: [{ fact: 'haproxy', why: 'version: permission denied' }] },
  ],
  unconfirmed: [
    { code: 'unconfirmed', how: 'no-terminal' },
    { code: 'unconfirmed', how: 'declined' },
  ],
  blocked: [{ code: 'blocked', actions: [upgrade], deferred: false }],
  'script-failed': [scriptFailed(0), scriptFailed(1), scriptFailed(2), scriptFailed(3)],
  'config-refused': [
    {
      code: 'config-refused',
      action: actionId(haproxy, 'set'),
      product: haproxy,
      argv: ['/usr/sbin/haproxy', '-c', '-f', '{file}'],
      end: { how: 'exit', exitCode: 1 },
      tail: ['line 3: unknown keyword'],
    },
  ],
  'verify-failed': [
    {
      code: 'verify-failed',
      product: haproxy,
      heartbeat: 'http http://127.0.0.1/healthz',
      waitedMs: 60_000,
      lastSeen: 'connection refused',
      wasFailing: false,
    },
    {
      code: 'verify-failed',
      product: haproxy,
      heartbeat: 'http http://127.0.0.1/healthz',
      waitedMs: 60_000,
      lastSeen: 'connection refused',
      wasFailing: true,
    },
  ],
  unhealthy: [
    { code: 'unhealthy', products: [{ product: haproxy, reason: 'tcp 127.0.0.1:80: refused' }] },
  ],
  'not-converged': [{ code: 'not-converged', remaining: everyChange() }],
  'disk-full': [{ code: 'disk-full', path: '/var/bootstrap', freeBytes: 0, neededBytes: 262_144 }],
  'listen-failed': [
    { code: 'listen-failed', address: 'http://127.0.0.1:9810/', why: 'address already in use' },
  ],
  'orphan-running': [
    { code: 'orphan-running', product: haproxy, path: '/etc/bootstrap/upgrade-haproxy', pid: 4711 },
  ],
  'generation-unusable': [
    { code: 'generation-unusable', number: 3, cause: { code: 'desired-missing', tried: ['x'] } },
  ],
  'no-generation': [
    { code: 'no-generation', number: undefined },
    { code: 'no-generation', number: 99 },
  ],
  'rolled-back': [
    { code: 'rolled-back', generation: 4, products: [haproxy], left: [] },
    { code: 'rolled-back', generation: 4, products: [], left: [haproxy] },
  ],
  'trial-open': [{ code: 'trial-open', deadline: '2026-11-22T15:00:00.000Z', runId: 'run-1' }],
  suspended: [
    {
      code: 'suspended',
      reason: 'disk swap',
      by: 'alice',
      since: '2026-11-22T15:00:00.000Z',
      until: null,
    },
    {
      code: 'suspended',
      reason: 'disk swap',
      by: 'alice',
      since: '2026-11-22T15:00:00.000Z',
      until: '2026-11-22T17:00:00.000Z',
    },
  ],
  'no-trial': [
    { code: 'no-trial', why: 'none' },
    { code: 'no-trial', why: 'not-verified' },
    { code: 'no-trial', why: 'too-late' },
  ],
  'plan-unreadable': [
    { code: 'plan-unreadable', path: 'plan.json', why: 'it is not a saved plan' },
  ],
  'plan-stale': [
    {
      code: 'plan-stale',
      moved: [
        { input: 'host', name: 'web-1', how: 'changed' },
        { input: 'action', name: 'haproxy/remove', how: 'new' },
        { input: 'bootstrap', name: 'what it plans', how: 'changed' },
        { input: 'scripts', name: '/etc/bootstrap/upgrade-haproxy', how: 'changed' },
        { input: 'templates', name: '/etc/bootstrap/haproxy.cfg.tmpl', how: 'gone' },
        { input: 'facts', name: 'store.version', how: 'new' },
      ],
    },
  ],
  'plan-used': [{ code: 'plan-used', planId: '20261122T142200Z-1f2e3d4c5b6a' }],
  'left-invalid': [{ code: 'left-invalid', causes: [{ code: 'permission', path: '/', why: 'x' }] }],
  superseded: [{ code: 'superseded' }],
  interrupted: [{ code: 'interrupted', signal: 'SIGTERM' }],
  'deadline-passed': [{ code: 'deadline-passed', afterMs: 3_600_000 }],
  'not-in-time': [
    { code: 'not-in-time', wanted: 'Ready', afterMs: 5000, why: '2 action(s) are pending' },
  ],
};

function sourceUnreachable(
  because: SourceTrouble,
): Extract<Failure, { readonly code: 'source-unreachable' }> {
  return { code: 'source-unreachable', url: '/srv/servers.git', because, tail: [] };
}

function untrusted(because: Distrust): Extract<Failure, { readonly code: 'untrusted' }> {
  return { code: 'untrusted', because };
}

function otherMachine(here: string | undefined): Distrust {
  const machineId = '0'.repeat(32);
  return { why: 'other-machine', machineId, here, place: '/etc/machine-id' };
}

function scriptFailed(end: number): Extract<Failure, { readonly code: 'script-failed' }> {
  return {
    code: 'script-failed',
    action: upgrade,
    product: haproxy,
    path: hostPath('', '/etc/bootstrap/upgrade-haproxy'),
    end: ENDS[end] ?? { how: 'exit', exitCode: end },
    tail: ['E: Version 9 not found', 'try 2.6'],
    wasFailing: false,
  };
}

function everyChange(): Extract<Failure, { readonly code: 'not-converged' }>['remaining'] {
  return DIFF_CASES.flatMap(([, server]) => makePlan(given(server), ALL_ALLOWED).changes);
}
