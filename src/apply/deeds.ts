import { escapeSecret } from '../format/config.ts';
import { failpoint } from '../host/failpoint.ts';
import type { FileAccess, Host, RunReport } from '../host/host.ts';
import type { Deed, ScriptRun } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import type { ActionId, HostPath, ProductName } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import type { Fact } from '../model/fact.ts';
import type { JournalBody } from '../model/journal.ts';
import type { ServerMode } from '../model/mode.ts';
import { err, ok, type Result } from '../model/result.ts';
import { secretsIn } from '../model/secret.ts';
import { refusal, runCheck, type CheckConfig, type Draft } from './config-check.ts';
import type { ApplyContext } from './context.ts';
import { endsEarly } from './early-end.ts';
import type { Journal } from './journal.ts';

const CONFIG_FILE_BITS = 0o644;
const SECRET_FILE_BITS = 0o600;
const OCTAL = 8;

/** What came of a deed: its failures, [] when there are none, and whether anything on the server may have changed. */
export interface DeedResult {
  readonly failures: readonly Failure[];
  readonly touched: boolean;
}

/** Does one deed of an action. Doing it twice leads to the same server as doing it once. */
export async function perform(
  deed: Deed,
  id: ActionId,
  context: ApplyContext,
): Promise<DeedResult> {
  const early = endsEarly(context);
  // Once stopped, no program is started any more; what is done already is still put on record.
  if (early !== undefined && (early.code === 'lock-lost' || startsProgram(deed)))
    return { failures: [early], touched: false };
  switch (deed.do) {
    case 'run-script':
      return await runScript(deed.run, id, context);
    case 'run-each-script':
      return await runEach(deed.runs, id, context);
    case 'check-config':
      return await checkConfig(deed, id, context);
    case 'write-config':
      return await writeConfig(deed, context);
    case 'record-product':
      return await recordProduct(deed, context);
    case 'record-mode':
      return await recordMode(deed.mode, context);
    case 'count-restart': {
      const counted = context.countRestart(deed.product);
      failpoint('restart.counted');
      return recorded(counted);
    }
    case 'remove-config': {
      const removed = context.host.files.remove(deed.path);
      return { failures: removed.ok ? [] : [removed.error], touched: removed.ok };
    }
    case 'forget-product':
      return await forgetProduct(deed.product, context);
  }
}

/** Whether a deed starts a program. */
export function startsProgram(deed: Deed): boolean {
  return deed.do === 'run-script' || deed.do === 'run-each-script' || deed.do === 'check-config';
}

// Records say what happened to the server; by themselves they change nothing on it.
function recorded(result: Result<unknown, Failure>): DeedResult {
  return { failures: result.ok ? [] : [result.error], touched: false };
}

async function recordProduct(
  deed: Extract<Deed, { readonly do: 'record-product' }>,
  { records, journal }: ApplyContext,
): Promise<DeedResult> {
  const { product, status } = deed;
  failpoint('record.before');
  const written = await records.product(deed);
  failpoint('record.written');
  if (status !== 'valid') return recorded(written);
  failpoint('record.valid');
  const noted = await inTurn(written, () => journal.note({ type: 'valid', product }));
  failpoint('valid.written');
  return recorded(noted);
}

async function recordMode(
  mode: ServerMode,
  { records, journal }: ApplyContext,
): Promise<DeedResult> {
  const written = records.mode(mode);
  failpoint('record.mode');
  const noted = await inTurn(written, () => journal.note({ type: 'mode', mode }));
  failpoint('mode.written');
  return recorded(noted);
}

async function forgetProduct(
  product: ProductName,
  { records, journal }: ApplyContext,
): Promise<DeedResult> {
  const forgotten = records.forget(product);
  failpoint('record.forgotten');
  const noted = await inTurn(forgotten, () => journal.note({ type: 'forgotten', product }));
  failpoint('forgotten.written');
  return recorded(noted);
}

async function inTurn(
  first: Result<unknown, Failure>,
  second: () => Promise<Result<unknown, Failure>>,
): Promise<Result<unknown, Failure>> {
  return first.ok ? await second() : first;
}

// Its intent is on disk before it starts, and its end before anything else is done about it.
async function runScript(run: ScriptRun, id: ActionId, context: ApplyContext): Promise<DeedResult> {
  const { journal } = context;
  const { product, kind: script, path, args, key, timeoutMs, wasFailing } = run;
  // What a script is told on stdin is JSON: a secret in it must stay one text.
  const stdin = context.secrets.fill(run.stdin ?? '', inJson);
  if (!stdin.ok) return { failures: [stdin.error], touched: false };
  const meant = await journal.note({
    type: 'intent',
    action: id,
    product,
    script,
    path,
    args,
    key,
    timeoutMs,
  });
  if (!meant.ok) return { failures: [meant.error], touched: false };
  failpoint('intent.written');
  let spawned: Promise<unknown> | undefined;
  const { end, tail } = await context.host.runner.run({
    argv: [run.path, ...run.args],
    // Should this fail, so does the line about its end.
    onStart: (leader) => {
      spawned = noteStart(journal, { action: id, product, ...leader });
    },
    env: context.environment(run.product),
    stdin: run.stdin === undefined ? undefined : stdin.value,
    mask: context.secrets.values(),
    timeoutMs: run.timeoutMs,
    // Whoever has the lock now must not find it still at work.
    terminate: AbortSignal.any([context.brakes.terminate, context.lock.lost]),
    kill: context.brakes.kill,
    onLine: (stream, line) =>
      context.emit({ type: 'action.output', id, product: run.product, stream, line }),
  });
  await spawned;
  failpoint('script.exited');
  const told = await journal.note({ type: 'exited', action: id, product, end });
  failpoint('exited.written');
  const failures: readonly Failure[] = succeeded(end)
    ? []
    : [{ code: 'script-failed', action: id, product, path, end, tail, wasFailing }];
  const touched = end.how !== 'not-started';
  return { failures: told.ok ? failures : [...failures, told.error], touched };
}

async function noteStart(
  journal: Journal,
  started: Omit<Extract<JournalBody, { readonly type: 'spawned' }>, 'type'>,
): Promise<void> {
  await journal.note({ type: 'spawned', ...started });
  failpoint('spawned.written');
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

// Sequential: on the way in each product finds those it depends on already told.
async function runEach(
  runs: readonly ScriptRun[],
  id: ActionId,
  context: ApplyContext,
): Promise<DeedResult> {
  const results: DeedResult[] = [];
  for (const run of runs) {
    const early = endsEarly(context);
    if (early !== undefined) {
      results.push({ failures: [early], touched: false });
      break;
    }
    results.push(await runScript(run, id, context));
  }
  return {
    failures: results.flatMap((result) => result.failures),
    touched: results.some((result) => result.touched),
  };
}

async function checkConfig(
  deed: CheckConfig,
  id: ActionId,
  { host: { files, runner }, secrets, environment, brakes }: ApplyContext,
): Promise<DeedResult> {
  const put = (text: string): Result<HostPath, Failure> => {
    const folder = files.makeFolder(folderOf(deed.path));
    return folder.ok ? files.writeBeside(deed.path, text) : folder;
  };
  const draft: Draft = { put, remove: (path) => files.remove(path) };
  const { terminate, kill } = brakes;
  const checked = await runCheck({ runner }, deed, {
    draft,
    secrets,
    environment,
    terminate,
    kill,
  });
  if (!checked.ok) return recorded(checked);
  const { report, unremoved } = checked.value;
  const failures = [refusal(deed, id, report), unremoved].filter((each) => each !== undefined);
  return { failures, touched: false };
}

function succeeded(end: RunReport['end']): boolean {
  return end.how === 'exit' && end.exitCode === 0;
}

async function writeConfig(
  deed: Extract<Deed, { readonly do: 'write-config' }>,
  { host, secrets }: ApplyContext,
): Promise<DeedResult> {
  const text = secrets.fill(deed.text, (value) => escapeSecret(deed.format, value));
  if (!text.ok) return recorded(text);
  const access = fileAccess(host, deed);
  if (!access.ok) return recorded(access);
  const modeBits = secretsIn(deed.text).length > 0 ? SECRET_FILE_BITS : CONFIG_FILE_BITS;
  failpoint('config.before');
  const file = { path: deed.path, text: text.value, modeBits, access: access.value };
  const written = await host.files.replaceAll([[file]]);
  failpoint('config.written');
  return { failures: written.ok ? [] : [written.error], touched: written.ok };
}

function fileAccess(
  { machine }: Pick<Host, 'machine'>,
  { path, access }: Extract<Deed, { readonly do: 'write-config' }>,
): Result<FileAccess, Failure> {
  const { owner, group, mode } = access;
  const uid = owner === undefined ? ok(owner) : idOf(machine.userId(owner), `user ${owner}`, path);
  if (!uid.ok) return uid;
  const gid =
    group === undefined ? ok(group) : idOf(machine.groupId(group), `group ${group}`, path);
  if (!gid.ok) return gid;
  const modeBits = mode === undefined ? mode : Number.parseInt(mode, OCTAL);
  return ok({ uid: uid.value, gid: gid.value, modeBits });
}

function idOf(id: Fact<number>, account: string, path: HostPath): Result<number, Failure> {
  if (id.kind === 'known') return ok(id.value);
  const why = id.kind === 'unreadable' ? id.why : `there is no ${account} on this machine`;
  return err({ code: 'file-unusable', path, why, what: 'write' });
}
