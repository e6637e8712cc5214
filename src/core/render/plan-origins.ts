import type { Action } from '../../model/action.ts';
import type { DocumentPath, OriginOf } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import type { PlanBody } from '../../model/plan-document.ts';
import { settingLabel } from '../setting-label.ts';

/** Which file and line set the values of a plan's actions; nothing of those that no file set. */
export function originsIn(plan: Plan, originOf: OriginOf): PlanBody['origins'] {
  const pathOf = pathsIn(plan);
  const ofAction = (action: Action): PlanBody['origins'][string] =>
    Object.fromEntries(
      Object.keys(action.after).flatMap((name) => {
        const path = pathOf(action, name);
        const place = path && originOf(path);
        return place === undefined ? [] : [[name, { file: place.file, line: place.line }]];
      }),
    );
  const origins = plan.actions.map((action) => [action.id, ofAction(action)] as const);
  return Object.fromEntries(origins.filter(([, values]) => Object.keys(values).length > 0));
}

// Actions name settings by one text: `tls.key` could be two paths, so the changes are asked for theirs.
function pathsIn({ changes }: Plan): (action: Action, name: string) => DocumentPath | undefined {
  const paths = new Map<string, readonly string[]>();
  let mode: string | undefined;
  for (const change of changes) {
    if (change.kind === 'mode-differs') mode = change.to;
    if (change.kind !== 'setting-differs') continue;
    const { path } = change.setting;
    paths.set(`${change.product}/${settingLabel(path)}`, path);
  }
  return ({ kind, product, after }, name) => {
    // On its way the server passes through modes that nobody wrote down.
    if (kind === 'mode') return after[name] === mode ? ['server', 'mode'] : undefined;
    if (product === undefined || after[name] === null) return undefined;
    const setting = kind === 'set' ? paths.get(`${product}/${name}`) : undefined;
    return ['products', product, ...(setting === undefined ? [name] : ['settings', ...setting])];
  };
}
