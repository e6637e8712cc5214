import { expect } from 'vitest';
import { lastRunIn } from '../../src/core/progress.ts';
import type { ScriptKind } from '../../src/model/definition.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { ActionId, HostPath, RunId } from '../../src/model/ids.ts';
import type { JournalBody, JournalRecord, LastRun } from '../../src/model/journal.ts';
import type { ServerMode } from '../../src/model/mode.ts';
import { named } from './states.ts';

const runId = '20261122T142200Z-000000000000' as RunId;
const NOTE = { code: 'script-failed', summary: 'web/upgrade failed', detail: [] };

/** What is open and done after a journal of `WHAT PRODUCT …, WHAT PRODUCT …`. */
export function folded(journal: string): LastRun {
  return lastRunIn(recordsOf(journal)) ?? expect.unreachable();
}

/** The records of `WHAT PRODUCT …, WHAT PRODUCT …`, with the first line of a journal. */
export function recordsOf(journal: string): readonly JournalRecord[] {
  const begin: JournalBody = {
    type: 'begin',
    schema: 'bootstrap.journal/1',
    runId,
    command: 'apply',
    revision: 'r1',
    actions: [],
    carried: [],
    rollback: null,
  };
  const bodies = journal.split(', ').flatMap((text) => (text === '' ? [] : [bodyOf(text)]));
  return [begin, ...bodies].map((body, index) => ({ seq: index + 1, time: '', ...body }));
}

function bodyOf(text: string): JournalBody {
  const [type, word = '', third = '', ...rest] = text.split(' ');
  const action = `${word}/step` as ActionId;
  const product = named(/^[a-z]+$/.test(word) ? word : 'web');
  switch (type) {
    case 'intent': {
      const [path, timeoutMs] = [`/etc/bootstrap/${third}` as HostPath, durationMs(1)];
      const script = third as ScriptKind;
      return { type, action, product, script, path, args: [], key: rest.join(' '), timeoutMs };
    }
    case 'spawned':
      return { type, action, product, pid: 7, startTicks: 7 };
    case 'exited':
      return { type, action, product, end: endOf(third) };
    case 'valid':
    case 'failed':
    case 'forgotten':
      return { type, product };
    case 'mode':
      return { type, mode: word as ServerMode };
    case 'action':
      return { type, id: word as ActionId, verdict: 'failed', durationMs: 1, failures: [NOTE] };
    case 'faulty':
      return { type, product, reason: third };
    case 'rollback': {
      const generation = 1;
      if (word === 'ended') return { type, state: word, generation };
      return { type, state: 'begun', generation, products: null, faults: [[named('web'), 'bad']] };
    }
    case 'verified':
      return { type, id: word as ActionId, passed: true };
    case undefined:
    default:
      return { type: 'end', outcome: 'changed', exitCode: 0 };
  }
}

function endOf(word: string): Extract<JournalBody, { readonly type: 'exited' }>['end'] {
  if (word === 'signal') return { how: 'signal', signal: 'SIGKILL' };
  if (word === 'timeout') return { how: 'timeout', afterMs: durationMs(1) };
  if (word === 'not-started') return { how: 'not-started', why: 'no such file' };
  return { how: 'exit', exitCode: Number(word) };
}
