import { execFileSync } from 'node:child_process';

/** Builds dist/ before the first test, so that tests of the command line never run yesterday's; `npm test` has built it already and says so. */
export function setup(): void {
  if (process.env['BOOTSTRAP_DIST_BUILT'] === '1') return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
