import { dirname, resolve } from 'node:path';
import type { Files } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import { hostPath } from '../model/ids.ts';

/** Where the schema of desired states is, for an editor: beside this program, as it is installed; else as CONTRACT 1.3 shows it. */
export function schemaReference(files: Files): string {
  const program = valueOf(files.resolve(hostPath('', resolve(process.argv[1] ?? ''))));
  const path = program && resolve(dirname(program), '../schemas/desired-state.schema.json');
  // Editors read the reference up to its first blank.
  const isUsable = path !== undefined && !/\s/.test(path);
  return isUsable && files.inspect(hostPath('', path)).kind === 'known'
    ? path
    : './schemas/desired-state.schema.json';
}
