import { movedSince, movedSinceBegun } from '../core/stale.ts';
import type { Files, Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { parseProductName, type HostPath, type ProductName } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import {
  SAVED_PLAN_FORMAT,
  type Moved,
  type SavedPlan,
  type SavedRequest,
} from '../model/saved-plan.ts';
import type { AskedChoices, Planned } from './planning.ts';
import type { Site } from './site.ts';

// For its owner only: it says what a server runs, and how.
const PLAN_FILE_BITS = 0o600;
const STATE_FILE_BITS = 0o644;
// Older ids are forgotten: what such a plan rests on has moved long since.
const IDS_KEPT_MAX = 10_000;

/** A saved plan in use: what it says, and what it was asked. */
export interface OpenedPlan {
  readonly saved: SavedPlan;
  readonly site: Site;
  readonly asked: AskedChoices;
}

/** Writes a plan to a file, 0600; what is there is written over. */
export function savePlan(
  host: Pick<Host, 'files' | 'crypto'>,
  path: HostPath,
  { request, plan }: SavedPlan,
): Result<void, Failure> {
  const sha256 = host.crypto.sha256(JSON.stringify({ request, plan }));
  const document = { schema: SAVED_PLAN_FORMAT, sha256, request, plan };
  return host.files.replace(path, `${JSON.stringify(document, undefined, 2)}\n`, {
    modeBits: PLAN_FILE_BITS,
    access: { uid: undefined, gid: undefined, modeBits: PLAN_FILE_BITS },
  });
}

/** What was asked, as it is saved. */
export function requestOf(site: Site, asked: AskedChoices): SavedRequest {
  const { only, exclude, redo } = asked.selection;
  return {
    root: site.root,
    definition: site.definition,
    desired: site.desired,
    downgrades: [...asked.downgrades],
    removals: [...asked.removals],
    changesMax: asked.changesMax ?? null,
    only,
    exclude,
    redo,
  };
}

/** Opens a saved plan. Fails with `plan-unreadable` where it is none, or not as it was written. */
export function openPlan(
  { files, crypto }: Pick<Host, 'files' | 'crypto'>,
  path: HostPath,
): Result<OpenedPlan, Failure> {
  const text = files.read(path);
  const unusable = (why: string): Result<never, Failure> =>
    err({ code: 'plan-unreadable', path, why });
  if (text.kind !== 'known')
    return unusable(text.kind === 'absent' ? 'there is no such file' : text.why);
  const document = parseJsonObject(text.value);
  if (document === undefined || !('schema' in document)) return unusable('it is not a saved plan');
  const { schema } = document;
  if (schema !== SAVED_PLAN_FORMAT)
    return unusable(`its format is ${JSON.stringify(schema)}, not ${SAVED_PLAN_FORMAT}`);
  const { request, plan, sha256 } = document as unknown as SavedDocument;
  // Whatever we wrote has the right shape; whatever else has this digest, somebody made on purpose.
  if (crypto.sha256(JSON.stringify({ request, plan })) !== sha256)
    return unusable('it was changed since it was saved');
  return ok({ saved: { request, plan }, site: siteOf(request), asked: askedOf(request) });
}

interface SavedDocument extends SavedPlan {
  readonly sha256: unknown;
}

function siteOf({ root, definition, desired }: SavedRequest): Site {
  const named = ({ shown, path }: SavedRequest['definition']): Site['definition'] => ({
    shown,
    path: path as HostPath,
  });
  return { root, definition: named(definition), desired: desired.map(named) };
}

function askedOf(request: SavedRequest): AskedChoices {
  const names = (texts: readonly string[]): readonly ProductName[] =>
    texts.flatMap((text) => parseProductName(text) ?? []);
  const { downgrades, removals, changesMax, only, exclude, redo } = request;
  return {
    downgrades: new Set(names(downgrades)),
    removals: new Set(names(removals)),
    changesMax: changesMax ?? undefined,
    selection: { only: names(only), exclude: names(exclude), redo: names(redo) },
    mode: 'wished',
  };
}

/** What moved since a plan was saved, given the plan made now; [] where it may be carried out. With `begun`, where it may be gone on with. */
export function staleBy(
  host: Pick<Host, 'machine'>,
  { plan: saved }: SavedPlan,
  { planned, begun }: { readonly planned: Planned; readonly begun: boolean },
): readonly Moved[] {
  const scripts = Object.keys(saved.inputs.scripts) as HostPath[];
  const now = {
    host: host.machine.hostname(),
    inputs: planned.inputs(scripts),
    body: planned.body,
  };
  return begun ? movedSinceBegun(saved, now) : movedSince(saved, now);
}

/** True where a plan was carried out already, or begun. Fails where that cannot be told. */
export function isUsed(
  files: Pick<Files, 'read'>,
  root: string,
  planId: string,
): Result<boolean, Failure> {
  const ids = usedIds(files, root);
  return ids.ok ? ok(ids.value.includes(planId)) : ids;
}

/** Puts on record that a plan is carried out: from now on it is refused. For the holder of the lock only. */
export function markUsed(files: Files, root: string, planId: string): Result<void, Failure> {
  const used = usedIds(files, root);
  if (!used.ok) return used;
  const { plansUsed } = layoutOf(root);
  const ids = [...used.value.filter((id) => id !== planId), planId].slice(-IDS_KEPT_MAX);
  const folder = files.makeFolder(folderOf(plansUsed));
  if (!folder.ok) return folder;
  return files.replace(plansUsed, `${ids.join('\n')}\n`, { modeBits: STATE_FILE_BITS });
}

function usedIds(files: Pick<Files, 'read'>, root: string): Result<readonly string[], Failure> {
  const path = layoutOf(root).plansUsed;
  const text = files.read(path);
  if (text.kind === 'unreadable')
    return err({ code: 'file-unusable', path, why: text.why, what: 'read' });
  return ok((valueOf(text) ?? '').split('\n').filter((id) => id !== ''));
}
