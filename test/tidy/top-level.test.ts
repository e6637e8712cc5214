// The top level is the first thing a reader sees: only what must stand there stands there.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const ALLOWED =
  'package.json package-lock.json tsconfig.json src schemas examples test README.md LICENSE CHANGELOG.md';

test('the top level holds only what must stand there', () => {
  // Files not yet added count too: better told before the commit than by CI after it.
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  const top = new Set(listed.split('\n').map((path) => path.split('/')[0] ?? ''));
  const strangers = [...top].filter(
    (name) => !name.startsWith('.') && !ALLOWED.split(' ').includes(name) && name !== '',
  );
  expect(
    strangers,
    'Fix: move it under src/, test/ or examples/, make it a dotfile, or ignore it',
  ).toEqual([]);
});
