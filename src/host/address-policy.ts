import {
  embeddedIPv4,
  ipRanges,
  isWithin,
  parseIp,
  type AddressAllowance,
  type Ip,
  type IpRange,
} from '../model/address.ts';

// CONTRACT 8: where an address that somebody else named may lead. Ranges are those of IANA's special-purpose registries.

/** How an address may be asked where nothing else is said: never, over http too, or over https only. */
export type Reach =
  | { readonly kind: 'never'; readonly why: string }
  | { readonly kind: 'near' | 'far'; readonly ip: Ip };

/** Every address of a name, in the order in which they are to be tried. Rejects where the name has none. */
export type Resolve = (
  hostname: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const NEVER: readonly { readonly why: string; readonly ranges: readonly string[] }[] = [
  // Where clouds hand out a server's credentials: AWS over IPv6, Google, Alibaba, Oracle, Azure; the others are link-local.
  {
    why: 'a metadata address',
    ranges: [
      '169.254.169.254/32',
      'fd00:ec2::254/128',
      'fd20:ce::254/128',
      '100.100.100.200/32',
      '192.0.0.192/32',
      '168.63.129.16/32',
    ],
  },
  { why: 'a link-local address', ranges: ['169.254.0.0/16', 'fe80::/10'] },
  { why: 'an unspecified address', ranges: ['0.0.0.0/8', '::/128'] },
  {
    why: 'a multicast or broadcast address',
    ranges: ['224.0.0.0/4', 'ff00::/8', '255.255.255.255/32'],
  },
];
const NEAR: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
];

const never = NEVER.map(({ why, ranges }) => ({ why, ranges: ipRanges(ranges) }));
const near = ipRanges(NEAR);

/** Why a URL is never asked, whoever named it: its scheme, or the user in it. Undefined where it may be. */
export function refuseForm({ protocol, username, password }: URL): string | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return 'it is not an http or https URL';
  return username === '' && password === ''
    ? undefined
    : 'a URL may not carry a user or a password';
}

/** Why an address that stands in a URL in place of a name is refused: no name is looked up then. Undefined for a name. */
export function refuseLiteral(
  { hostname, protocol }: URL,
  allow: AddressAllowance,
): string | undefined {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  return parseIp(literal) === undefined ? undefined : refuseAddress(literal, protocol, allow);
}

/** Why an address, as a name was resolved to it, is refused for this protocol (`http:` or `https:`); undefined where it may be asked. */
export function refuseAddress(
  address: string,
  protocol: string,
  allow: AddressAllowance,
): string | undefined {
  const reach = reachOf(address);
  if (reach.kind === 'never') return `${address} is ${reach.why}`;
  const isNamed = isAmong(reach.ip, allow.ranges);
  const isNear = allow.private && reach.kind === 'near';
  if (isNamed || isNear || (allow.https && protocol === 'https:')) return undefined;
  return allow.https && allow.private
    ? `${address} is neither loopback nor private, and may be asked over https only`
    : `${address} is not among what callback-allow of bootstrap.ini names${allow.https ? ' for http' : ''}`;
}

/** How an IP address may be asked. An IPv4 address inside an IPv6 one counts as what it is. */
export function reachOf(address: string): Reach {
  const [bare = ''] = address.split('%');
  const whole = parseIp(bare);
  if (whole === undefined) return { kind: 'never', why: 'no IP address' };
  const ip = embeddedIPv4(whole) ?? whole;
  for (const { why, ranges } of never) if (isAmong(ip, ranges)) return { kind: 'never', why };
  return { kind: isAmong(ip, near) ? 'near' : 'far', ip };
}

function isAmong(ip: Ip, ranges: readonly IpRange[]): boolean {
  return ranges.some((range) => isWithin(ip, range));
}
