import { escapeSecret } from '../format/config.ts';
import type { Host, RunReport } from '../host/host.ts';
import type { Deed } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import type { ActionId, HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { ApplyContext, Brakes } from './context.ts';

/** What looks at a config file before it is put in place. */
export type CheckConfig = Extract<Deed, { readonly do: 'check-config' }>;

/** Where the text of a config file is while its check looks at it. */
export interface Draft {
  put(text: string): Result<HostPath, Failure>;
  remove(path: HostPath): Result<void, Failure>;
}

/** What running a check takes. */
export interface Checking extends Partial<Pick<Brakes, 'terminate' | 'kill'>> {
  readonly draft: Draft;
  readonly secrets: ApplyContext['secrets'];
  readonly environment: ApplyContext['environment'];
}

/** How a check ended. */
export interface Checked {
  readonly report: RunReport;
  /** Why the draft is still there; undefined where it is not. */
  readonly unremoved: Failure | undefined;
}

/** Runs the check on the text, its secrets filled in, and removes the draft. Fails where that could not be written. */
export async function runCheck(
  { runner }: Pick<Host, 'runner'>,
  { argv, text, format, product, timeoutMs }: CheckConfig,
  { draft, secrets, environment, ...brakes }: Checking,
): Promise<Result<Checked, Failure>> {
  const escape = (value: string): string => escapeSecret(format, value);
  const filled = secrets.fill(text, escape);
  const put = filled.ok ? draft.put(filled.value) : filled;
  if (!put.ok) return put;
  const [program = '', ...args] = argv.map((word) => word.replaceAll('{file}', put.value));
  const report = await runner.run({
    argv: [program, ...args],
    env: environment(product),
    stdin: undefined,
    // A program that refuses a line may show it as it stands in the file.
    mask: secrets.values().flatMap((value) => [value, escape(value)]),
    timeoutMs,
    ...brakes,
  });
  const removed = draft.remove(put.value);
  return ok({ report, unremoved: removed.ok ? undefined : removed.error });
}

/** That the check of a config file refused it; undefined where it accepted. */
export function refusal(
  { product, argv }: CheckConfig,
  action: ActionId,
  { end, tail }: RunReport,
): Failure | undefined {
  if (end.how === 'exit' && end.exitCode === 0) return undefined;
  return { code: 'config-refused', action, product, argv, end, tail };
}
