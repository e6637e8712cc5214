import { distance } from 'fastest-levenshtein';

/** Longer words are no slip of the pen, and cost time to compare. */
const WORD_LENGTH_MAX = 64;

/** The candidate that a misspelt word most likely means, or undefined where none is near. Case does not count. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const away = distance(word.toLowerCase(), candidate.toLowerCase());
    // Two changes make any word of two letters into any other.
    if (away >= bestDistance || away >= Math.min(word.length, candidate.length)) continue;
    best = candidate;
    bestDistance = away;
  }
  return best;
}
