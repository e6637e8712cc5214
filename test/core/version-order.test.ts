import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, isDowngrade } from '../../src/core/version-order.ts';
import { parseVersion } from '../../src/model/ids.ts';
import { versioned } from './states.ts';

describe('a downgrade', () => {
  test.each([
    ['2.0', '1.9', true],
    ['1.10', '1.9', true],
    ['1.9', '1.10', false],
    ['1', '1', false],
    ['1.0', '1.0~rc1', true],
    ['1:1.0', '2.0', true],
    ['2.6.12-1+deb12u4', '2.6.12-1+deb12u3', true],
    ['2.6.12-1', '2.6.12-1+deb12u4', false],
    ['1.0-0', '1.0', false],
    // Without an order nothing is a downgrade.
    ['2.0', 'TRUNK/haproxy-latest', false],
    ['TRUNK/haproxy-latest', '1.0', false],
    ['2.0', 'latest', false],
    ['9.0-latest', '1.0', false],
    ['b/2', 'b/1', false],
  ])('from %s to %s: %s', (from, to, is) => {
    expect(isDowngrade(versioned(from), versioned(to))).toBe(is);
  });
});

test('versions are ordered as dpkg orders them', { skip: !hasDpkg() }, () => {
  const pairs = fc.sample(fc.tuple(debianVersion(), debianVersion()), { numRuns: PAIRS, seed: 1 });
  const near = fc.sample(debianVersion().chain(withNeighbour), { numRuns: PAIRS, seed: 2 });
  const all = [...pairs, ...near];
  expect(all.every((pair) => pair.every((each) => parseVersion(each) !== undefined))).toBe(true);
  const ours = all.map(([a, b]) => `${a} ${'<=>'[Math.sign(compareVersions(a, b)) + 1]} ${b}`);
  expect(ours).toEqual(dpkgCompares(all));
  // Else the samples would say little.
  expect(ours.filter((line) => line.includes(' = ')).length).toBeGreaterThan(PAIRS / 20);
});

test('the order is one: never both ways, and the same from both sides', () => {
  fc.assert(
    fc.property(debianVersion(), debianVersion(), debianVersion(), (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

const PAIRS = 250;

/** Versions as Policy 5.6.12 has them, more of the odd ones than Debian has. */
function debianVersion(): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom(
      '0',
      '1',
      '9',
      '10',
      '007',
      '90071992547409931',
      '.',
      '+',
      '~',
      '~~',
      'a',
      'Z',
      'rc',
      '+deb12u',
      '~bpo',
    ),
    fc.nat(120).map(String),
  );
  const upstream = fc.array(part, { maxLength: 5 }).map((parts) => `1${parts.join('')}`);
  const hyphened = fc
    .tuple(upstream, fc.option(upstream))
    .map(([a, b]) => (b === null ? a : `${a}-${b}`));
  const revision = fc.option(
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  );
  const epoch = fc.option(fc.constantFrom('0', '1', '2', '10'));
  return fc
    .tuple(epoch, hyphened, revision)
    .map(([e, u, r]) => `${e === null ? '' : `${e}:`}${u}${r === null ? '' : `-${r}`}`);
}

/** A version and one that differs by little, or only in how it is written. */
function withNeighbour(version: string): fc.Arbitrary<readonly [string, string]> {
  return fc
    .constantFrom(
      version,
      `0:${version}`,
      `${version}~`,
      `${version}0`,
      `${version}+`,
      `${version}-0`,
      version.replace(/\d/, (digit) => `0${digit}`),
      version.replace(/-?.$/, ''),
    )
    .map((other) => [version, other === '' ? version : other] as const);
}

function hasDpkg(): boolean {
  try {
    execFileSync('dpkg', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The same lines as dpkg sees it: one shell, one dpkg or two a pair. */
function dpkgCompares(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const script = `while read -r a b; do
    if dpkg --compare-versions "$a" lt "$b"; then echo "$a < $b"
    elif dpkg --compare-versions "$a" eq "$b"; then echo "$a = $b"
    else echo "$a > $b"; fi
  done`;
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  return execFileSync('sh', ['-c', script], { input, encoding: 'utf8' }).trimEnd().split('\n');
}
