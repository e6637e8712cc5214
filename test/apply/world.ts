// A server in a temporary folder on which plans are run for real: its scripts are sh, its records are files.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applyPlan, type ApplyReport } from '../../src/apply/apply.ts';
import type { ApplyContext } from '../../src/apply/context.ts';
import { openJournal, type Journal } from '../../src/apply/journal.ts';
import { createRecords } from '../../src/apply/records.ts';
import type { HeldLock } from '../../src/host/host.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { Action, Blocked, Deed, ScriptRun, Verification } from '../../src/model/action.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { EventBody, Verdict } from '../../src/model/event.ts';
import { hostPath, runIdOf, type ActionId, type HostPath } from '../../src/model/ids.ts';
import { JOURNAL_FORMAT } from '../../src/model/journal.ts';
import { WHOLE, type Plan } from '../../src/model/plan.ts';
import { ok } from '../../src/model/result.ts';
import { named, versioned } from '../core/states.ts';

const SCRIPT_TIMEOUT_MS = durationMs(5000);

/** A server, and the folder it lives in. */
export interface World {
  readonly root: string;
  /** Puts a script in place and says where. */
  script(name: string, body: string): HostPath;
  write(path: string, text: string): void;
  /** The text of a file without its last newline; undefined where there is none. */
  read(path: string): string | undefined;
  /** What /var/bootstrap says of a product. */
  record(product: string, file: string): string | undefined;
  end(): void;
}

/** A server with nothing on it but its lock. */
export function createWorld(): World {
  const root = mkdtempSync(join(tmpdir(), 'bootstrap-apply-'));
  const world: World = {
    root,
    script(name, body) {
      world.write(`/scripts/${name}`, `#!/bin/sh\n${body}\n`);
      const path = hostPath(root, `/scripts/${name}`);
      chmodSync(path, 0o755);
      return path;
    },
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, text);
    },
    read(path) {
      return existsSync(root + path)
        ? readFileSync(root + path, 'utf8').replace(/\n$/, '')
        : undefined;
    },
    record: (product, file) => world.read(`/var/bootstrap/products/${product}/${file}`),
    end: () => rmSync(root, { recursive: true }),
  };
  world.write(LOCK, '');
  return world;
}

/** The file that makes the lock ours; a script that removes it takes the lock away. */
export const LOCK = '/lock';

/** What a run came to. */
export interface Run extends ApplyReport {
  readonly events: readonly EventBody[];
  /** How each action ended. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly codes: readonly string[];
}

/** Runs a plan on the server. Throws where an action did not end in exactly one verdict (CONTRACT 4.3). */
export async function run(
  world: World,
  plan: Plan,
  over: Partial<ApplyContext> = {},
): Promise<Run> {
  const host = createNodeHost();
  const events: EventBody[] = [];
  const never = new AbortController().signal;
  const { emit, ...rest } = over;
  const report = await applyPlan(plan, {
    host,
    lock: lockIn(world),
    lockPath: hostPath(world.root, LOCK),
    records: createRecords(host.files, { root: world.root, sealed: ok }),
    secrets: { fill: ok, values: () => [] },
    environment: (product) => ({
      PATH: '/usr/bin:/bin',
      BOOTSTRAP_ROOT: world.root,
      BOOTSTRAP_PRODUCT: product,
    }),
    judge: async () => undefined,
    countRestart: () => ok(undefined),
    journal: await journalIn(world),
    remaining: async () => [],
    brakes: { stop: never, terminate: never, kill: never },
    parallelism: 4,
    onFailure: 'stop',
    spareServer: false,
    ...rest,
    emit: (event) => {
      events.push(event);
      emit?.(event);
    },
  });
  return {
    ...report,
    events,
    verdicts: verdictsOf(plan, events),
    codes: report.failures.map(({ code }) => code),
  };
}

function verdictsOf(plan: Plan, events: readonly EventBody[]): Readonly<Record<string, Verdict>> {
  const rows = plan.actions.map(({ id }) => {
    const ended = events.flatMap((event): readonly Verdict[] => {
      if (!('action' in event) || event.action.id !== id) return [];
      if (event.type === 'action.completed') return ['succeeded'];
      return 'verdict' in event ? [event.verdict] : [];
    });
    const [verdict, ...more] = ended;
    if (verdict === undefined || more.length > 0)
      throw new Error(`${id} ended as ${ended.join(' and ') || 'nothing'}`);
    return [id, verdict] as const;
  });
  return Object.fromEntries(rows);
}

function lockIn({ root }: World): HeldLock {
  const lost = new AbortController().signal;
  return { lost, owned: () => existsSync(root + LOCK) };
}

/** A journal like any other; each run of a test has one of its own. */
async function journalIn(world: World): Promise<Journal> {
  runs += 1;
  const opened = await openJournal(
    createNodeHost(),
    { root: world.root, lock: lockIn(world) },
    {
      type: 'begin',
      schema: JOURNAL_FORMAT,
      runId: runIdOf(new Date(0), `${runs}`),
      command: 'apply',
      revision: 'r1',
      actions: [],
      carried: [],
      rollback: null,
    },
  );
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

let runs = 0;

/** A plan of these steps. */
export function planOf(
  actions: readonly Action[],
  verifications: readonly Verification[] = [],
): Plan {
  return {
    revision: 'r1',
    desiredFiles: [],
    selection: WHOLE,
    included: [],
    rewrites: [],
    changes: [],
    drift: [],
    actions,
    verifications,
    held: [],
    unchanged: 0,
    scripts: [],
  };
}

interface Placed {
  readonly after?: readonly string[];
  readonly blocked?: Blocked;
}

/** An action of the product that its id begins with: `haproxy/upgrade`; the server's is `server/mode-idle`. */
export function action(
  id: string,
  deeds: readonly Deed[],
  { after = [], blocked }: Placed = {},
): Action {
  const [subject = ''] = id.split('/');
  return {
    id: id as ActionId,
    kind: 'set',
    product: subject === 'server' ? undefined : named(subject),
    before: {},
    after: {},
    reason: 'settings-differ',
    cause: 'spec',
    certainty: 'exact',
    dependsOn: after as readonly ActionId[],
    undo: undefined,
    blocked,
    disruptive: false,
    deeds,
  };
}

/** A verification of a product, which is on record as valid once it has passed. */
export function verification(product: string, after: readonly string[]): Verification {
  return {
    id: `${product}/verify` as ActionId,
    product: named(product),
    heartbeats: [],
    newProcess: false,
    wasFailing: false,
    dependsOn: after as readonly ActionId[],
    deeds: [record(product, { status: 'valid' })],
  };
}

/** One run of a script. */
export function scriptRun(
  product: string,
  path: HostPath,
  over: Partial<ScriptRun> = {},
): ScriptRun {
  return {
    product: named(product),
    kind: 'upgrade',
    path,
    args: [],
    stdin: undefined,
    timeoutMs: SCRIPT_TIMEOUT_MS,
    key: '',
    wasFailing: false,
    ...over,
  };
}

/** The deed that runs a script. */
export function running(product: string, path: HostPath, over: Partial<ScriptRun> = {}): Deed {
  return { do: 'run-script', run: scriptRun(product, path, over) };
}

type Recorded = Omit<Extract<Deed, { readonly do: 'record-product' }>, 'do' | 'product'>;

/** The deed that puts something of a product on record. */
export function record(product: string, recorded: Recorded): Deed {
  return { do: 'record-product', product: named(product), ...recorded };
}

/** The deeds of an upgrade, as a plan has them. */
export function upgradeTo(version: string, product: string, path: HostPath): readonly Deed[] {
  return [
    record(product, { status: 'upgrading' }),
    running(product, path),
    record(product, { version: versioned(version), repository: 'bookworm' }),
  ];
}
