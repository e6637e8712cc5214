import { loadWritten } from '../../app/load.ts';
import { diagnosticsDocument } from '../../core/render/diagnostics-text.ts';
import { githubCommand } from '../../core/render/github-command.ts';
import { failWith } from '../failing.ts';
import type { DesiredOptions } from '../options.ts';
import { openSession } from '../session.ts';

/** `bootstrap validate`: reads and checks the desired state, bootstrap.ini and templates; looks at nothing else. */
export async function validate(options: DesiredOptions): Promise<number> {
  const session = openSession(options, options.file);
  const written = await loadWritten(session.host, session.site);
  if (!written.ok) return failWith(session, written.error);
  const { files, products } = written.value.desired;
  const valid = `${files.join(' + ')} is valid: ${products.size} product(s).`;
  if (session.json)
    session.streams.out(`${JSON.stringify(diagnosticsDocument([]), undefined, 2)}\n`);
  else if (session.format === 'github')
    session.streams.out(githubCommand('notice', { title: 'bootstrap validate' }, valid));
  else if (!options.quiet) session.streams.out(`${valid}\n`);
  return 0;
}
