// What the pipelines of examples/gitops make of each exit code of apply.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { transcript, type Ended } from '../cli.ts';
import { GITHUB_SCRIPTS, GITHUB_SHELL } from './github.ts';
import { GITLAB_SCRIPTS, gitlabScript } from './gitlab.ts';
import { runScript } from './world.ts';

describe.each([
  { ci: 'GitHub Actions', shell: GITHUB_SHELL, text: applyIn(GITHUB_SCRIPTS) },
  { ci: 'GitLab CI', shell: ['bash'], text: gitlabScript([applyIn(GITLAB_SCRIPTS)]) },
  { ci: 'GitLab CI, without bash', shell: ['dash'], text: gitlabScript([applyIn(GITLAB_SCRIPTS)]) },
])('an exit code of apply on $ci', ({ shell, text }) => {
  test.each([
    { code: 1, said: 'bootstrap exit-codes says what 1 means' },
    { code: 3, said: 'ALARM' },
    { code: 4, said: 'ALARM' },
    { code: 5, said: 'Plan again' },
    { code: 6, said: 'Refused' },
    { code: 7, said: 'Stopped half-way' },
    { code: 8, said: 'Stopped half-way' },
  ])('$code is told once, and is how the job ends', async ({ code, said }) => {
    const { ended, applies } = await applyEndingWith([code], { shell, text });
    expect(ended.exitCode, transcript(ended)).toBe(code);
    expect(applies).toBe(1);
    expect(ended.stdout.trim().split('\n')).toEqual([expect.stringContaining(said)]);
  });

  test('75 is tried again, three times at most', async () => {
    const soon = await applyEndingWith([75, 0], { shell, text });
    expect([soon.ended.exitCode, soon.applies]).toEqual([0, 2]);
    expect(soon.ended.stdout).toBe('');
    const never = await applyEndingWith([75, 75, 75, 0], { shell, text });
    expect([never.ended.exitCode, never.applies]).toEqual([75, 3]);
    expect(never.ended.stdout).toContain('Locked');
  });
});

function applyIn(scripts: readonly string[]): string {
  return scripts
    .filter((text) => text.includes('bootstrap apply'))
    .map((text) => text.replace('bootstrap show plan.json\n', ''))
    .join();
}

/** Runs the script of `apply` with a bootstrap that only ends, with each of `codes` in turn. */
async function applyEndingWith(
  codes: readonly number[],
  { shell, text }: { readonly shell: readonly string[]; readonly text: string },
): Promise<{ readonly ended: Ended; readonly applies: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'bootstrap-gitops-codes-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const stub = `#!/bin/sh
[ "$*" = 'apply plan.json --yes --lock-timeout 5m' ] || exit 64
echo >>applies
set -- ${codes.join(' ')}
shift $(($(wc -l <applies) - 1))
exit "$1"
`;
  writeFileSync(join(dir, 'bootstrap'), stub, { mode: 0o755 });
  const ended = await runScript(dir, { shell, text, cwd: dir, env: {}, path: [dir] });
  return { ended, applies: readFileSync(join(dir, 'applies'), 'utf8').length };
}
