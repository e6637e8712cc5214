import { describe, expect, test } from 'vitest';
import { oldErrorOf } from '../../src/core/old-error.ts';
import type { Failure } from '../../src/model/failure.ts';
import { actionId, hostPath } from '../../src/model/ids.ts';
import { FAILURES } from './failures.ts';
import { named } from './states.ts';

const SCRIPT = hostPath('', '/etc/bootstrap/upgrade-web');
const failed: Failure = {
  code: 'script-failed',
  action: actionId('web', 'upgrade'),
  product: named('web'),
  path: SCRIPT,
  end: { how: 'exit', exitCode: 3 },
  tail: ['first', 'second\u001b[2J'],
  wasFailing: false,
};
const rolledBack: Failure = { code: 'rolled-back', generation: 4, products: [], left: [] };

describe('what the old tool would have said', () => {
  test('is one line, whatever failed', () => {
    for (const failure of Object.values<readonly Failure[]>(FAILURES).flat()) {
      const { tag, message } = oldErrorOf([failure]);
      expect(`${tag}: ${message}`).toMatch(/^(?:invalid-[a-z]+|script-error): \P{Cc}+$/u);
    }
  });

  test('names the end of what a script printed, and how the run ended', () => {
    expect(oldErrorOf([rolledBack, failed])).toEqual({
      tag: 'script-error',
      message:
        'web/upgrade: /etc/bootstrap/upgrade-web failed with exit code 3: first; second\\x1b[2J; rolled back to generation 4: everything is as it was, and verified',
    });
  });

  test('names the product of a script that is refused, as before, and what mends it', () => {
    const refusals = [
      { path: SCRIPT, why: 'it is not executable (0644)', fix: `chmod 0755 ${SCRIPT}` },
    ];
    expect(oldErrorOf([{ code: 'script-refused', refusals }], () => 'web')).toEqual({
      tag: 'invalid-script',
      message: `web ${SCRIPT}: it is not executable (0644): chmod 0755 ${SCRIPT}`,
    });
  });

  test('of a lock that is held is what it always was; of one in doubt, what the doubt is', () => {
    const locked: Failure = {
      code: 'locked',
      lockPath: '/run/bootstrap/lock',
      holder: undefined,
      doubt: undefined,
      waitedMs: 0,
    };
    expect(oldErrorOf([locked])).toEqual({
      tag: 'invalid-operation',
      message: 'Another command is already running',
    });
    const doubtful = oldErrorOf([{ ...locked, doubt: { about: 'machine' } }]);
    expect(doubtful.message).not.toContain('Another command');
  });
});
