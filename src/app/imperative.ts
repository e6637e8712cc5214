import type { Brakes } from '../apply/context.ts';
import { oldErrorOf, type OwnerOf } from '../core/old-error.ts';
import type { HeldLock, Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import { durationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { OldError } from '../model/old-error.ts';
import { ok, type Result } from '../model/result.ts';
import type { OnFailure } from '../model/state.ts';
import { editedElsewhere } from './edited-elsewhere.ts';
import {
  editDesiredFile,
  openDesiredFile,
  putBack,
  putInPlace,
  type DesiredFile,
  type Edit,
  type EditedFile,
  type FileRequest,
} from './imperative-file.ts';
import { lastMessages } from './imperative-messages.ts';
import { loadDefinition } from './load.ts';
import type { AskedChoices } from './planning.ts';
import { runApply } from './run.ts';
import { refuseSuspended } from './suspension.ts';
import type { Site } from './site.ts';

/** What every verb of the old tool is carried out with. */
export interface VerbRequest extends FileRequest {
  readonly site: Site;
  readonly brakes: Brakes;
}

/** One of the old tool's verbs: what it changes in the desired state, and what of that it brings about. */
export interface Verb {
  /** As the lock, the journal and the history name it. */
  readonly command: string;
  /** Why it makes no sense on any server of this kind; undefined where it does. Asked before anything is waited for. */
  readonly refuse: (definition: ServerDefinition) => OldError | undefined;
  /** Ways to say it in the file, the first that makes a desired state counts; fails where it cannot be asked for. */
  readonly edits: (
    host: Host,
    opened: DesiredFile,
  ) => Promise<Result<readonly [EditList, ...EditList[]], OldError>>;
  /** Undefined: it only records a wish. */
  readonly run:
    ((host: Host, edited: EditedFile) => Promise<Result<VerbRun, OldError>>) | undefined;
}

type EditList = readonly Edit[];

/** What of the edited desired state is brought about. */
export interface VerbRun {
  readonly asked: AskedChoices;
  /** Undefined: as the policy of the file says. */
  readonly onFailure: OnFailure | undefined;
}

/**
 * Carries out a verb: edits the desired state and reconciles what it names, all under one lock; where that fails, the file's old bytes
 * are put back. Returns why it failed, in the old tool's form, or undefined. A lock that is held is not waited for.
 */
export async function carryOutVerb(
  host: Host,
  request: VerbRequest,
  verb: Verb,
): Promise<OldError | undefined> {
  const { site, runId, brakes } = request;
  const elsewhere = editedElsewhere(host.files, site.root);
  if (elsewhere !== undefined) return elsewhere;
  const definition = loadDefinition(host, site);
  if (!definition.ok) return oldErrorOf([definition.error]);
  const refused = verb.refuse(definition.value);
  if (refused !== undefined) return refused;
  const held = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command: verb.command,
      runId,
      timeoutMs: durationMs(0),
      signal: brakes.stop,
      onWait: () => {},
    },
    async (lock) => await underLock({ host: withHeldLock(host, lock), lock, request, verb }),
  );
  return held.ok ? held.value : oldErrorOf([held.error]);
}

// The engine asks for the lock like everybody else; here it is ours already.
function withHeldLock(host: Host, lock: HeldLock): Host {
  return { ...host, lock: { hold: async (_, work) => ok(await work(lock)) } };
}

interface Holding {
  readonly host: Host;
  readonly lock: HeldLock;
  readonly request: VerbRequest;
  readonly verb: Verb;
}

async function underLock(holding: Holding): Promise<OldError | undefined> {
  const { host, request, verb } = holding;
  const suspended = refuseSuspended(host, request.site.root);
  if (suspended !== undefined) return oldErrorOf([suspended]);
  const opened = await openDesiredFile(host, request);
  if (!opened.ok) return oldErrorOf([opened.error]);
  const edits = await verb.edits(host, opened.value);
  if (!edits.ok) return edits.error;
  const edited = await firstReadable(holding, opened.value, edits.value);
  if (!edited.ok) return edited.error;
  const run = await verb.run?.(host, edited.value);
  if (run?.ok === false) return run.error;
  const put = putInPlace(host, opened.value.file, edited.value.text);
  if (!put.ok) return oldErrorOf([put.error]);
  if (run === undefined) return undefined;
  return await bringAbout(holding, run.value, { opened: opened.value, edited: edited.value });
}

async function firstReadable(
  { host, request }: Holding,
  opened: DesiredFile,
  [first, ...others]: readonly [EditList, ...EditList[]],
): Promise<Result<EditedFile, OldError>> {
  const edited = await editDesiredFile(host, request.site, { opened, edits: first });
  if (edited.ok) return edited;
  for (const edits of others) {
    const other = await editDesiredFile(host, request.site, { opened, edits });
    if (other.ok) return other;
  }
  return edited;
}

interface Editing {
  readonly opened: DesiredFile;
  readonly edited: EditedFile;
}

async function bringAbout(
  { host, lock, request, verb }: Holding,
  { asked, onFailure }: VerbRun,
  { opened, edited }: Editing,
): Promise<OldError | undefined> {
  const { site, runId, brakes } = request;
  const messages = lastMessages(host, site.root);
  const { failures } = await runApply(host, {
    ...ONLY_THIS,
    site,
    runId,
    brakes,
    command: verb.command,
    asked,
    onFailure,
    sinks: [messages.sink],
  });
  // That something else does not serve is for heartbeat.get to say.
  const [first, ...others] = failures.filter(({ code }) => code !== 'unhealthy');
  if (first === undefined) {
    messages.succeeded();
    return undefined;
  }
  const back = lock.owned() ? putBack(host, opened, edited) : ok(undefined);
  const all: readonly [Failure, ...Failure[]] = [
    first,
    ...others,
    ...(back.ok ? [] : [back.error]),
  ];
  const error = oldErrorOf(all, ownersIn(edited.written.definition));
  if (lock.owned()) messages.failed(all, error.message);
  return error;
}

const ONLY_THIS = {
  back: undefined,
  keepLast: undefined,
  snapshot: undefined,
  saved: undefined,
  trial: undefined,
  guard: false,
  // The old tool ran one script at a time, and scripts of its time rely on that.
  parallelism: 1,
  lockTimeoutMs: durationMs(0),
  confirm: () => Promise.resolve('yes' as const),
  detailedExitCode: false,
  onEnd: () => [],
  courier: undefined,
} as const;

function ownersIn({ root, products }: ServerDefinition): OwnerOf {
  return (path) => {
    const owner = [...products.values()].find(({ scripts }) =>
      [...scripts.values()].some((script) => hostPath(root, script.path) === path),
    );
    return owner?.name;
  };
}
