import { readConfig } from '../format/config.ts';
import type { Files, Host } from '../host/host.ts';
import type { ProductDefinition, ServerDefinition } from '../model/definition.ts';
import { absent, known, mapFact, unreadable, type Fact } from '../model/fact.ts';
import {
  hostPath,
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
import { readAppliedSettings } from './applied-settings.ts';
import { runProbe, type ProbeAnswer, type ProbeContext } from './probe.ts';

/** What reading the actual state needs beside the machine. */
export interface LookRequest {
  readonly definition: ServerDefinition;
  readonly products: readonly ProductName[];
  readonly probe: ProbeContext;
}

/** One look at the server: /var/bootstrap, config files, probe-scripts. Reads only; never fails, what cannot be read is a fact too. */
export async function readActual(
  host: Pick<Host, 'clock' | 'files' | 'runner' | 'processes' | 'machine'>,
  { definition, products, probe }: LookRequest,
): Promise<ActualState> {
  const layout = layoutOf(definition.root);
  const looks = products.map(async (name): Promise<readonly [ProductName, ActualProduct][]> => {
    const product = definition.products.get(name);
    if (product === undefined) return [];
    const answer = product.scripts.has('probe') ? await runProbe(host, product, probe) : undefined;
    return [[name, readProduct(host, { product, root: definition.root, answer })]];
  });
  return {
    readAt: host.clock.now(),
    mode: readWord(host.files, layout.serverMode, parseServerMode, SERVER_MODES),
    lastMessage: readLine(host.files, layout.serverMessage),
    products: new Map((await Promise.all(looks)).flat()),
  };
}

interface ProductLook {
  readonly product: ProductDefinition;
  readonly root: string;
  /** Undefined where the product has no probe-script. */
  readonly answer: Fact<ProbeAnswer> | undefined;
}

function readProduct(
  { files, machine }: Pick<Host, 'files' | 'machine'>,
  { product, root, answer }: ProductLook,
): ActualProduct {
  const pathOf = (file: ProductFile): HostPath => productPath(root, product.name, file);
  const recordedVersion = readVersion(files, pathOf('version'));
  const applied = readAppliedSettings(files, pathOf('settings.json'));
  const configText =
    product.config === undefined ? absent : files.read(hostPath(root, product.config.path));
  return {
    version:
      answer === undefined ? recordedVersion : flat(mapFact(answer, (probe) => probe.version)),
    probed: answer !== undefined,
    recordedVersion,
    repository: readLine(files, pathOf('repository')),
    status: readWord(files, pathOf('status'), parseProductStatus, PRODUCT_STATUSES),
    lastMessage: readLine(files, pathOf('lastmessage')),
    applied,
    settings: settingsInForce({ product, configText, answer, applied }),
    configText,
    configAccess:
      product.config === undefined
        ? absent
        : readConfigAccess({ files, machine }, { root, config: product.config }),
  };
}

function flat<T>(fact: Fact<Fact<T>>): Fact<T> {
  return fact.kind === 'known' ? fact.value : fact;
}

interface SettingSources {
  readonly product: ProductDefinition;
  readonly configText: Fact<string>;
  readonly answer: Fact<ProbeAnswer> | undefined;
  readonly applied: Fact<SettingMap>;
}

// The config file tells best, then the probe, then what was recorded.
function settingsInForce({
  product,
  configText,
  answer,
  applied,
}: SettingSources): Fact<SettingMap> {
  const format = product.config?.format;
  if (format !== undefined && format !== 'template') {
    if (configText.kind !== 'known') return configText;
    const read = readConfig(format, configText.value);
    // Broken by hand it tells no settings; its text does not match either, and so it is put right.
    return read.ok ? known(read.value) : absent;
  }
  const told = answer === undefined ? absent : flat(mapFact(answer, (probe) => probe.settings));
  return told.kind === 'known' ? told : applied;
}

function readVersion(files: Files, path: HostPath): Fact<Version> {
  const line = readLine(files, path);
  if (line.kind !== 'known') return line;
  const version = parseVersion(line.value);
  return version === undefined
    ? unreadable(`${path} holds "${line.value}", which is no version`)
    : known(version);
}

function readWord<T extends string>(
  files: Files,
  path: HostPath,
  parse: (text: string) => T | undefined,
  words: readonly string[],
): Fact<T> {
  const line = readLine(files, path);
  if (line.kind !== 'known') return line;
  const word = parse(line.value);
  return word === undefined
    ? unreadable(`${path} holds "${line.value}"; write one of ${words.join(', ')} to it`)
    : known(word);
}

// One-value files as shell scripts write them: an end of line is no part of the value, an empty file has none.
function readLine(files: Files, path: HostPath): Fact<string> {
  const text = files.read(path);
  if (text.kind !== 'known') return text;
  const line = text.value.trim();
  return line === '' ? absent : known(line);
}
