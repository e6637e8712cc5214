import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Generation } from '../../model/generation.ts';
import type { PastRun } from '../../model/history.ts';
import type { FailureNote, JournalRecord } from '../../model/journal.ts';
import { failuresOfRun } from '../run-account.ts';
import type { Palette } from './palette.ts';
import { tableLines } from './table.ts';

/** What runs did, newest first, and the generations that can be gone back to. Ends in a newline. */
export function renderHistory(
  runs: readonly PastRun[],
  generations: readonly Generation[],
  palette: Palette,
): string {
  if (runs.length === 0) return 'Nothing was ever changed on this server.\n';
  const rows = runs.map((run) => [
    run.runId,
    commandOf(run),
    outcomeOf(run),
    verdictsOf(run),
    generations.find(({ runId }) => runId === run.runId)?.number.toString() ?? '-',
  ]);
  const lines = tableLines([['RUN', 'COMMAND', 'OUTCOME', 'ACTIONS', 'GENERATION'], ...rows]);
  const good = generations.filter(({ outcome }) => outcome === 'good');
  const back = `Good generations: ${good.map(({ number }) => number).join(', ') || 'none'}.`;
  return `${[...lines, '', palette.strong(back)].join('\n')}\n`;
}

function commandOf({ records }: PastRun): string {
  const [begin] = records;
  return begin?.type === 'begin' ? begin.command : '?';
}

function outcomeOf({ records, damage }: PastRun): string {
  if (damage !== undefined) return `damaged: ${damage}`;
  const end = records.findLast((record) => record.type === 'end');
  return end?.type === 'end' ? `${end.outcome} (${end.exitCode})` : 'ended early';
}

function verdictsOf({ records }: PastRun): string {
  const counts = new Map<string, number>();
  const back = records.findIndex(({ type }) => type === 'rollback');
  // The way back is told by the outcome.
  for (const record of back === -1 ? records : records.slice(0, back))
    if (record.type === 'action') counts.set(record.verdict, (counts.get(record.verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ') || 'none';
}

/** One run, a line an action with its verdict, what failed below it. Ends in a newline. */
export function renderRun(run: PastRun, palette: Palette): string {
  const lines = [
    ...run.records.flatMap((record) => recordLines(record, palette)),
    ...failuresOfRun(run.records)
      .flatMap(noteLines)
      .map((line) => palette.bad(`  ${line}`)),
  ];
  const head = `${palette.strong(run.runId)}  ${commandOf(run)}: ${outcomeOf(run)}`;
  return `${[head, ...lines].join('\n')}\n`;
}

function recordLines(record: JournalRecord, palette: Palette): readonly string[] {
  switch (record.type) {
    case 'action': {
      const { id, verdict, durationMs, failures } = record;
      const paint = verdict === 'succeeded' ? palette.good : palette.bad;
      return [
        paint(`  ${id}: ${verdict} after ${showDuration(durationMs)}`),
        ...failures.flatMap(noteLines).map((line) => `    ${line}`),
      ];
    }
    case 'exited': {
      const { action, product, end } = record;
      const how = end.how === 'exit' ? `exit code ${end.exitCode}` : end.how;
      return [palette.faint(`  ${action}: script of ${product} ended: ${how}`)];
    }
    case 'verified':
      return [
        record.passed
          ? palette.good(`  ${record.id}: healthy`)
          : palette.bad(`  ${record.id}: not healthy`),
      ];
    case 'rollback':
      return [palette.warn(`  rollback to generation ${record.generation}: ${record.state}`)];
    case 'mode':
      return [`  server-mode: ${record.mode}`];
    case 'begin':
    case 'intent':
    case 'spawned':
    case 'valid':
    case 'failed':
    case 'faulty':
    case 'forgotten':
    case 'end':
      return [];
  }
}

function noteLines({ summary, detail }: FailureNote): readonly string[] {
  return [summary, ...detail].map(escapeControls);
}

/** The same for programs (`bootstrap.history/1`). */
export function historyDocument(
  runs: readonly PastRun[],
  generations: readonly Generation[],
): object {
  return {
    schema: 'bootstrap.history/1',
    runs: runs.map(({ runId, records, damage }) => ({ runId, damage: damage ?? null, records })),
    generations: generations.map(({ number, revision, outcome, runId, time }) => ({
      number,
      revision,
      outcome,
      runId,
      time,
    })),
  };
}
