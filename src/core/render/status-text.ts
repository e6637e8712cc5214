import type { Beat } from '../status.ts';
import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import { showProbe } from '../../model/heartbeat.ts';
import type { Condition, ProductStatusReport, StatusDocument } from '../../model/status.ts';
import type { Palette } from './palette.ts';

/** The status for a person: mode, products, then the conditions that say more than "fine". Ends in a newline. */
export function renderStatus(status: StatusDocument, palette: Palette): string {
  const mode = `${status.mode.actual ?? 'unknown'}${status.mode.desired === null || status.mode.desired === status.mode.actual ? '' : ` (desired: ${status.mode.desired})`}`;
  const head = `Server mode: ${palette.strong(mode)}`;
  const rows = [
    ['PRODUCT', 'SYNC', 'HEALTH', 'DESIRED', 'ACTUAL'],
    ...Object.entries(status.products).map(productRow),
  ];
  const reasons = Object.entries(status.products)
    .filter(([, product]) => product.reason !== null)
    .map(([name, product]) => palette.bad(escapeControls(`  ${name}: ${product.reason ?? ''}`)));
  const ready = status.conditions.find((condition) => condition.type === 'Ready');
  const others = status.conditions
    .filter(isWorthSaying)
    .map((condition) => conditionLine(condition));
  const last =
    ready === undefined
      ? []
      : [(ready.status === 'True' ? palette.good : palette.bad)(conditionLine(ready))];
  return `${[head, '', ...table(rows), ...reasons, '', ...others, ...last].join('\n')}\n`;
}

function productRow([name, product]: readonly [string, ProductStatusReport]): readonly string[] {
  return [name, product.sync, product.health, product.desired ?? '-', product.actual ?? '-'];
}

function conditionLine({ type, status, reason, message }: Condition): string {
  return escapeControls(`${type}=${status}  ${reason}: ${message}`);
}

const FINE: Readonly<Record<Condition['type'], Condition['status'] | undefined>> = {
  Ready: undefined,
  Reconciling: 'False',
  Stalled: 'False',
  Verified: 'True',
  DriftDetected: 'False',
  RolledBack: 'False',
  Suspended: 'False',
  SpecValid: 'True',
};

function isWorthSaying({ type, status, reason }: Condition): boolean {
  return type !== 'Ready' && status !== FINE[type] && reason !== 'NotApplicable';
}

/** Heartbeats for a person, a line each. Ends in a newline. */
export function renderBeats(beats: readonly Beat[], palette: Palette): string {
  if (beats.length === 0) return 'No heartbeats are declared.\n';
  const rows = beats.map((beat) => [
    beat.product,
    showProbe(beat.heartbeat.probe),
    beat.sample.verdict,
    detailOf(beat),
  ]);
  const lines = table(rows).map((line, index) => {
    const verdict = beats[index]?.sample.verdict;
    return verdict === 'pass'
      ? palette.good(line)
      : verdict === 'fail'
        ? palette.bad(line)
        : palette.warn(line);
  });
  return `${lines.join('\n')}\n`;
}

/** Heartbeats for programs (`bootstrap.heartbeat/1`). Latencies are in whole milliseconds. */
export function beatsDocument(beats: readonly Beat[]): object {
  return {
    schema: 'bootstrap.heartbeat/1',
    heartbeats: beats.map(({ product, heartbeat, sample }) => ({
      product,
      heartbeat: showProbe(heartbeat.probe),
      ...sample,
      ...('latencyMs' in sample ? { latencyMs: Math.round(sample.latencyMs) } : {}),
    })),
  };
}

function detailOf({ sample }: Beat): string {
  switch (sample.verdict) {
    case 'pass': {
      const pid = sample.identity === undefined ? '' : `, pid ${sample.identity.pid}`;
      return `${showDuration(sample.latencyMs)}${pid}`;
    }
    case 'fail':
    case 'error':
      return escapeControls(sample.reason);
  }
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
