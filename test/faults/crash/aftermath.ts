// What is to hold after a kill, asked of the server's files by the readers of bootstrap itself.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAppliedSettings } from '../../../src/actual/applied-settings.ts';
import { readGenerations } from '../../../src/app/generations.ts';
import { readQuarantine } from '../../../src/app/quarantine.ts';
import { readTrial } from '../../../src/app/trial.ts';
import { renderFailureLine } from '../../../src/core/render/failure-text.ts';
import type { ScriptKind } from '../../../src/model/definition.ts';
import { readJournal } from '../../../src/format/journal-lines.ts';
import { createFiles } from '../../../src/host/files.ts';
import { createCrypto } from '../../../src/host/machine.ts';
import { hostPath, parseVersion } from '../../../src/model/ids.ts';
import type { JournalRecord } from '../../../src/model/journal.ts';
import { layoutOf } from '../../../src/model/layout.ts';
import { parseProductStatus, parseServerMode } from '../../../src/model/mode.ts';
import { compareText } from '../../../src/model/text-order.ts';
import { readStatusFile } from '../../../src/report/status-file.ts';
import type { ScriptLine } from './script-log.ts';

const files = createFiles();
const crypto = createCrypto();

/** The journals of a server, oldest first; what cannot be read is a fault. */
export function journalsOf(root: string): {
  readonly journals: readonly (readonly JournalRecord[])[];
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const runs = layoutOf(root).runs;
  const listed = existsSync(runs) ? readdirSync(runs) : [];
  const newest = listed.includes('newest') ? readFileSync(join(runs, 'newest'), 'utf8').trim() : '';
  const names = listed.filter((name) => name.endsWith('.ndjson'));
  const journals = names.map((name) => {
    const text = readFileSync(join(runs, name), 'utf8');
    // Killed before its first line: nobody ever reads it.
    if (text === '' && name !== `${newest}.ndjson`) return [];
    const read = readJournal(text, (line) => crypto.crc32(line));
    if (!read.ok) faults.push(`journal ${name}: ${read.error}`);
    return read.ok ? read.value : [];
  });
  // Their names tell the second only.
  const sorted = journals.toSorted((a, b) => compareText(a[0]?.time ?? '', b[0]?.time ?? ''));
  return { journals: sorted, faults };
}

/** State files that their readers refuse; [] where all can be read. */
export function unreadableState(root: string): readonly string[] {
  const layout = layoutOf(root);
  const faults = [...journalsOf(root).faults];
  const word = (path: string, parse: (text: string) => unknown): void => {
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    if (!text.endsWith('\n') || parse(text.trim()) === undefined)
      faults.push(`${path} holds ${JSON.stringify(text)}`);
  };
  word(layout.serverMode, parseServerMode);
  word(layout.newestRun, (text) =>
    existsSync(join(layout.runs, `${text}.ndjson`)) ? 1 : undefined,
  );
  const products = existsSync(layout.products) ? readdirSync(layout.products) : [];
  for (const product of products) {
    const at = (file: string): string => join(layout.products, product, file);
    word(at('version'), parseVersion);
    word(at('status'), parseProductStatus);
    const applied = readAppliedSettings(files, hostPath('', at('settings.json')));
    if (applied.kind === 'unreadable') faults.push(applied.why);
  }
  const status = readStatusFile(files, layout.statusFile);
  return [
    ...faults,
    ...(status.kind === 'unreadable' ? [status.why] : []),
    ...unreadableRulings(root),
  ];
}

// What was decided of desired states as a whole.
function unreadableRulings(root: string): readonly string[] {
  const { generations } = layoutOf(root);
  const read = readGenerations(files, root).map(({ number }) => `${number}.json`);
  const damaged = (existsSync(generations) ? readdirSync(generations) : []).filter(
    (name) => name.endsWith('.json') && !read.includes(name),
  );
  const rulings = [readQuarantine(files, root), readTrial(files, root)];
  const refused = rulings.flatMap((each) => (each.ok ? [] : [renderFailureLine(each.error)]));
  return [...refused, ...damaged.map((name) => `generation ${name} is damaged`)];
}

/** What stdout of a run acknowledged and is not on record; [] where all is. For the moment right after the kill. */
export function lostAcknowledged(root: string, stdout: string): readonly string[] {
  const layout = layoutOf(root);
  const records = journalsOf(root).journals.flat();
  return acknowledged(stdout).flatMap(({ id, type, product, kind, version, mayBeGone }) => {
    const noted = records.some((record) =>
      type === 'verify.passed'
        ? record.type === 'verified' && record.id === id && record.passed
        : record.type === 'action' && record.id === id && record.verdict === 'succeeded',
    );
    const faults = noted ? [] : [`${id} was acknowledged, and is not in the journal`];
    if (product === undefined || kind === 'remove' || mayBeGone) return faults;
    const path = join(layout.products, product, type === 'verify.passed' ? 'status' : 'version');
    const expected = type === 'verify.passed' ? 'valid' : version;
    const found = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
    if (expected !== undefined && found !== expected)
      faults.push(`${id} was acknowledged, and ${path} holds ${String(found)}`);
    return faults;
  });
}

interface Acknowledged {
  readonly type: 'action.completed' | 'verify.passed';
  readonly id: string;
  readonly product: string | undefined;
  readonly kind: string | undefined;
  readonly version: string | undefined;
  /** A rollback was begun since. */
  readonly mayBeGone: boolean;
}

function acknowledged(stdout: string): readonly Acknowledged[] {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  const back = whole.lastIndexOf('"type":"rollback.started"');
  let offset = 0;
  return whole.split('\n').flatMap((line): readonly Acknowledged[] => {
    offset += line.length + 1;
    if (line === '') return [];
    const mayBeGone = offset <= back;
    const { type, action, verification } = JSON.parse(line) as {
      readonly type: string;
      readonly action?: { id: string; product: string | null; kind: string; after: object };
      readonly verification?: { readonly id: string; readonly product: string };
    };
    if (type === 'verify.passed' && verification !== undefined)
      return [{ type, ...verification, kind: undefined, version: undefined, mayBeGone }];
    if (type !== 'action.completed' || action === undefined) return [];
    const { id, kind, product, after } = action;
    const version = 'version' in after ? String(after.version) : undefined;
    return [{ type, id, kind, product: product ?? undefined, version, mayBeGone }];
  });
}

/** A run of a script, as the journals tell. */
interface RunSeen {
  readonly runId: string;
  readonly product: string;
  readonly script: ScriptKind;
  /** Its call by its own word; where it wrote nothing, what the journal calls it. */
  readonly call: string;
  readonly isDone: boolean;
}

/** Once something has failed, all of it may be done again. */
const AFTER_FAILURE: RunSeen = {
  runId: '',
  product: '',
  script: 'upgrade',
  call: '',
  isDone: true,
};

/** The server had arrived at a mode and leaves it: from here on everybody may be told one again. */
const LEAVES_MODE: RunSeen = { ...AFTER_FAILURE, script: 'mode' };

/** Each run of a script that a journal has meant, oldest first. */
function runsSeen(root: string, lines: readonly ScriptLine[]): readonly RunSeen[] {
  let hasArrived = false;
  return journalsOf(root).journals.flatMap((records) => {
    const [begin] = records;
    if (begin?.type !== 'begin') return [];
    const { runId } = begin;
    const starts = lines.filter((line) => line.what === 'start' && line.runId === runId);
    return records.flatMap((record, index): readonly RunSeen[] => {
      if (record.type === 'failed') return [AFTER_FAILURE];
      if (record.type === 'mode') {
        const leaves = hasArrived && record.mode === 'mode-updating';
        hasArrived = record.mode !== 'mode-updating';
        return leaves ? [LEAVES_MODE] : [];
      }
      if (record.type !== 'intent') return [];
      const { product, script, key } = record;
      const end = records
        .slice(index)
        .find((each) => each.type === 'exited' && each.product === product);
      const isDone = end?.type === 'exited' && end.end.how === 'exit' && end.end.exitCode === 0;
      // Scripts of one product run one after the other: its next line is that of this intent.
      const own = starts.findIndex((line) => line.product === product);
      const [line] = own < 0 ? [] : starts.splice(own, 1);
      return [
        { runId, product, script, call: line?.call ?? `${product} ${script} ${key}`, isDone },
      ];
    });
  });
}

/**
 * Second runs that no law allows: of what had ended well, the same again in a later run; and any two runs of one product at a time.
 * Lawful is what comes after the beginning of what supersedes it: another version brought, another mode told.
 */
export function unlawfulRuns(root: string, lines: readonly ScriptLine[]): readonly string[] {
  const runs = runsSeen(root, lines);
  const again = runs.filter((run, index) => {
    const before = runs
      .slice(0, index)
      .filter((each) => each.product === run.product || each.product === '');
    const last = before.findLastIndex(({ isDone, call }) => isDone && call === run.call);
    if (last < 0 || before[last]?.runId === run.runId) return false;
    return !before.slice(last + 1).some((between) => supersedes(between, run));
  });
  const overlaps = lines.filter(({ what }) => what === 'overlap');
  return [
    ...again.map(({ call }) => `done, and run again: ${call}`),
    ...overlaps.map(({ call }) => `two at a time: ${call}`),
  ];
}

function supersedes(between: RunSeen, run: RunSeen): boolean {
  if (between.call === run.call) return false;
  return between.script === run.script || ORDER.indexOf(between.script) < ORDER.indexOf(run.script);
}

// What comes later is done again once something before it was begun again.
const ORDER: readonly ScriptKind[] = ['provision', 'upgrade', 'remove', 'set', 'reload', 'mode'];
