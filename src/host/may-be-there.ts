import { statSync } from 'node:fs';
import { errorWords } from './system-error.ts';

/** False only where nothing is at a path; links followed, and what cannot be told counts as there. For who would load a whole host to look. */
export function mayBeThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (thrown) {
    errorWords(thrown);
    return true;
  }
}
