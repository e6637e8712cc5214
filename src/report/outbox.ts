import { newDelivery } from '../core/delivery.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Files, Host } from '../host/host.ts';
import { DELIVERY_FORMAT, type Delivery, type Post } from '../model/callback.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';

/** Where deliveries are: on their way, arrived, or given up. */
export const BOXES = ['outbox', 'dead', 'sent'] as const;
/** Where deliveries are. */
export type Box = (typeof BOXES)[number];

/** A delivery as it is kept. */
export interface StoredDelivery {
  readonly box: Box;
  /** Of its file: the event's id, and a digest of its receiver. */
  readonly name: string;
  readonly delivery: Delivery;
}

/** What a box holds. */
export interface BoxContent {
  /** In the order of their events. */
  readonly stored: readonly StoredDelivery[];
  /** Files that cannot be read, and why; they stay where they are. */
  readonly damaged: readonly { readonly path: HostPath; readonly why: string }[];
}

type Reading = Pick<Files, 'list' | 'read' | 'inspect'>;
type Writing = Pick<Files, 'list' | 'makeFolder' | 'remove' | 'replace' | 'inspect'>;

// Addresses of receivers may hold tokens.
const DELIVERY_BITS = 0o600;
const NAME_END = '.json';
/** Of each of `sent` and `dead`; the oldest make room. */
const KEPT_MAX = 1000;
/** A receiver that is down for days must not fill the disk: the oldest are given up. */
const WAITING_MAX = 5000;

/** The digest of its receiver, in the name of a delivery's file. */
export function receiverKeyOf(name: string): string {
  return name.slice(0, -NAME_END.length).split('.').at(-1) ?? '';
}

/** The same, each receiver by itself, in their order. */
export function byReceiver(
  stored: readonly StoredDelivery[],
): ReadonlyMap<string, readonly StoredDelivery[]> {
  const groups = new Map<string, StoredDelivery[]>();
  for (const each of stored) {
    const receiver = receiverKeyOf(each.name);
    const group = groups.get(receiver);
    if (group === undefined) groups.set(receiver, [each]);
    else group.push(each);
  }
  return groups;
}

/** The names of what is in a box, in the order of their runs; [] where there is nothing. */
function namesIn(files: Pick<Files, 'list'>, root: string, box: Box): readonly string[] {
  const names = valueOf(files.list(layoutOf(root)[box])) ?? [];
  return names.filter((name) => name.endsWith(NAME_END));
}

/** All that is in a box. */
export function readBox(files: Reading, root: string, box: Box): BoxContent {
  const stored: StoredDelivery[] = [];
  const damaged: { readonly path: HostPath; readonly why: string }[] = [];
  for (const name of namesIn(files, root, box)) {
    const path = pathOf(root, box, name);
    const text = files.read(path);
    // Delivered a moment ago by another process.
    if (text.kind === 'absent') continue;
    const delivery = text.kind === 'known' ? parseDelivery(text.value) : err(text.why);
    if (delivery.ok) stored.push({ box, name, delivery: delivery.value });
    else damaged.push({ path, why: delivery.error });
  }
  const order = ({ delivery }: StoredDelivery): number => Number(delivery.event.sequence);
  return { stored: stored.toSorted((a, b) => order(a) - order(b)), damaged };
}

function pathOf(root: string, box: Box, name: string): HostPath {
  return hostPath('', `${layoutOf(root)[box]}/${name}`);
}

function parseDelivery(text: string): Result<Delivery, string> {
  const document = parseJsonObject(text);
  if (document === undefined) return err('it is damaged (not JSON)');
  const { schema, ...delivery } = document;
  if (schema !== DELIVERY_FORMAT)
    return err(`its format is ${String(schema)}, this bootstrap knows ${DELIVERY_FORMAT}`);
  return isDelivery(delivery) ? ok(delivery) : err('it is damaged (no event, or no receiver)');
}

function isDelivery(document: object): document is Delivery {
  const { event, receiver, tries } = document as Partial<Delivery>;
  return (
    typeof tries === 'number' &&
    typeof event?.id === 'string' &&
    typeof event.data === 'object' &&
    typeof receiver?.url === 'string' &&
    URL.canParse(receiver.url)
  );
}

/** Lays events into the outbox, durably, a delivery for each receiver; one that is in any box already stays as it is. */
export function post(
  { clock, crypto, files }: Pick<Host, 'clock' | 'crypto' | 'files'>,
  root: string,
  posts: readonly Post[],
): Result<void, Failure> {
  for (const { event, receivers } of posts)
    for (const receiver of receivers) {
      const { url, format } = receiver;
      const key = crypto.sha256(`${format} ${url}`).slice(0, RECEIVER_KEY_DIGITS);
      const name = `${event.id}.${key}${NAME_END}`;
      if (BOXES.some((box) => isThere(files, root, { box, name }))) continue;
      const delivery = newDelivery(event, receiver, clock.now());
      const kept = keep(files, root, { box: 'outbox', name, delivery });
      if (!kept.ok) return kept;
    }
  return ok(undefined);
}

// Enough that two receivers of one server are never the same.
const RECEIVER_KEY_DIGITS = 12;

function isThere(
  files: Pick<Files, 'inspect'>,
  root: string,
  { box, name }: Pick<StoredDelivery, 'box' | 'name'>,
): boolean {
  return files.inspect(pathOf(root, box, name)).kind !== 'absent';
}

/** Keeps what has become of a delivery where it is. */
export function keep(
  files: Pick<Files, 'makeFolder' | 'replace'>,
  root: string,
  { box, name, delivery }: StoredDelivery,
): Result<void, Failure> {
  const made = files.makeFolder(layoutOf(root)[box]);
  if (!made.ok) return made;
  const text = `${JSON.stringify({ schema: DELIVERY_FORMAT, ...delivery }, undefined, 2)}\n`;
  return files.replace(pathOf(root, box, name), text, { modeBits: DELIVERY_BITS });
}

/** Keeps what has become of a delivery in another box: it is there before it is gone from where it was. */
export function move(
  files: Writing,
  root: string,
  { stored, to }: { readonly stored: StoredDelivery; readonly to: Box },
): Result<void, Failure> {
  const kept = keep(files, root, { ...stored, box: to });
  failpoint('callback.copied');
  return kept.ok && stored.box !== to ? takeOut(files, root, stored) : kept;
}

/** True where a delivery arrived, and a crash kept it from being taken out of the outbox. */
export function hasArrived(files: Pick<Files, 'inspect'>, root: string, name: string): boolean {
  return isThere(files, root, { box: 'sent', name });
}

/** Takes a delivery out of the box it is in. */
export function takeOut(
  files: Pick<Files, 'remove'>,
  root: string,
  { box, name }: Pick<StoredDelivery, 'box' | 'name'>,
): Result<void, Failure> {
  return files.remove(pathOf(root, box, name));
}

/** Makes room in the boxes of what is over: the oldest of more than a thousand go. */
export function trim(files: Pick<Files, 'list' | 'remove'>, root: string): Result<void, Failure> {
  for (const box of ['sent', 'dead'] as const) {
    const names = namesIn(files, root, box);
    for (const name of names.slice(0, Math.max(0, names.length - KEPT_MAX))) {
      const removed = takeOut(files, root, { box, name });
      if (!removed.ok) return removed;
    }
  }
  return ok(undefined);
}

/** Of what waits, what is too much of it: the oldest. */
export function tooMany(waiting: readonly StoredDelivery[]): readonly StoredDelivery[] {
  return waiting.slice(0, Math.max(0, waiting.length - WAITING_MAX));
}
