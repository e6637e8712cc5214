// How the lock reads: whatever its state, in words for a person and with the same facts for a program.
import { describe, expect, test } from 'vitest';
import { brokenDocument, lockDocument } from '../../src/core/render/lock-json.ts';
import { renderBroken, renderLock } from '../../src/core/render/lock-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import type { DeathProof, Liveness, LockReport } from '../../src/model/lock.ts';
import { DOUBTS, HOLDER } from './failures.ts';

const PATH = '/run/bootstrap/lock';
const PROOFS: readonly DeathProof[] = ['rebooted', 'ended', 'pid-reused'];
const LIVENESSES: readonly Liveness[] = [
  { is: 'alive' },
  ...PROOFS.map((proof) => ({ is: 'dead', proof }) as const),
  ...DOUBTS.map((doubt) => ({ is: 'unknown', doubt }) as const),
];

describe('a held lock', () => {
  test.each(LIVENESSES.map((liveness) => [JSON.stringify(liveness), liveness] as const))(
    'of %s',
    (_, liveness) => {
      const report = held({ liveness });
      const text = renderLock(report, PATH, plainPalette);
      expect(text).toContain(`\n  verdict:   ${liveness.is}`);
      expect(text).not.toMatch(/undefined|\[object|NaN|null/);
      expect(text.includes('fix: ')).toBe(liveness.is === 'unknown');
      expect(lockDocument(report, PATH)).toMatchObject({
        schema: 'bootstrap.lock/1',
        state: 'held',
        holder: HOLDER,
        verdict: liveness.is,
      });
    },
  );

  test('of which nothing is to be seen', () => {
    const report = held({ processState: undefined, heartbeatAgeMs: undefined });
    const text = renderLock(report, PATH, plainPalette);
    expect(text).toContain('process:   not to be seen here\n  heartbeat: none to be seen\n');
    const seen = { processState: null, heartbeatAgeMs: null };
    expect(lockDocument(report, PATH)).toMatchObject(seen);
  });

  test('whose record holds control characters moves no cursor', () => {
    const command = '\u001b[2Japply';
    const text = renderLock(held({ holder: { ...HOLDER, command } }), PATH, plainPalette);
    expect(text).toContain(String.raw`(\x1b[2Japply)`);
  });
});

test('a broken lock is free, and it is said how', () => {
  const broken = { state: 'broken', holder: HOLDER, ended: 'SIGKILL' } as const;
  expect(renderBroken(broken, plainPalette)).toBe(
    `The lock was broken: its holder was ended by SIGKILL, and is dead: pid ${HOLDER.pid} (apply) since ${HOLDER.startedAt}.\n` +
      'A script of that run may still be running: look before the next.\n',
  );
  expect(brokenDocument(broken, PATH)).toEqual({
    schema: 'bootstrap.lock/1',
    path: PATH,
    state: 'free',
    broken: { holder: HOLDER, ended: 'SIGKILL' },
  });
});

function held(over: Partial<Extract<LockReport, { readonly state: 'held' }>>): LockReport {
  return {
    state: 'held',
    holder: HOLDER,
    liveness: { is: 'alive' },
    processState: 'S',
    heartbeatAgeMs: 400.4,
    ...over,
  };
}
