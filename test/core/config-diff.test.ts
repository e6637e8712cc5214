import { applyPatch, parsePatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configDiff } from '../../src/core/render/config-diff.ts';
import type { ConfigRewrite } from '../../src/model/plan.ts';
import { hostPath } from '../../src/model/ids.ts';
import { OTHER_SECRET, secretToken } from '../../src/model/secret.ts';
import { named } from './states.ts';

const path = hostPath('', '/etc/haproxy.cfg');

function rewrite(before: ConfigRewrite['before'], after: string): ConfigRewrite {
  return { product: named('haproxy'), path, before, after };
}

function applied(before: string, diff: string): string | false {
  const [patch] = parsePatch(diff);
  if (patch === undefined) throw new Error('it is no patch');
  return applyPatch(before, patch);
}

describe('how a config file changes', () => {
  test('is a unified diff, with three lines around each change', () => {
    const before = { text: 'a\nb\nc\nd\ne\nf\n' };
    expect(configDiff(rewrite(before, 'a\nb\nc\nd\nE\nf\n'))).toBe(
      [
        '--- /etc/haproxy.cfg',
        '+++ /etc/haproxy.cfg',
        '@@ -2,5 +2,5 @@',
        ' b',
        ' c',
        ' d',
        '-e',
        '+E',
        ' f',
        '',
      ].join('\n'),
    );
  });

  test('is from nothing where there is no file', () => {
    expect(configDiff(rewrite(undefined, 'a\n'))).toBe(
      '--- /dev/null\n+++ /etc/haproxy.cfg\n@@ -0,0 +1,1 @@\n+a\n',
    );
  });

  test('says where the last line does not end', () => {
    expect(configDiff(rewrite({ text: 'a' }, 'a\n'))).toBe(
      [
        '--- /etc/haproxy.cfg',
        '+++ /etc/haproxy.cfg',
        '@@ -1,1 +1,1 @@',
        '-a',
        '\\ No newline at end of file',
        '+a',
        '',
      ].join('\n'),
    );
  });

  test('shows secrets by their place', () => {
    const token = secretToken({ source: 'fromFile', name: '/run/secrets/key' });
    const diff = configDiff(rewrite({ text: `key=${OTHER_SECRET}\n` }, `key=${token}\n`));
    expect(diff).toContain('-key=(secret)\n+key=(secret fromFile /run/secrets/key)\n');
  });

  test('is not told where the file may hold secrets that cannot be told apart', () => {
    expect(configDiff(rewrite('hidden', 'a\n'))).toBeNull();
  });

  test('is all of the one and all of the other where they have little in common', () => {
    const lines = (mark: string): string => Array.from({ length: 999 }, () => mark).join('\n');
    const [before, after] = [lines('a'), `${lines('b')}\n`];
    const diff = configDiff(rewrite({ text: before }, after)) ?? '';
    expect(diff).toContain('\n@@ -1,999 +1,999 @@\n-a\n-a\n');
    expect(diff).toContain('\n-a\n\\ No newline at end of file\n+b\n');
    expect(applied(before, diff)).toBe(after);
    expect(applied('', configDiff(rewrite(undefined, after.repeat(2))) ?? '')).toBe(
      after.repeat(2),
    );
  });

  test('leads, as patch(1) would, from the one text to the other', () => {
    const line = fc.constantFrom('a', 'b', '', '-c', '+d', '@@ -1 +1 @@', '--- e', '\\ f', 'g\t');
    const text = fc
      .tuple(fc.array(line), fc.constantFrom('', '\n'))
      .map(([lines, end]) => lines.join('\n') + (lines.length === 0 ? '' : end));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = configDiff(rewrite({ text: before }, after)) ?? '';
        expect(applied(before, diff)).toBe(after);
      }),
    );
  });
});
