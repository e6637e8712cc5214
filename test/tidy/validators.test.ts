// What .build/validators.mjs wrote is what it would write today: a schema that was changed since would be checked by nobody.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

test('what is generated from the schemas is fresh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-generated-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync(process.execPath, ['.build/validators.mjs', folder], { timeout: 20_000 });
  const fresh = readdirSync(folder).toSorted();
  expect(fresh).toContain('validators.generated.js');
  const stale = fresh.filter(
    (name) => readFileSync(join(folder, name), 'utf8') !== textOf(`src/desired/${name}`),
  );
  expect(stale, 'Fix: npm run build').toEqual([]);
  const ours = readdirSync('src/desired').filter((name) => name.includes('.generated.'));
  expect(ours.toSorted(), 'Fix: remove what nothing generates any more').toEqual(fresh);
});

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // never generated
  }
}
