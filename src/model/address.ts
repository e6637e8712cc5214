/** An IP address as its 4 or 16 bytes. */
export type Ip = readonly number[];

/** All addresses that begin with the same bits. */
export interface IpRange {
  readonly start: Ip;
  readonly bits: number;
}

/** Where callbacks may go (CONTRACT 8, `callback-allow`); what is never asked is not for it to say. */
export interface AddressAllowance {
  /** Any address over https. */
  readonly https: boolean;
  /** Loopback and private addresses, over http too. */
  readonly private: boolean;
  /** These, over http too. */
  readonly ranges: readonly IpRange[];
}

/** Where bootstrap.ini says nothing. */
export const ALLOWED_BY_DEFAULT: AddressAllowance = { https: true, private: true, ranges: [] };

const ipv4 = /^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/;
const ipv6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
const IPV4_BYTES = 4;
const BYTE_MAX = 255;

/** An IP address in its usual spelling (RFC 4291 for IPv6, without a zone); undefined for any other text, `127.1` and `0x7f.1` too. */
export function parseIp(text: string): Ip | undefined {
  if (ipv4.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= BYTE_MAX) ? bytes : undefined;
  }
  const url = `http://[${text}]`;
  return ipv6.test(text) && URL.canParse(url) ? bytesOf(new URL(url).hostname) : undefined;
}

/** The bytes of an IPv6 address as the URL parser writes it: all groups in hex, the dotted end too. */
function bytesOf(hostname: string): Ip {
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & BYTE_MAX]);
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; undefined for any other text. */
export function parseIpRange(text: string): IpRange | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const start = parseIp(address);
  if (start === undefined) return undefined;
  const bits = length === undefined ? start.length * 8 : Number(length);
  return bits <= start.length * 8 ? { start, bits } : undefined;
}

/** True where the address is one of the range; an IPv4 address is in no range of IPv6. */
export function isWithin(address: Ip, { start, bits }: IpRange): boolean {
  if (address.length !== start.length) return false;
  return start.every((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (BYTE_MAX << (8 - left)) & BYTE_MAX;
    return ((address[index] ?? 0) & mask) === (byte & mask);
  });
}

/** The IPv4 address that a mapped, compatible (RFC 4291), NAT64 (RFC 6052, RFC 8215) or 6to4 (RFC 3056) address leads to; undefined for any other. */
export function embeddedIPv4(address: Ip): Ip | undefined {
  if (address.length === IPV4_BYTES) return undefined;
  if (SIX_TO_FOUR.some((range) => isWithin(address, range))) return address.slice(2, 6);
  const end = address.slice(12);
  // :: and ::1 are compatible addresses of nobody.
  const isNamed = end.slice(0, 2).some((byte) => byte !== 0);
  const holds = (ranges: readonly IpRange[]): boolean =>
    ranges.some((range) => isWithin(address, range));
  return holds(EMBEDDING) || (isNamed && holds(COMPATIBLE)) ? end : undefined;
}

/** The ranges that a source lists; throws for a text that is none, which is a bug there. */
export function ipRanges(texts: readonly string[]): readonly IpRange[] {
  return texts.map((text) => {
    const range = parseIpRange(text);
    if (range === undefined) throw new Error(`${text} is no range of addresses`);
    return range;
  });
}

const SIX_TO_FOUR = ipRanges(['2002::/16']);
const EMBEDDING = ipRanges(['::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48']);
const COMPATIBLE = ipRanges(['::/96']);
