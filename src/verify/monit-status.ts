/** What monit says of a service. */
export interface MonitService {
  /** What is wrong, to be read after the service's name; undefined where nothing is. */
  readonly fault: string | undefined;
  /** Of a service that is a process, when monit found it running. */
  readonly pid: number | undefined;
}

/** The commonest bits of a service's status: monit's event.h. */
const STATUS_BITS: readonly (readonly [bit: number, words: string])[] = [
  [0x2, 'is beyond a resource limit'],
  [0x4, 'timed out'],
  [0x20, 'does not accept connections'],
  [0x200, 'is not there'],
  [0x1000, 'could not be started or stopped'],
];
const NOT_SEEN = 'is monitored, but was not looked at yet';
/** Why a service is not watched: monit's monit.h; 1 is one that is. */
const MONITOR_STATES: ReadonlyMap<string, string> = new Map([
  ['0', 'is not monitored'],
  ['2', NOT_SEEN],
  ['4', 'waits for another service'],
]);
const MONITORED = '1';

/** A service of this name in what monit answers to `_status?format=xml`; undefined where it has none. */
export function readMonitService(xml: string, name: string): MonitService | undefined {
  // What programs print stands in there too, and may hold anything.
  const document = xml.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '');
  const [, ...services] = document.split('<service ');
  const service = services.find((each) => textOf(each, 'name') === escapeXml(name));
  if (service === undefined) return undefined;
  const pid = Number(textOf(service, 'pid') ?? 0);
  if (pid > 0) return { fault: faultIn(service), pid };
  // Type 3 is a process: one that nothing is wrong with has a pid, once it was looked at.
  const isUnseen = service.startsWith('type="3"');
  return { fault: faultIn(service) ?? (isUnseen ? NOT_SEEN : undefined), pid: undefined };
}

function faultIn(service: string): string | undefined {
  const monitor = textOf(service, 'monitor') ?? 'unknown';
  if (monitor !== MONITORED) return MONITOR_STATES.get(monitor) ?? `has monitor ${monitor}`;
  const status = Number(textOf(service, 'status') ?? Number.NaN);
  if (status === 0) return undefined;
  const words = STATUS_BITS.filter(([bit]) => (status & bit) !== 0).map(([, each]) => each);
  return words.length > 0 ? words.join(', ') : `has status ${status}`;
}

/** The first one: those of a service itself stand before those of its parts. */
function textOf(xml: string, tag: string): string | undefined {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
