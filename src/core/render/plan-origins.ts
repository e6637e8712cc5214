import type { Action } from '../../model/action.ts';
import type { DocumentPath, OriginOf } from '../../model/document.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Plan } from '../../model/plan.ts';

/** Says of a value of an action which file and line set it: `, set by prod.yaml:12`; '' where none did. */
export function origins(plan: Plan, originOf: OriginOf): (action: Action, name: string) => string {
  const pathOf = pathsIn(plan);
  return (action, name) => {
    const path = pathOf(action, name);
    const place = path && originOf(path);
    return place === undefined ? '' : `, set by ${escapeControls(place.file)}:${place.line}`;
  };
}

// Actions name settings by one text: `tls.key` could be two paths, so the changes are asked for theirs.
function pathsIn({ changes }: Plan): (action: Action, name: string) => DocumentPath | undefined {
  const paths = new Map<string, readonly string[]>();
  let mode: string | undefined;
  for (const change of changes) {
    if (change.kind === 'mode-differs') mode = change.to;
    if (change.kind !== 'setting-differs') continue;
    const { path } = change.setting;
    paths.set(`${change.product}/${path.join('.')}`, path);
  }
  return ({ kind, product, after }, name) => {
    // On its way the server passes through modes that nobody wrote down.
    if (kind === 'mode') return after['mode'] === mode ? ['server', 'mode'] : undefined;
    if (product === undefined) return undefined;
    const setting = kind === 'set' ? paths.get(`${product}/${name}`) : undefined;
    return ['products', product, ...(setting === undefined ? [name] : ['settings', ...setting])];
  };
}
