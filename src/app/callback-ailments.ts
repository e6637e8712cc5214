import type { Files } from '../host/host.ts';
import type { Ailment } from '../model/ailment.ts';
import { unreadable } from '../model/fact.ts';
import { layoutOf } from '../model/layout.ts';
import { BOXES, readBox } from '../report/outbox.ts';
import { readCallbackRecord } from './callback-record.ts';
import { damaged, isOfAnotherFormat } from './damage.ts';

/** What is wrong with what is kept of callbacks; that a receiver is down is none of it. */
export function callbackAilments(
  { files }: { readonly files: Pick<Files, 'inspect' | 'list' | 'read'> },
  root: string,
): readonly Ailment[] {
  const { callbacks } = layoutOf(root);
  const record = readCallbackRecord(files, root);
  const why = !record.ok && 'why' in record.error ? record.error.why : undefined;
  return [
    ...(typeof why === 'string'
      ? damaged(callbacks, unreadable(why), {
          isWhole: isOfAnotherFormat(why),
          after: 'the events of this server are counted from 1 again',
        })
      : []),
    ...BOXES.flatMap((box) => readBox(files, root, box).damaged).flatMap((each) =>
      damaged(each.path, unreadable(each.why), {
        isWhole: isOfAnotherFormat(each.why),
        after: 'its receiver does not hear of this event',
      }),
    ),
  ];
}
