import type { Action, Deed } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import type { ProductDefinition } from '../model/definition.ts';
import { valueOf } from '../model/fact.ts';
import { actionId, hostPath } from '../model/ids.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { ProductProgress } from '../model/journal.ts';
import type { ActualProduct } from '../model/state.ts';
import type { States } from './diff.ts';
import { interruptedBy, runsOf } from './done.ts';
import type { ModeRoute } from './route.ts';

type Unwanted = Extract<Change, { readonly kind: 'product-unwanted' }>;

interface RemovalOptions {
  readonly route: ModeRoute;
  /** How far an earlier run came with it. */
  readonly progress: ProductProgress;
}

/** The action that removes a product and all that is on record of it; [] where bootstrap.ini does not know it. */
export function decideRemoval(
  { actual, definition }: States,
  { product: name, at }: Unwanted,
  { route, progress }: RemovalOptions,
): readonly Action[] {
  const product = definition.products.get(name);
  const found = actual.leftovers.get(name);
  if (product === undefined || found === undefined) return [];
  const { root } = definition;
  const version = at ?? '';
  // It ended well before its run was interrupted: only what follows it is left.
  const scripts = progress.done.remove === version ? [] : scriptDeeds(product, version, root);
  return [
    {
      id: actionId(name, 'remove'),
      kind: 'remove',
      product: name,
      before: { version: at ?? null },
      after: { version: null },
      reason: 'not-in-file',
      cause: 'spec',
      certainty: product.scripts.has('remove') ? 'opaque' : 'exact',
      dependsOn: [],
      undo: undefined,
      blocked:
        refusal(product, found) ?? interruptedBy({ product, progress }, scripts.flatMap(runsOf)),
      disruptive: route.during === WORKING_MODE,
      deeds: [
        ...scripts,
        ...configDeeds(product, found, root),
        { do: 'forget-product', product: name },
      ],
    },
  ];
}

// What a script installed only a script can remove; what is a record only goes with it.
function refusal({ name, scripts }: ProductDefinition, found: ActualProduct): Action['blocked'] {
  if (valueOf(found.protected) === true) return { by: 'protection', product: name };
  const isInstalled = scripts.has('upgrade') || scripts.has('provision');
  if (isInstalled && !scripts.has('remove')) return { by: 'no-remove-script', product: name };
  return undefined;
}

function scriptDeeds(
  { name, scripts, timeoutMs }: ProductDefinition,
  version: string,
  root: string,
): readonly Deed[] {
  const script = scripts.get('remove');
  if (script === undefined) return [];
  const path = hostPath(root, script.path);
  return [
    // From here on it is on record that the product may be half gone.
    { do: 'record-product', product: name, status: 'upgrading' },
    {
      do: 'run-script',
      run: {
        product: name,
        kind: 'remove',
        path,
        args: [version],
        stdin: undefined,
        timeoutMs,
        key: version,
        wasFailing: false,
      },
    },
  ];
}

// Only a file that bootstrap wrote is its to remove.
function configDeeds(
  { name, config }: ProductDefinition,
  { applied, written }: ActualProduct,
  root: string,
): readonly Deed[] {
  const isOurs = applied.kind === 'known' || written.kind === 'known';
  if (config === undefined || !isOurs) return [];
  return [{ do: 'remove-config', product: name, path: hostPath(root, config.path) }];
}
