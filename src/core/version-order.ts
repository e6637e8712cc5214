import type { Version } from '../model/ids.ts';

/**
 * Whether going from one version to another is a step back, in the order of deb-version(7).
 * A version with `/` in it, or ending in `latest`, has no order: going there or from there never is.
 */
export function isDowngrade(from: Version, to: Version): boolean {
  return isOrdered(from) && isOrdered(to) && compareVersions(from, to) > 0;
}

function isOrdered(version: Version): boolean {
  return !version.includes('/') && !version.endsWith('latest');
}

/** Below 0, 0 or above 0 as dpkg --compare-versions orders the two. Source: deb-version(7). */
export function compareVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  return (
    left.epoch - right.epoch ||
    compareRuns(left.upstream, right.upstream) ||
    compareRuns(left.revision, right.revision)
  );
}

interface VersionParts {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

function partsOf(version: string): VersionParts {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)) || 0,
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

// Runs of non-digits and of digits take turns; the first that differs decides.
function compareRuns(a: string, b: string): number {
  let left = a;
  let right = b;
  while (left !== '' || right !== '') {
    const [leftText, rightText] = [leading(left, /^[^0-9]*/), leading(right, /^[^0-9]*/)];
    const byText = compareNonDigits(leftText, rightText);
    if (byText !== 0) return byText;
    left = left.slice(leftText.length);
    right = right.slice(rightText.length);
    const [leftDigits, rightDigits] = [leading(left, /^[0-9]*/), leading(right, /^[0-9]*/)];
    const byNumber = compareDigits(leftDigits, rightDigits);
    if (byNumber !== 0) return byNumber;
    left = left.slice(leftDigits.length);
    right = right.slice(rightDigits.length);
  }
  return 0;
}

function leading(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[0] ?? '';
}

function compareNonDigits(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = weight(a[index]) - weight(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

// The tilde sorts before the end of the text, the end before letters, letters before all else.
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

// By length first, so that numbers beyond 2^53 compare rightly.
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
