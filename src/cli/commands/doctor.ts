import { examine, treat } from '../../app/doctor.ts';
import { ailmentsDocument, renderAilments } from '../../core/render/doctor-text.ts';
import { failWith } from '../failing.ts';
import type { DoctorOptions } from '../options.ts';
import { openSession } from '../session.ts';

const AILING_EXIT_CODE = 1;

/** `bootstrap doctor [--fix]`: what is wrong with the server and its records; exit 0 when nothing is, or is any more. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const session = openSession(options, options.file);
  const { host, streams, text } = session;
  const ailments = await examine(host, session);
  const isTreated = options.fix && ailments.some(({ repair }) => repair !== undefined);
  const treated = isTreated ? await treat(host, ailments, session) : undefined;
  if (treated?.ok === false) return failWith(session, treated.error);
  const seen = treated?.value ?? ailments.map((ailment) => ({ ailment, setAside: undefined }));
  streams.out(
    session.json
      ? `${JSON.stringify(ailmentsDocument(seen), undefined, 2)}\n`
      : renderAilments(seen, text.palette),
  );
  return seen.every(({ setAside }) => setAside !== undefined) ? 0 : AILING_EXIT_CODE;
}
