import type { ScriptKind } from '../model/definition.ts';
import { valueOf } from '../model/fact.ts';
import { actionId, type ProductName, type RunId } from '../model/ids.ts';
import type {
  JournalRecord,
  LastRun,
  OpenScript,
  ProductProgress,
  Progress,
} from '../model/journal.ts';
import type { ServerMode } from '../model/mode.ts';
import type { ActualProduct, ActualState } from '../model/state.ts';

/** Nothing is open, and nothing counts as done. */
export const NO_PROGRESS: ProductProgress = {
  done: {},
  open: undefined,
  brought: undefined,
};

// What comes later in a product's steps counts no more once something before it is done again.
const RANK: { readonly [K in ScriptKind]: number } = {
  provision: 0,
  upgrade: 0,
  set: 1,
  reload: 2,
  mode: 3,
  remove: 4,
  probe: 5,
  test: 5,
};

// The key of no version: what a script that failed has left is none that anybody wished for.
const NO_VERSION = '';

/** What a journal says of its run; undefined for one in which nothing was begun. */
export function lastRunIn(records: readonly JournalRecord[]): LastRun | undefined {
  const [begin] = records;
  if (begin?.type !== 'begin') return undefined;
  const { runId, revision } = begin;
  const progress = new Map<ProductName, ProductProgress>(begin.carried);
  for (const record of records) follow(progress, record, runId);
  return {
    runId,
    revision,
    ended: isEnded(records),
    rollback: rollbackIn(records, begin.rollback ?? undefined),
    progress,
  };
}

function rollbackIn(
  records: readonly JournalRecord[],
  carried: LastRun['rollback'],
): LastRun['rollback'] {
  const last = records.findLast((record) => record.type === 'rollback');
  if (last?.state === 'ended') return undefined;
  if (last !== undefined) {
    const { generation, products, faults } = last;
    return { generation, products, faults };
  }
  const faults = records.flatMap((record) =>
    record.type === 'faulty' ? [[record.product, record.reason] as const] : [],
  );
  // Who ended by himself had his reasons not to begin it.
  if (faults.length === 0 || isEnded(records)) return carried;
  return { generation: undefined, products: undefined, faults };
}

function isEnded(records: readonly JournalRecord[]): boolean {
  return records.some(({ type }) => type === 'end');
}

function follow(
  progress: Map<ProductName, ProductProgress>,
  record: JournalRecord,
  runId: RunId,
): void {
  switch (record.type) {
    case 'begin':
    case 'verified':
    case 'action':
    case 'faulty':
    case 'rollback':
    case 'end':
      return;
    case 'intent': {
      const { action, product, script, path, args, key, timeoutMs } = record;
      const { done, brought } = progress.get(product) ?? NO_PROGRESS;
      const open = {
        action,
        product,
        script,
        path,
        args,
        key,
        timeoutMs,
        runId,
        process: undefined,
      };
      progress.set(product, {
        done: before(done, script),
        open,
        brought: brings(script) ? key : brought,
      });
      return;
    }
    case 'spawned':
      return change(progress, record.product, ({ open, ...each }) => ({
        ...each,
        open: open && { ...open, process: { pid: record.pid, startTicks: record.startTicks } },
      }));
    case 'exited':
      return change(progress, record.product, (each) => ended(each, record.end));
    // The next run begins anew with it; but what ended by force may have done anything.
    case 'failed':
      return change(progress, record.product, (each) => ({ ...each, done: {} }));
    case 'valid':
    case 'forgotten':
      progress.delete(record.product);
      return;
    case 'mode':
      if (!IN_TRANSIT.has(record.mode)) closeModes(progress);
      return;
  }
}

function brings(script: ScriptKind): boolean {
  return script === 'upgrade' || script === 'provision';
}

function change(
  progress: Map<ProductName, ProductProgress>,
  product: ProductName,
  how: (progress: ProductProgress) => ProductProgress,
): void {
  progress.set(product, how(progress.get(product) ?? NO_PROGRESS));
}

function before(done: ProductProgress['done'], script: ScriptKind): ProductProgress['done'] {
  const earlier = Object.entries(done).filter(([kind]) => RANK[kind as ScriptKind] < RANK[script]);
  return Object.fromEntries(earlier);
}

// By a signal, or out of time, it may have come to any point: its outcome is not known.
function ended(
  each: ProductProgress,
  end: Extract<JournalRecord, { readonly type: 'exited' }>['end'],
): ProductProgress {
  const { done, open, brought } = each;
  if (open === undefined) return each;
  if (end.how !== 'exit' && end.how !== 'not-started')
    return { ...each, open: { ...open, process: undefined } };
  if (end.how === 'not-started' || end.exitCode !== 0)
    return { ...each, open: undefined, brought: brings(open.script) ? NO_VERSION : brought };
  return { ...each, done: { ...done, [open.script]: open.key }, open: undefined };
}

// The server is in its mode: no mode-script is open. What each was told last still counts, for those that are not finished yet.
function closeModes(progress: Map<ProductName, ProductProgress>): void {
  for (const [product, each] of progress)
    if (each.open?.script === 'mode') progress.set(product, { ...each, open: undefined });
}

/** Modes in which a server is on its way: mode-scripts may be open. */
const IN_TRANSIT: ReadonlySet<ServerMode> = new Set(['mode-updating', 'provisioning', 'invalid']);

/** True where a run may have left something open: only then is a journal worth reading. */
export function isUnfinished({ mode, products, leftovers }: Unfinishable): boolean {
  const isOnTheWay = IN_TRANSIT.has(valueOf(mode) ?? 'unprovisioned');
  return isOnTheWay || [...products.values(), ...leftovers.values()].some(isOpen);
}

type Unfinishable = Pick<ActualState, 'mode' | 'products' | 'leftovers'>;

function isOpen({ status }: ActualProduct): boolean {
  const word = valueOf(status);
  return word !== undefined && word !== 'valid';
}

/** Of a progress, what the records still say is unfinished: a crash may come between a record and its line in the journal. */
export function stillOpen(
  progress: Progress,
  { mode, products, leftovers }: Unfinishable,
): Progress {
  const isOnTheWay = IN_TRANSIT.has(valueOf(mode) ?? 'unprovisioned');
  const open = new Map<ProductName, ProductProgress>();
  for (const [name, each] of progress) {
    const found = products.get(name) ?? leftovers.get(name);
    const isModeOpen = each.open?.script === 'mode';
    if (found !== undefined && isOpen(found)) open.set(name, each);
    else if (isOnTheWay && (each.done.mode !== undefined || isModeOpen))
      open.set(name, onlyMode(each));
    // A restart leaves its product valid and the server in its mode: the journal alone tells that it was interrupted. Of other
    // mode-scripts the records tell too: a journal that lost its end must not have them run again.
    else if (isRestart(name, each) && products.has(name)) open.set(name, onlyMode(each));
  }
  return open;
}

function isRestart(name: ProductName, { open }: ProductProgress): boolean {
  return open?.action === actionId(name, 'restart');
}

function onlyMode({ done: { mode }, open }: ProductProgress): ProductProgress {
  const done = mode === undefined ? {} : { mode };
  return { done, open: open?.script === 'mode' ? open : undefined, brought: undefined };
}

/** The scripts that were interrupted, by product. */
export function openScripts(progress: Progress): readonly OpenScript[] {
  return [...progress.values()].flatMap(({ open }) => open ?? []);
}
