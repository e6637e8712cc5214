import type { Action } from '../../model/action.ts';
import type { DocumentPath, OriginOf } from '../../model/document.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Plan } from '../../model/plan.ts';

/** Says of a value of an action which file and line set it: `, set by prod.yaml:12`; '' where none did. */
export function origins(plan: Plan, originOf: OriginOf): (action: Action, name: string) => string {
  const settingPaths = settingPathsIn(plan);
  return (action, name) => {
    const path = settingPaths.get(keyOf(action.product, name)) ?? [name];
    const place = originOf(pathOf(action, name, path));
    return place === undefined ? '' : `, set by ${escapeControls(place.file)}:${place.line}`;
  };
}

// Actions name settings by one text: `tls.key` could be two paths, so the changes are asked for theirs.
function settingPathsIn({ changes }: Plan): ReadonlyMap<string, readonly string[]> {
  return new Map(
    changes.flatMap((change) =>
      change.kind === 'setting-differs'
        ? [[keyOf(change.product, change.setting.path.join('.')), change.setting.path] as const]
        : [],
    ),
  );
}

function keyOf(product: string | undefined, name: string): string {
  return `${product} ${name}`;
}

function pathOf({ kind, product }: Action, name: string, settingPath: DocumentPath): DocumentPath {
  if (product === undefined || kind === 'mode') return ['server', 'mode'];
  const isSetting = kind === 'set' && name !== 'repository';
  return ['products', product, ...(isSetting ? ['settings', ...settingPath] : [name])];
}
