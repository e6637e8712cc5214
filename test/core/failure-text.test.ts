import { describe, expect, test } from 'vitest';
import {
  failureWords,
  renderFailure,
  renderFailureLine,
} from '../../src/core/render/failure-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { EXIT_CODE, EXIT_CODE_MEANINGS, type Failure } from '../../src/model/failure.ts';
import { FAILURES, HOLDER } from './failures.ts';

const style = { palette: plainPalette, width: 80 };
const all = Object.values(FAILURES).flat<readonly (readonly Failure[])[]>();

describe('the words of a failure', () => {
  test.each(all.map((failure): [string, Failure] => [failure.code, failure]))(
    '%s: a summary on one line, and nothing that only a program could read',
    (_, failure) => {
      const { summary, detail, fix = 'none' } = failureWords(failure);
      expect(summary).toMatch(/^\S.*\S$/);
      expect(detail.every((line) => line !== '')).toBe(true);
      expect(fix).toMatch(/^\S/);
      for (const text of [summary, fix, ...detail, renderFailure(failure, style)])
        expect(text).not.toMatch(/undefined|\[object|NaN|null/);
      expect(renderFailure(failure, style)).toMatch(/[^\n]\n$/);
    },
  );

  test('each code has an exit code that is explained', () => {
    const explained = EXIT_CODE_MEANINGS.map(({ code }) => code);
    expect(Object.values(EXIT_CODE).filter((code) => !explained.includes(code))).toEqual([]);
    expect(explained).toEqual([...new Set(explained)].toSorted((a, b) => a - b));
  });

  test('say what happened, what the script said, and what to do', () => {
    expect(renderFailure(FAILURES['script-failed'][0], style)).toBe(
      [
        'error: haproxy/upgrade: /etc/bootstrap/upgrade-haproxy failed with exit code 3',
        '  E: Version 9 not found',
        '  try 2.6',
        'fix: mend what it says, then run bootstrap apply again',
        '',
      ].join('\n'),
    );
  });

  test('of a file are its diagnostics', () => {
    expect(renderFailure(FAILURES['desired-invalid'][0], style)).toMatch(
      /^site\.yaml:14:5: error\[unknown-key\] unknown key "maxcon"\n/,
    );
  });

  test.each([
    ['exit', 'failed with exit code 3'],
    ['signal', 'was ended by SIGKILL'],
    ['timeout', 'took longer than 10m and was ended'],
    ['not-started', 'could not be started: no such file'],
  ])('tell how a script ended: %s', (how, text) => {
    const failure = FAILURES['script-failed'].find(({ end }) => end.how === how);
    expect(failure && renderFailureLine(failure)).toContain(text);
  });

  test('name who holds the lock, since when', () => {
    const text = renderFailureLine(FAILURES.locked[0]);
    expect(text).toContain(`pid ${HOLDER.pid} (apply) since ${HOLDER.startedAt}`);
  });

  test('name each field that did not converge', () => {
    const { detail } = failureWords(FAILURES['not-converged'][0]);
    expect(new Set(detail)).toContain('haproxy.maxconn: differs');
    expect(new Set(detail)).toContain('haproxy.version: is 1, not 2');
    expect(new Set(detail)).toContain('server.mode: is idle, not production');
  });
});
