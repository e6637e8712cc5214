import { readConfig } from '../format/config.ts';
import type { Files, Host } from '../host/host.ts';
import type { ConfigDefinition, ProductDefinition, ServerDefinition } from '../model/definition.ts';
import type { Expected, LikelyText } from '../model/expected.ts';
import {
  absent,
  known,
  knownLater,
  mapFact,
  unreadable,
  valueOf,
  type Fact,
} from '../model/fact.ts';
import {
  hostPath,
  parseProductName,
  parseVersion,
  type HostPath,
  type ProductName,
  type Version,
} from '../model/ids.ts';
import { layoutOf, productPath, type ProductFile } from '../model/layout.ts';
import {
  parseProductStatus,
  parseServerMode,
  PRODUCT_STATUSES,
  SERVER_MODES,
} from '../model/mode.ts';
import type { SettingMap } from '../model/settings.ts';
import type { ActualProduct, ActualState } from '../model/state.ts';
import { readConfigAccess } from './config-access.ts';
import { appliedSettings } from './applied-settings.ts';
import { readLastRun } from './last-run.ts';
import { runProbe, type ProbeAnswer, type ProbeContext } from './probe.ts';

/** What reading the actual state needs beside the machine. */
export interface LookRequest {
  readonly definition: ServerDefinition;
  readonly products: readonly ProductName[];
  readonly probe: ProbeContext;
  /** What products hold that are as they should be; none where that is not known. */
  readonly expected?: ReadonlyMap<ProductName, Expected>;
  /** Products that were seen a moment ago, and are not looked at again. */
  readonly seen?: ReadonlyMap<ProductName, ActualProduct>;
}

/** One look at the server: /var/bootstrap, config files, probe-scripts. Reads only; never fails, what cannot be read is a fact too. */
export async function readActual(
  host: Pick<Host, 'clock' | 'crypto' | 'files' | 'runner' | 'processes' | 'machine'>,
  { definition, products, probe, expected, seen }: LookRequest,
): Promise<ActualState> {
  const layout = layoutOf(definition.root);
  const looks = products.map(async (name): Promise<readonly [ProductName, ActualProduct][]> => {
    const before = seen?.get(name);
    if (before !== undefined) return [[name, before]];
    const product = definition.products.get(name);
    if (product === undefined) return [];
    const answer = product.scripts.has('probe') ? await runProbe(host, product, probe) : undefined;
    const { root } = definition;
    const look = { name, product, root, answer, expected: expected?.get(name) };
    return [[name, readProduct(host, look)]];
  });
  const found = {
    mode: readWord(host.files, layout.serverMode, parseServerMode, SERVER_MODES),
    products: new Map((await Promise.all(looks)).flat()),
    leftovers: readLeftovers(host, definition, new Set(products)),
  };
  return {
    ...found,
    readAt: host.clock.now(),
    lastMessage: readLine(host.files, layout.serverMessage),
    lastRun: readLastRun(host, definition.root, found),
  };
}

// A folder with neither a version nor a status in it is what a removal leaves where somebody else put files into it.
function readLeftovers(
  host: ReadHost,
  { root, products }: ServerDefinition,
  asked: ReadonlySet<ProductName>,
): ReadonlyMap<ProductName, ActualProduct> {
  const names = valueOf(host.files.list(layoutOf(root).products)) ?? [];
  return new Map(
    names.flatMap((folder): readonly (readonly [ProductName, ActualProduct])[] => {
      const name = parseProductName(folder);
      if (name === undefined || asked.has(name)) return [];
      const found = readProduct(host, {
        name,
        product: products.get(name),
        root,
        answer: undefined,
        expected: undefined,
      });
      const isThere = found.recordedVersion.kind !== 'absent' || found.status.kind !== 'absent';
      return isThere ? [[name, found]] : [];
    }),
  );
}

interface ProductLook {
  readonly name: ProductName;
  /** Undefined where bootstrap.ini does not know it. */
  readonly product: ProductDefinition | undefined;
  readonly root: string;
  /** Undefined where the product has no probe-script. */
  readonly answer: Fact<ProbeAnswer> | undefined;
  readonly expected: Expected | undefined;
}

type ReadHost = Pick<Host, 'files' | 'machine'>;

function readProduct(
  { files, machine }: ReadHost,
  { name, product, root, answer, expected }: ProductLook,
): ActualProduct {
  const pathOf = (file: ProductFile): HostPath => productPath(root, name, file);
  const config = product?.config;
  const message = files.readRare(pathOf('lastmessage'));
  const { status, recordedVersion } = readInstallation(files, { pathOf, message });
  const likely = (path: HostPath, text: LikelyText | undefined): Fact<string> =>
    text === undefined ? files.read(path) : files.readLikely(path, text);
  const record = likely(pathOf('settings.json'), expected?.record);
  const isRecord = expected !== undefined && record === expected.record;
  const told = expected === undefined ? absent : knownLater(expected.settings);
  const applied = isRecord ? told : appliedSettings(record, pathOf('settings.json'));
  const configText =
    config === undefined ? absent : likely(hostPath(root, config.path), expected?.config);
  const isConfig = expected !== undefined && configText === expected.config;
  return {
    version:
      answer === undefined ? recordedVersion : flat(mapFact(answer, (probe) => probe.version)),
    probed: answer !== undefined,
    recordedVersion,
    repository: readLine(files, pathOf('repository')),
    status,
    lastMessage: lineIn(message),
    applied,
    settings: isConfig ? told : settingsInForce({ config, configText, answer, applied }),
    configText,
    written: mapFact(readLine(files, pathOf('config-digest')), (digest) => ({
      digest,
      // Of what is not as expected it takes the secrets in it to tell.
      edited: isConfig && isRecord ? digest !== expected.configDigest : undefined,
    })),
    configAccess:
      config === undefined ? absent : readConfigAccess({ files, machine }, { root, config }),
    protected: mapFact(
      wordIn(files.readRare(pathOf('protect')), pathOf('protect'), {
        parse: parseProtection,
        words: PROTECTION_WORDS,
      }),
      (word) => word === 'yes',
    ),
  };
}

const PROTECTION_WORDS = ['yes', 'no'] as const;

function parseProtection(text: string): (typeof PROTECTION_WORDS)[number] | undefined {
  return PROTECTION_WORDS.find((word) => word === text);
}

function flat<T>(fact: Fact<Fact<T>>): Fact<T> {
  return fact.kind === 'known' ? fact.value : fact;
}

interface SettingSources {
  readonly config: ConfigDefinition | undefined;
  readonly configText: Fact<string>;
  readonly answer: Fact<ProbeAnswer> | undefined;
  readonly applied: Fact<SettingMap>;
}

// The config file tells best, then the probe, then what was recorded.
function settingsInForce({
  config,
  configText,
  answer,
  applied,
}: SettingSources): Fact<SettingMap> {
  const format = config?.format;
  if (format !== undefined && format !== 'template') {
    if (configText.kind !== 'known') return configText;
    const read = readConfig(format, configText.value);
    // Broken by hand it tells no settings; its text does not match either, and so it is put right.
    return read.ok ? known(read.value) : absent;
  }
  const told = answer === undefined ? absent : flat(mapFact(answer, (probe) => probe.settings));
  return told.kind === 'known' ? told : applied;
}

interface Installation {
  readonly pathOf: (file: ProductFile) => HostPath;
  /** The text of `lastmessage`. */
  readonly message: Fact<string>;
}

// The old tool makes all files of a product before it has anything to write to them; bootstrap leaves none of them empty.
function readInstallation(
  files: Files,
  { pathOf, message }: Installation,
): Pick<ActualProduct, 'status' | 'recordedVersion'> {
  const isEmpty = (file: ProductFile): boolean => valueOf(files.read(pathOf(file))) === '';
  const isUntold = valueOf(message) === '' && isEmpty('status');
  return {
    status: isUntold
      ? absent
      : readWord(files, pathOf('status'), parseProductStatus, PRODUCT_STATUSES),
    recordedVersion:
      isUntold && isEmpty('version') ? absent : readVersion(files, pathOf('version')),
  };
}

function readVersion(files: Files, path: HostPath): Fact<Version> {
  return valueIn(files.read(path), path, {
    parse: parseVersion,
    wrong: ', which is no version',
    mend: 'write the installed one to it, or remove it where none is installed',
  });
}

function readWord<T extends string>(
  files: Files,
  path: HostPath,
  parse: (text: string) => T | undefined,
  words: readonly string[],
): Fact<T> {
  return wordIn(files.read(path), path, { parse, words });
}

interface WordKind<T> {
  readonly parse: (text: string) => T | undefined;
  readonly words: readonly string[];
}

function wordIn<T extends string>(
  text: Fact<string>,
  path: HostPath,
  { parse, words }: WordKind<T>,
): Fact<T> {
  return valueIn(text, path, {
    parse,
    wrong: '',
    mend: `write one of ${words.join(', ')} to it`,
  });
}

interface ValueKind<T> {
  readonly parse: (text: string) => T | undefined;
  /** What is to be said of another text. */
  readonly wrong: string;
  /** What to do about a damaged file. */
  readonly mend: string;
}

// One-value files as shell scripts write them: an end of line is no part of the value. One that holds nothing was emptied, by
// a full disk or a power cut: that is no word for "not there".
function valueIn<T>(
  text: Fact<string>,
  path: HostPath,
  { parse, wrong, mend }: ValueKind<T>,
): Fact<T> {
  if (text.kind === 'absent') return text;
  if (text.kind === 'unreadable') return unreadable(`${text.why}; make it readable, or ${mend}`);
  const line = text.value.trim();
  const value = parse(line);
  if (value !== undefined) return known(value);
  const found = line === '' ? 'is empty' : `holds ${quoted(line)}${wrong}`;
  return unreadable(`${path} ${found}; ${mend}`);
}

function readLine(files: Files, path: HostPath): Fact<string> {
  return lineIn(files.read(path));
}

// What the old tool left empty has no value.
function lineIn(text: Fact<string>): Fact<string> {
  if (text.kind === 'unreadable')
    return unreadable(
      `${text.why}; make it readable, or remove it: the next apply records it again`,
    );
  const line = valueOf(text)?.trim() ?? '';
  return line === '' ? absent : known(line);
}

// A damaged file may hold anything, and a lot of it.
const QUOTED_MAX = 40;

function quoted(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}
