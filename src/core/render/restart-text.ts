import type { RestartRecord } from '../../model/restart.ts';
import { isDue } from '../restart-record.ts';

/** When a dead product is restarted next. */
export function restartText(record: RestartRecord, now: Date): string {
  const what = isDue(record, now)
    ? 'the next apply restarts it'
    : `next restart at ${record.nextAt}`;
  return `${what}, attempt ${record.attempts + 1}`;
}
