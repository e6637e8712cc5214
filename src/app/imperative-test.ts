import { refuseScripts } from '../actual/trust.ts';
import { oldErrorOf } from '../core/old-error.ts';
import type { Host } from '../host/host.ts';
import type { ScriptDefinition } from '../model/definition.ts';
import { durationMs } from '../model/duration.ts';
import { actionId, hostPath, parseProductName, type ProductName } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { VerbRequest } from './imperative.ts';
import { loadDefinition, loadWritten } from './load.ts';
import { learnSecrets, lookContext } from './look.ts';

/** What `product.test` is given, and who gets what the test prints. */
export interface ProductTest {
  readonly product: string;
  readonly test: string;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** `product.test P TEST`: runs the product's test-script with TEST, while nobody changes the server. Returns why it failed, or undefined. */
export async function productTest(
  host: Host,
  { site, runId, brakes }: Pick<VerbRequest, 'site' | 'runId' | 'brakes'>,
  { product, test, onLine }: ProductTest,
): Promise<OldError | undefined> {
  const definition = loadDefinition(host, site);
  if (!definition.ok) return oldErrorOf([definition.error]);
  const name = parseProductName(product);
  const found = name && definition.value.products.get(name);
  if (name === undefined || found === undefined)
    return { tag: 'invalid-product', message: product };
  const script = scriptOf(name, found.scripts.get('test'), test);
  if (!script.ok) return script.error;
  const path = hostPath(site.root, script.value.path);
  const searchPath = definition.value.scriptPath;
  const refusals = refuseScripts(host, { paths: [path], searchPath });
  if (refusals.length > 0) return oldErrorOf([{ code: 'script-refused', refusals }], () => product);
  const { environment, secrets } = lookContext(host, definition.value, { runId });
  const written = await loadWritten(host, site);
  if (written.ok) learnSecrets(written.value.desired.products.values(), secrets);
  const held = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command: 'product.test',
      runId,
      timeoutMs: durationMs(0),
      signal: brakes.stop,
      onWait: () => {},
    },
    async (lock) =>
      await host.runner.run({
        argv: [path, test],
        env: environment(name),
        mask: secrets.values(),
        stdin: undefined,
        timeoutMs: found.timeoutMs,
        // Whoever pulls the first brake has nothing else to wait for.
        terminate: AbortSignal.any([brakes.stop, brakes.terminate, lock.lost]),
        kill: brakes.kill,
        onLine,
      }),
  );
  if (!held.ok) return oldErrorOf([held.error]);
  const { end } = held.value;
  if (end.how === 'exit' && end.exitCode === 0) return undefined;
  // What it printed was passed on as it came.
  const failure = { code: 'script-failed', action: actionId(name, 'test'), product: name } as const;
  return oldErrorOf([{ ...failure, path, end, tail: [], wasFailing: false }]);
}

function scriptOf(
  name: ProductName,
  script: ScriptDefinition | undefined,
  test: string,
): Result<ScriptDefinition, OldError> {
  if (script === undefined)
    return err({ tag: 'invalid-test', message: `${name} has no test-script in bootstrap.ini` });
  return test === '' ? err({ tag: 'invalid-test', message: test }) : ok(script);
}
