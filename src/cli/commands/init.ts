import { resolve } from 'node:path';
import { writeFirstFiles, type Initialised } from '../../app/init.ts';
import { FIRST_DEFINITION, firstDesiredState } from '../../core/render/init-texts.ts';
import { hostPath } from '../../model/ids.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { schemaReference } from '../schema-reference.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap init [DIR]`: writes a first bootstrap.ini and desired-state.yaml, each only where there is none. */
export function init(options: GlobalOptions, dir: string | undefined): number {
  const session = openSession(options);
  const { host, site } = session;
  const folder =
    dir === undefined ? hostPath(site.root, '/etc/bootstrap') : hostPath('', resolve(dir));
  const desired = hostPath('', resolve(folder, 'desired-state.yaml'));
  const done = writeFirstFiles(host.files, [
    { path: site.definition.path, text: FIRST_DEFINITION },
    { path: desired, text: firstDesiredState(schemaReference(host.files)) },
  ]);
  if (!done.ok) return failWith(session, done.error);
  const where = [
    ...(site.root === '' ? [] : ['--root', site.root]),
    ...(options.config === undefined ? [] : ['--config', options.config]),
  ];
  report(session, done.value, ['bootstrap plan', ...where, '-f', desired].join(' '));
  return 0;
}

function report(
  { json, streams, text }: Session,
  { written, kept }: Initialised,
  next: string,
): void {
  if (json) {
    const document = { schema: 'bootstrap.init/1', written, kept };
    streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  if (text.quiet) return;
  const lines = [
    ...written.map((path) => `Wrote ${path}.`),
    ...kept.map((path) => `Kept ${path}: it was there already.`),
    `Next: change them, and look with ${next}`,
  ];
  streams.out(`${lines.join('\n')}\n`);
}
