import { readAppliedSettings } from '../actual/applied-settings.ts';
import { readActual } from '../actual/read.ts';
import { refuseScripts } from '../actual/trust.ts';
import { openScripts } from '../core/progress.ts';
import { failureWords } from '../core/render/failure-text.ts';
import { readJournal } from '../format/journal-lines.ts';
import type { Files, Host } from '../host/host.ts';
import type { Ailment, Treated } from '../model/ailment.ts';
import type { ServerDefinition } from '../model/definition.ts';
import { durationMs } from '../model/duration.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type RunId } from '../model/ids.ts';
import { journalPath, layoutOf, productPath } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { readStatusFile } from '../report/status-file.ts';
import { callbackAilments } from './callback-ailments.ts';
import { damaged, saysFormat } from './damage.ts';
import { showLock } from './lock.ts';
import { loadDefinition, loadWritten } from './load.ts';
import { lookContext } from './look.ts';
import { recordAilments } from './record-ailments.ts';
import type { Site } from './site.ts';

/** What a doctor is asked about. */
export interface Consultation {
  readonly site: Site;
  readonly runId: RunId;
}

// A run needs this much for its records; less, and the next one is refused.
const FREE_BYTES_MIN = 1024 * 1024;
const OTHERS_BITS = 0o077;

/** All that is wrong with a server and with what is kept of it; [] where nothing is. Changes nothing, takes no lock. */
export async function examine(
  host: Host,
  { site, runId }: Consultation,
): Promise<readonly Ailment[]> {
  const definition = loadDefinition(host, site);
  const kept = [...keptFiles(host, site.root), ...lockAilments(host, site)];
  if (!definition.ok) return [...ofFailure(definition.error), ...kept];
  const written = await loadWritten(host, site);
  return [
    ...(written.ok ? [] : ofFailure(written.error)),
    ...scriptAilments(host, definition.value),
    ...(await stateAilments(host, definition.value, runId)),
    ...settingsAilments(host, definition.value),
    ...kept,
  ];
}

/** Sets damaged files aside, for the holder of the lock only; everything else is left to a person. */
export async function treat(
  host: Host,
  ailments: readonly Ailment[],
  { site, runId }: Consultation,
): Promise<Result<readonly Treated[], Failure>> {
  const treated = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command: 'doctor',
      runId,
      timeoutMs: durationMs(0),
      signal: new AbortController().signal,
      onWait: () => {},
    },
    async () => treatAll(host.files, ailments),
  );
  return treated.ok ? treated.value : treated;
}

function treatAll(files: Files, ailments: readonly Ailment[]): Result<readonly Treated[], Failure> {
  const treated: Treated[] = [];
  for (const ailment of ailments) {
    if (ailment.repair === undefined) treated.push({ ailment, setAside: undefined });
    else {
      const moved = files.setAside(ailment.repair.setAside);
      if (!moved.ok) return err(moved.error);
      treated.push({ ailment, setAside: moved.value });
    }
  }
  return ok(treated);
}

function ofFailure(failure: Failure): readonly Ailment[] {
  if (failure.code === 'desired-missing') return [];
  if (failure.code === 'desired-invalid' || failure.code === 'definition-invalid')
    return failure.diagnostics.map(({ span, summary, fix }) => ({
      about: span === undefined ? failure.code : `${span.file}:${span.line}:${span.column}`,
      what: summary,
      remedy: fix ?? 'correct it; bootstrap validate shows it in full',
      repair: undefined,
    }));
  const { summary, detail, fix } = failureWords(failure);
  const what = [summary, ...detail].join('; ');
  return [{ about: failure.code, what, remedy: fix ?? 'mend it', repair: undefined }];
}

function scriptAilments(
  host: Host,
  { products, root, scriptPath }: ServerDefinition,
): readonly Ailment[] {
  const paths = [...products.values()].flatMap(({ scripts }) =>
    [...scripts.values()].map(({ path }) => hostPath(root, path)),
  );
  return refuseScripts(host, { paths: [...new Set(paths)], searchPath: scriptPath }).map(
    ({ path, why, fix }) => ({ about: path, what: why, remedy: fix, repair: undefined }),
  );
}

// What a look cannot read, in the words of the look; it names the file.
async function stateAilments(
  host: Host,
  definition: ServerDefinition,
  runId: RunId,
): Promise<readonly Ailment[]> {
  const { environment } = lookContext(host, definition, { runId });
  const actual = await readActual(host, {
    definition,
    products: [...definition.products.keys()],
    probe: { root: definition.root, environment, mask: [] },
  });
  const open = openScripts(valueOf(actual.lastRun)?.progress ?? new Map());
  return [
    ...unread('server', { mode: actual.mode, lastMessage: actual.lastMessage }),
    ...[...actual.products, ...actual.leftovers].flatMap(([name, found]) => {
      const { applied: _, probed: __, ...facts } = found;
      return unread(name, facts);
    }),
    ...open.map(({ product, script, path }) => ({
      about: product,
      what: `its ${script}-script ${path} was interrupted: its outcome is not known`,
      remedy: 'bootstrap plan shows what is to be done about it',
      repair: undefined,
    })),
  ];
}

// Two facts may come of one file, which is wrong once.
function unread(about: string, facts: Readonly<Record<string, Fact<unknown>>>): readonly Ailment[] {
  const reasons = Object.values(facts).flatMap((fact) =>
    fact.kind === 'unreadable' ? [fact.why] : [],
  );
  const remedy = 'write it anew, or remove it';
  return [...new Set(reasons)].map((what) => ({ about, what, remedy, repair: undefined }));
}

function settingsAilments(
  { files }: Pick<Host, 'files'>,
  { products, root }: ServerDefinition,
): readonly Ailment[] {
  return [...products.keys()].flatMap((name) => {
    const path = productPath(root, name, 'settings.json');
    return damaged(path, readAppliedSettings(files, path), {
      isWhole: saysFormat(files, path),
      after: 'the next apply records the settings again',
    });
  });
}

function keptFiles(host: Host, root: string): readonly Ailment[] {
  const { files } = host;
  const { statusFile, plansUsed, secretKey, state } = layoutOf(root);
  const free = valueOf(files.freeBytes(state));
  const key = valueOf(files.inspect(secretKey));
  const about = (path: string, what: string, remedy: string): Ailment => ({
    about: path,
    what,
    remedy,
    repair: undefined,
  });
  return [
    ...damaged(statusFile, readStatusFile(files, statusFile), {
      isWhole: saysFormat(files, statusFile),
      after: 'the next apply writes it again',
    }),
    ...damaged(plansUsed, files.read(plansUsed), {
      isWhole: false,
      after: 'a saved plan that was applied before could be applied again while nothing moved',
    }),
    ...recordAilments(files, root),
    ...journalAilments(host, root),
    ...callbackAilments(host, root),
    ...(free !== undefined && free < FREE_BYTES_MIN
      ? [about(state, `${free} bytes are free on its disk`, 'make room')]
      : []),
    ...(key !== undefined && (key.mode & OTHERS_BITS) !== 0
      ? [about(secretKey, 'others may read it', `chmod 0600 ${secretKey}`)]
      : []),
  ];
}

function journalAilments({ files, crypto }: Host, root: string): readonly Ailment[] {
  const newest = files.read(layoutOf(root).newestRun);
  if (newest.kind !== 'known') return damaged(layoutOf(root).newestRun, newest, NO_JOURNAL);
  const path = journalPath(root, newest.value.trim());
  const text = files.read(path);
  if (text.kind !== 'known') return damaged(path, text, NO_JOURNAL);
  const records = readJournal(text.value, (line) => crypto.crc32(line));
  if (records.ok) return [];
  const fact: Fact<never> = { kind: 'unreadable', why: `${path}: ${records.error}` };
  return damaged(path, fact, { ...NO_JOURNAL, isWhole: records.error.startsWith('its format') });
}

const NO_JOURNAL = {
  isWhole: false,
  after: 'what the last run left open is done again from its start',
};

function lockAilments(host: Host, site: Site): readonly Ailment[] {
  const shown = showLock(host, site);
  if (!shown.ok) return ofFailure(shown.error);
  const { value: report } = shown;
  const isDoubtful =
    report.state === 'unknown' || (report.state === 'held' && report.liveness.is === 'unknown');
  if (!isDoubtful) return [];
  const what = 'nobody can say whether its holder lives';
  return [{ about: 'lock', what, remedy: 'bootstrap lock show says why', repair: undefined }];
}
