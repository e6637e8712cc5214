import type { Host } from '../host/host.ts';
import type { ProductDefinition } from '../model/definition.ts';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import { hostPath, parseVersion, type ProductName, type Version } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { settingsFrom, type SettingMap } from '../model/settings.ts';
import { refuseScripts } from './trust.ts';

/** What a probe-script told; each part is absent where it said nothing of it. */
export interface ProbeAnswer {
  readonly version: Fact<Version>;
  readonly settings: Fact<SettingMap>;
}

/** What a probe-script is run with. */
export interface ProbeContext {
  readonly root: string;
  readonly environment: (product: ProductName) => Readonly<Record<string, string>>;
  /** Secrets that what it prints may not show. */
  readonly mask: readonly string[];
  /** Aborted: a probe that is running is ended; undefined where nobody would. */
  readonly terminate?: AbortSignal | undefined;
}

/** The exit code by which a probe-script says that its product is not installed (CONTRACT 1.1). */
const PRODUCT_ABSENT_EXIT_CODE = 3;

/** Asks a product's probe-script. A probe that fails, or may not be run, leaves the product unknown, not absent. */
export async function runProbe(
  host: Pick<Host, 'files' | 'processes' | 'runner'>,
  product: ProductDefinition,
  { root, environment, mask, terminate }: ProbeContext,
): Promise<Fact<ProbeAnswer>> {
  const script = product.scripts.get('probe');
  if (script === undefined) return absent;
  const path = hostPath(root, script.path);
  const env = environment(product.name);
  const [refusal] = refuseScripts(host, { paths: [path], searchPath: env['PATH'] ?? '' });
  if (refusal !== undefined)
    return unreadable(`probe-script ${refusal.path}: ${refusal.why}; ${refusal.fix}`);
  const { end, stdout, tail } = await host.runner.run({
    argv: [path],
    env,
    stdin: undefined,
    timeoutMs: product.timeoutMs,
    mask,
    ...(terminate === undefined ? {} : { terminate }),
    keepStdout: true,
  });
  if (end.how === 'exit' && end.exitCode === PRODUCT_ABSENT_EXIT_CODE) return absent;
  if (end.how !== 'exit' || end.exitCode !== 0)
    return unreadable(`probe-script ${path} failed: ${tail.at(-1) ?? JSON.stringify(end)}`);
  return readAnswer(path, stdout);
}

function readAnswer(path: string, stdout: string): Fact<ProbeAnswer> {
  const document = parseJsonObject(stdout);
  if (document === undefined) return unreadable(`probe-script ${path} printed no JSON object`);
  const text = document['version'];
  const version = typeof text === 'string' ? parseVersion(text) : undefined;
  if (text !== undefined && version === undefined)
    return unreadable(
      `probe-script ${path} printed the version ${JSON.stringify(text)}, which is none`,
    );
  const settings = document['settings'];
  return known({
    version: version === undefined ? absent : known(version),
    settings: settings === undefined ? absent : known(settingsFrom(settings)),
  });
}
