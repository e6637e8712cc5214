import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A program of this folder, bundled, since Node 20 cannot run TypeScript. */
export interface Program {
  /** Where it is, in a folder of its own for whatever else the test makes. */
  readonly path: string;
  readonly folder: string;
  readonly remove: () => void;
}

/** Bundles `NAME.ts`. */
export async function buildProgram(name: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), `bootstrap-${name}-`));
  const path = join(folder, `${name}.cjs`);
  await build({
    entryPoints: [`test/faults/files/${name}.ts`],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { FAILPOINTS: 'false' },
  });
  return { path, folder, remove: () => rmSync(folder, { recursive: true }) };
}
