import { escapeControls } from '../../model/escape.ts';
import type { Condition, ProductStatusReport, StatusDocument } from '../../model/status.ts';
import type { Palette } from './palette.ts';
import { tableLines } from './table.ts';

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
  return `${[head, '', ...tableLines(rows), ...reasons, '', ...others, ...last].join('\n')}\n`;
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
