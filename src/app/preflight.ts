import { refuseScripts } from '../actual/trust.ts';
import { refusal, runCheck, type CheckConfig } from '../apply/config-check.ts';
import type { States } from '../core/diff.ts';
import type { Host } from '../host/host.ts';
import type { Action } from '../model/action.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type ActionId, type HostPath } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../model/result.ts';
import type { LookContext } from './look.ts';

/** A plan that is to be tried before anything moves. */
export interface Flight {
  readonly states: States;
  readonly plan: Plan;
  readonly look: LookContext;
}

/** What came of trying. */
export interface Flown {
  /** What is bound to fail; [] where nothing is known to. */
  readonly findings: readonly Failure[];
  /** Actions whose config file no check has seen: its program is still to come. */
  readonly untried: ReadonlySet<ActionId>;
}

/**
 * What of a plan is bound to fail, found without changing anything: scripts that may not be run, disks too full for what is
 * to be written, config files that their check refuses.
 */
export async function preflight(host: Host, flight: Flight): Promise<Flown> {
  const tries = await Promise.all(
    checksIn(flight.plan).map(async (check) => ({
      check,
      came: await tryCheck(host, check, flight),
    })),
  );
  const refused = tries.flatMap(({ came }) => (typeof came === 'string' ? [] : [came]));
  const untried = tries.flatMap(({ check, came }) => (came === 'untried' ? [check.action.id] : []));
  return {
    findings: [...scriptFindings(host, flight), ...diskFindings(host, flight), ...refused],
    untried: new Set(untried),
  };
}

function scriptFindings(host: Host, { states, plan }: Flight): readonly Failure[] {
  const paths = [...new Set([...plan.scripts, ...probesOf(states)])];
  const refusals = refuseScripts(host, { paths, searchPath: states.definition.scriptPath });
  return refusals.length === 0 ? [] : [{ code: 'script-refused', refusals }];
}

/** The probe-scripts that were run, or refused, for this very look: the plan rests on what they said. */
export function probesOf({ desired, definition }: States): readonly HostPath[] {
  return [...desired.products.keys()].flatMap((name) => {
    const probe = definition.products.get(name)?.scripts.get('probe');
    return probe === undefined ? [] : [hostPath(definition.root, probe.path)];
  });
}

// For the records of a run and the journal of what it did; a file is written whole beside the old one.
const STATE_BYTES_NEEDED = 256 * 1024;

function diskFindings({ files }: Host, { states, plan }: Flight): readonly Failure[] {
  const todo = plan.actions.filter(({ blocked }) => blocked === undefined);
  if (todo.length === 0) return [];
  const needed = new Map<HostPath, number>([
    [layoutOf(states.definition.root).state, STATE_BYTES_NEEDED],
  ]);
  for (const deed of todo.flatMap(({ deeds }) => deeds))
    if (deed.do === 'write-config') {
      const folder = folderOf(deed.path);
      needed.set(folder, (needed.get(folder) ?? 0) + Buffer.byteLength(deed.text));
    }
  return [...needed].flatMap(([path, neededBytes]): readonly Failure[] => {
    const freeBytes = valueOf(files.freeBytes(path));
    return freeBytes === undefined || freeBytes >= neededBytes
      ? []
      : [{ code: 'disk-full', path, freeBytes, neededBytes }];
  });
}

interface Check {
  readonly action: Action;
  readonly deed: CheckConfig;
  /** True: a script is run before, which may bring the program that checks, or another one. */
  readonly isBrought: boolean;
}

function checksIn({ actions }: Plan): readonly Check[] {
  const brought = new Set(actions.filter(bringsVersion).map(({ product }) => product));
  return actions
    .filter(({ blocked }) => blocked === undefined)
    .flatMap((action) =>
      action.deeds.flatMap((deed) =>
        deed.do === 'check-config'
          ? [{ action, deed, isBrought: brought.has(action.product) }]
          : [],
      ),
    );
}

function bringsVersion({ deeds }: Action): boolean {
  return deeds.some(
    (deed) =>
      deed.do === 'run-script' && (deed.run.kind === 'upgrade' || deed.run.kind === 'provision'),
  );
}

async function tryCheck(
  { files, runner }: Host,
  { action, deed, isBrought }: Check,
  { look: { secrets, environment, terminate } }: Flight,
): Promise<Failure | 'accepted' | 'untried'> {
  if (isBrought) return 'untried';
  const name = deed.path.slice(deed.path.lastIndexOf('/') + 1);
  // Not beside the file in place: a plan leaves nothing there, not even for a moment.
  const put = (text: string): Result<HostPath, Failure> => files.writePrivate(name, text);
  const checked = await runCheck({ runner }, deed, {
    draft: { put, remove: (path) => files.removePrivate(path) },
    secrets,
    environment,
    ...(terminate === undefined ? {} : { terminate }),
  });
  if (!checked.ok) return checked.error;
  const { report, unremoved } = checked.value;
  if (report.end.how === 'not-started') return unremoved ?? 'untried';
  return refusal(deed, action.id, report) ?? unremoved ?? 'accepted';
}
