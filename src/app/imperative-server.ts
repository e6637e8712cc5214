import { compareText } from '../model/text-order.ts';
import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import { DESIRED_MODES, type DesiredMode } from '../model/mode.ts';
import type { OldError } from '../model/old-error.ts';
import { WHOLE } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ActualState } from '../model/state.ts';
import type { Verb, VerbRequest } from './imperative.ts';
import type { Edit, EditedFile } from './imperative-file.ts';
import { lookAtProducts, takeOver } from './imperative-look.ts';
import type { AskedChoices } from './planning.ts';
import { inQuarantine, readQuarantine } from './quarantine.ts';

/** `server.mode MODE`: tells every product the mode, and changes nothing else; where a mode-script fails, the mode reads `invalid`. */
export function serverMode(word: string): Verb {
  return {
    command: 'server.mode',
    refuse: () => (modeIn(word) === undefined ? invalidMode(word) : undefined),
    edits: () => Promise.resolve(modeEdits(word)),
    run: () =>
      Promise.resolve(
        // Half the products were told: a person decides which way it is to go.
        ok({ asked: { ...ANYTHING, downgrades: new Set(), mode: 'alone' }, onFailure: 'stop' }),
      ),
  };
}

const ANYTHING = {
  removals: new Set<never>(),
  changesMax: Number.MAX_SAFE_INTEGER,
  selection: WHOLE,
} as const;

function modeEdits(word: string): Result<readonly [readonly Edit[]], OldError> {
  const mode = modeIn(word);
  return mode === undefined ? err(invalidMode(word)) : ok([[modeEdit(mode)]]);
}

function modeIn(word: string): DesiredMode | undefined {
  return DESIRED_MODES.find((each) => each === word);
}

function invalidMode(word: string): OldError {
  return { tag: 'invalid-mode', message: word };
}

function modeEdit(mode: DesiredMode): Edit {
  return { path: ['server', 'mode'], value: mode };
}

/** `server.provision`: brings every product to its recorded version, and the server through `provisioning` to idle. */
export function serverProvision({ runId, site }: Pick<VerbRequest, 'runId' | 'site'>): Verb {
  return {
    command: 'server.provision',
    refuse: () => undefined,
    edits: async (host, { written }) => {
      const products = namesIn(written.definition.products);
      const actual = await lookAtProducts(host, written, { products, runId });
      const edits: Edit[] = [modeEdit('idle')];
      for (const name of products) {
        const found = actual.products.get(name);
        // What has no version has none to be brought to.
        if (found?.version.kind === 'absent') continue;
        const taken = takeOver({ written }, actual, name);
        if (!taken.ok) return taken;
        edits.push(...taken.value);
      }
      return ok([edits]);
    },
    run: async (host, edited) => {
      const products = namesIn(edited.written.desired.products);
      const actual = await lookAtProducts(host, edited.written, { products, runId });
      const redo = toRedo(host, edited, { actual, root: site.root });
      const asked: AskedChoices = {
        ...ANYTHING,
        downgrades: new Set(products),
        selection: { ...WHOLE, redo },
        mode: 'anew',
      };
      return ok({ asked, onFailure: undefined });
    },
  };
}

function namesIn(products: ReadonlyMap<ProductName, unknown>): readonly ProductName[] {
  return [...products.keys()].toSorted(compareText);
}

interface ToRedo {
  readonly actual: ActualState;
  readonly root: string;
}

// A version without a status is one that the old tool was told and nobody brought; and what is in quarantine is asked for once more.
function toRedo(
  host: Host,
  { written }: EditedFile,
  { actual, root }: ToRedo,
): readonly ProductName[] {
  const quarantine = readQuarantine(host.files, root);
  const kept = quarantine.ok ? inQuarantine(host, written, quarantine.value) : new Set();
  return namesIn(written.desired.products).filter((name) => {
    const found = actual.products.get(name);
    const isUntold =
      found?.probed === false &&
      found.status.kind === 'absent' &&
      valueOf(found.version) !== undefined;
    return kept.has(name) || isUntold;
  });
}
