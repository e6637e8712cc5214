import type { Change } from '../../model/change.ts';

/** Something that differs, in a few words. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case 'product-missing':
      return `${change.product}: is not installed`;
    case 'version-differs':
      return `${change.product}.version: is ${change.from}, not ${change.to}`;
    case 'repository-differs':
      return `${change.product}.repository: is ${change.from ?? '(none)'}, not ${change.to}`;
    case 'setting-differs':
      return `${change.product}.${change.setting.path.join('.')}: differs`;
    case 'config-differs':
      return `${change.product}: ${change.path} is ${change.found}`;
    case 'config-access-differs':
      return `${change.product}.config-${change.part}: is ${change.from ?? '(none)'}, not ${change.to}`;
    case 'product-unfinished':
      return `${change.product}: its status is ${change.status}`;
    case 'product-unwanted':
      return `${change.product}: is still there`;
    case 'protection-differs':
      return `${change.product}: is on record as ${change.to ? 'not protected' : 'protected'}`;
    case 'product-dead':
      return `${change.product}: is dead by ${change.by.join(', ')}`;
    case 'restart-unfinished':
      return `${change.product}: its restart was interrupted`;
    case 'redo-asked':
      return `${change.product}: was to be done again`;
    case 'mode-differs':
      return `server.mode: is ${change.from ?? 'unprovisioned'}, not ${change.to}`;
    case 'fact-unreadable':
      return `${change.product ?? 'server'}: ${change.fact}: ${change.why}`;
  }
}
