import type { Host } from '../host/host.ts';
import type { ConfigAccess, ConfigDefinition } from '../model/definition.ts';
import { absent, mapFact, valueOf, type Fact } from '../model/fact.ts';
import { hostPath } from '../model/ids.ts';

const OCTAL = 8;

/** Of what is declared, whose the config file is and its permission bits; absent also where nothing is declared. Numbers where a declared name is not true. */
export function readConfigAccess(
  { files, machine }: Pick<Host, 'files' | 'machine'>,
  { root, config }: { readonly root: string; readonly config: ConfigDefinition },
): Fact<ConfigAccess> {
  const { owner, group, mode } = config.access;
  if (owner === undefined && group === undefined && mode === undefined) return absent;
  return mapFact(files.inspect(hostPath(root, config.path)), (info) => ({
    // An account that is not there yet is nobody's: the product's own script may make it.
    owner: owner && accountOf(owner, valueOf(machine.userId(owner)), info.uid),
    group: group && accountOf(group, valueOf(machine.groupId(group)), info.gid),
    mode: mode && info.mode.toString(OCTAL).padStart(4, '0'),
  }));
}

function accountOf(declared: string, id: number | undefined, found: number): string {
  return id === found ? declared : String(found);
}
