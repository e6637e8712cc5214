// A server of three products under a root, run by the engine in this very process: fast enough to be damaged thousands of times.
import { join } from 'node:path';
import { runApply } from '../../../src/app/run.ts';
import { loadWritten } from '../../../src/app/load.ts';
import { lookContext } from '../../../src/app/look.ts';
import { planNow } from '../../../src/app/planning.ts';
import type { Site } from '../../../src/app/site.ts';
import { lookAtStatus } from '../../../src/app/status.ts';
import { nodeDisk, type Disk } from '../../../src/host/disk.ts';
import { createFiles } from '../../../src/host/files.ts';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { durationMs } from '../../../src/model/duration.ts';
import type { Event } from '../../../src/model/event.ts';
import { hostPath, runIdOf } from '../../../src/model/ids.ts';
import { WHOLE, type Plan } from '../../../src/model/plan.ts';
import type { StatusDocument } from '../../../src/model/status.ts';
import { named } from '../../core/states.ts';
import type { FileTexts, World } from '../../rig/world.ts';

const host = createNodeHost();
const never = new AbortController().signal;
const LOCK_TIMEOUT_MS = durationMs(5000);
const RUN_ID_BYTES = 6;

const script = (name: string): string =>
  `#!/bin/sh\necho "${name} $BOOTSTRAP_PRODUCT $*" >>"$BOOTSTRAP_ROOT/log"\n`;

const product = (name: string, ...lines: readonly string[]): string =>
  [
    `[product: ${name}]`,
    ...['upgrade', 'mode', 'remove'].map((kind) => `${kind}-script = /etc/bootstrap/${kind}`),
    ...lines,
    '',
  ].join('\n');

/** What this server can run, and what it is to be. `old` is on record as protected, and in no desired state any more. */
export const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': [
    product('web', 'config-file = /etc/web.conf', 'config-format = ini'),
    product('store', 'set-script = /etc/bootstrap/set', 'depends-on = web'),
    product('old'),
  ].join('\n'),
  'etc/bootstrap/upgrade': script('upgrade'),
  'etc/bootstrap/mode': script('mode'),
  'etc/bootstrap/remove': script('remove'),
  'etc/bootstrap/set': script('set'),
  'desired-state.yaml': desiredState('  old: {version: "0.9", protect: true}\n'),
};

/** The desired state without the product that is protected. */
export const WITHOUT_OLD: FileTexts = { 'desired-state.yaml': desiredState('') };
/** A later desired state: each product to be upgraded, with other settings. */
export const LATER: FileTexts = {
  'desired-state.yaml': desiredState('  old: {version: "1.0", protect: true}\n')
    .replace('2.6.12-1', '2.8.1-1')
    .replace('"1.10"', '"1.11"')
    .replace('8080', '9090')
    .replace('level: 3', 'level: 4'),
};

function siteOf({ root }: World): Site {
  const at = (path: string) => ({ shown: path, path: hostPath('', join(root, path)) });
  return {
    root,
    definition: at('etc/bootstrap/bootstrap.ini'),
    desired: [at('desired-state.yaml')],
  };
}

// Nothing but its protection keeps `old` from being removed.
const ASKED = {
  downgrades: new Set<never>(),
  removals: new Set([named('old')]),
  changesMax: undefined,
  selection: WHOLE,
  mode: 'wished',
} as const;

/** `bootstrap plan`. */
export async function planOf(world: World): Promise<Plan> {
  const site = siteOf(world);
  const written = await loadWritten(host, site);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  const look = lookContext(host, written.value.definition, { runId: runId() });
  const made = await planNow(host, { site, written: written.value, look, asked: ASKED });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value.plan;
}

/** `bootstrap status`. */
export async function statusOf(world: World): Promise<StatusDocument> {
  const looked = await lookAtStatus(host, { site: siteOf(world), runId: runId(), signal: never });
  if (!looked.ok) throw new Error(JSON.stringify(looked.error));
  return looked.value.status;
}

/** What an apply came to. */
export interface Applied {
  readonly exitCode: number;
  readonly events: readonly Event[];
}

/** `bootstrap apply --yes`, its files on this disk; `events` gets what happens as it happens. */
export async function applyTo(
  world: World,
  { disk = nodeDisk, events = [] }: { readonly disk?: Disk; readonly events?: Event[] } = {},
): Promise<Applied> {
  const { exitCode } = await runApply(
    { ...host, files: createFiles(disk) },
    {
      site: siteOf(world),
      runId: runId(),
      command: 'apply',
      asked: ASKED,
      saved: undefined,
      back: undefined,
      trial: undefined,
      guard: false,
      keepLast: undefined,
      snapshot: undefined,
      onEnd: () => [],
      courier: undefined,
      onFailure: undefined,
      parallelism: 1,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      brakes: { stop: never, terminate: never, kill: never },
      confirm: () => Promise.resolve('yes'),
      detailedExitCode: false,
      sinks: [(event) => events.push(event)],
    },
  );
  return { exitCode, events };
}

function runId(): ReturnType<typeof runIdOf> {
  return runIdOf(host.clock.now(), host.crypto.randomHex(RUN_ID_BYTES));
}

function desiredState(more: string): string {
  return `apiVersion: bootstrap/v1
server: {mode: production}
products:
  web: {version: "2.6.12-1+deb12u4", repository: bookworm, protect: true, settings: {port: 8080, log: info}}
  store: {version: "1.10", repository: trixie, settings: {level: 3, tls: {min: "1.2"}}}
${more}policy: {prune: true, onFailure: stop}
`;
}
