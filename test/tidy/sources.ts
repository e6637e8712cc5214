import { readdirSync, readFileSync } from 'node:fs';

/** Every hand-written .ts file under src/ with its text, by path ('src/core/diff.ts'). */
export function readSources(): Map<string, string> {
  const paths = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('.generated.'))
    .map((path) => `src/${path}`)
    .toSorted();
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}
