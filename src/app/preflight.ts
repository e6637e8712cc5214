import { refuseScripts } from '../actual/trust.ts';
import type { States } from '../core/diff.ts';
import { escapeSecret } from '../format/config.ts';
import type { Host } from '../host/host.ts';
import type { Action, Deed } from '../model/action.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import type { Plan } from '../model/plan.ts';
import type { LookContext } from './look.ts';

/** A plan that is to be tried before anything moves. */
export interface Flight {
  readonly states: States;
  readonly plan: Plan;
  readonly look: LookContext;
}

/**
 * What of a plan is bound to fail, found without changing anything: scripts that may not be run, disks too full for what is
 * to be written, config files that their check refuses. [] where nothing is known to.
 */
export async function preflight(host: Host, flight: Flight): Promise<readonly Failure[]> {
  const refused = scriptFindings(host, flight);
  const full = diskFindings(host, flight);
  return [...refused, ...full, ...(await configFindings(host, flight))];
}

function scriptFindings(host: Host, { states, plan }: Flight): readonly Failure[] {
  const paths = [...new Set([...plan.scripts, ...probesOf(states)])];
  const refusals = refuseScripts(host, { paths, searchPath: states.definition.scriptPath });
  return refusals.length === 0 ? [] : [{ code: 'script-refused', refusals }];
}

// They were run, or refused, for this very look: the plan rests on what they said.
function probesOf({ desired, definition }: States): readonly HostPath[] {
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

type CheckConfig = Extract<Deed, { readonly do: 'check-config' }>;

async function configFindings(host: Host, { plan, look }: Flight): Promise<readonly Failure[]> {
  const checks = plan.actions.flatMap((action) => checksOf(action, plan));
  const findings = await Promise.all(checks.map((check) => tryCheck(host, check, look)));
  return findings.flatMap((finding) => finding ?? []);
}

interface Check {
  readonly action: Action;
  readonly deed: CheckConfig;
}

// A product that is brought to another version first is checked by the program that it then has.
function checksOf(action: Action, { actions }: Plan): readonly Check[] {
  const { product, kind, deeds, blocked } = action;
  const isBrought = actions.some(
    (each) => each.product === product && each.kind !== 'set' && each.kind !== 'mode',
  );
  if (blocked !== undefined || kind !== 'set' || isBrought) return [];
  return deeds.flatMap((deed) => (deed.do === 'check-config' ? [{ action, deed }] : []));
}

async function tryCheck(
  { files, runner }: Host,
  { action, deed }: Check,
  { secrets, environment }: LookContext,
): Promise<Failure | undefined> {
  const escape = (value: string): string => escapeSecret(deed.format, value);
  const text = secrets.fill(deed.text, escape);
  if (!text.ok) return text.error;
  const name = deed.path.slice(deed.path.lastIndexOf('/') + 1);
  // Not beside the file in place: a plan leaves nothing there, not even for a moment.
  const draft = files.writePrivate(name, text.value);
  if (!draft.ok) return draft.error;
  const [program = '', ...args] = deed.argv.map((word) => word.replaceAll('{file}', draft.value));
  const { end, tail } = await runner.run({
    argv: [program, ...args],
    env: environment(deed.product),
    stdin: undefined,
    mask: secrets.values().flatMap((value) => [value, escape(value)]),
    timeoutMs: deed.timeoutMs,
  });
  const removed = files.removePrivate(draft.value);
  if (!removed.ok) return removed.error;
  // Its program is not there: nothing is known yet, and the plan says so.
  if (end.how === 'not-started' || (end.how === 'exit' && end.exitCode === 0)) return undefined;
  const { product, argv } = deed;
  return { code: 'config-refused', action: action.id, product, argv, end, tail };
}
