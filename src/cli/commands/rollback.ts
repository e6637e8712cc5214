import { readCount } from '../choices.ts';
import { runEngine } from '../engine.ts';
import { failWith, usage } from '../failing.ts';
import type { RunOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';

/** `bootstrap rollback [GENERATION]`: back to a good generation, through the same plan and apply. */
export async function rollback(options: RunOptions, asked: string | undefined): Promise<number> {
  const session = await openGuarded(options, options.file);
  const generation = asked === undefined ? undefined : readCount(asked);
  if (asked !== undefined && generation === undefined)
    return failWith(
      session,
      usage(
        `"${asked}" is not the number of a generation`,
        'bootstrap history lists the good ones',
      ),
    );
  return await runEngine(session, options, {
    site: session.site,
    command: 'rollback',
    asked: 'everything',
    saved: undefined,
    back: { generation },
    trial: undefined,
    guard: false,
    keepLast: undefined,
    snapshot: undefined,
  });
}
