import { BlockList, isIP, isIPv6 } from 'node:net';

// CONTRACT 8: where an address that somebody else named may lead. Ranges are those of IANA's special-purpose registries.

/** How an address may be asked: never, over http too, or over https only. */
export type Reach =
  | { readonly kind: 'never'; readonly why: string }
  | { readonly kind: 'near' }
  | { readonly kind: 'far' };

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

const never = NEVER.map(({ why, ranges }) => ({ why, list: blockList(ranges) }));
const near = blockList(NEAR);

/** Why a URL is never asked, whoever named it: its scheme, or the user in it. Undefined where it may be. */
export function refuseForm({ protocol, username, password }: URL): string | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return 'it is not an http or https URL';
  return username === '' && password === ''
    ? undefined
    : 'a URL may not carry a user or a password';
}

/** Why an address that stands in a URL in place of a name is refused: no name is looked up then. Undefined for a name. */
export function refuseLiteral({ hostname, protocol }: URL): string | undefined {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(literal) === 0 ? undefined : refuseAddress(literal, protocol);
}

/** Why an address, as a name was resolved to it, is refused for this protocol (`http:` or `https:`); undefined where it may be asked. */
export function refuseAddress(address: string, protocol: string): string | undefined {
  const reach = reachOf(address);
  switch (reach.kind) {
    case 'never':
      return `${address} is ${reach.why}`;
    case 'near':
      return undefined;
    case 'far':
      return protocol === 'https:'
        ? undefined
        : `${address} is neither loopback nor private, and may be asked over https only`;
  }
}

/** How an IP address may be asked. An IPv4 address inside an IPv6 one counts as what it is. */
export function reachOf(address: string): Reach {
  const [bare = ''] = address.split('%');
  const plain = embeddedIPv4(bare) ?? bare;
  const family = isIP(plain);
  if (family === 0) return { kind: 'never', why: 'no IP address' };
  const type = family === 6 ? 'ipv6' : 'ipv4';
  for (const { why, list } of never) if (list.check(plain, type)) return { kind: 'never', why };
  return { kind: near.check(plain, type) ? 'near' : 'far' };
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The IPv4 address that a mapped, compatible (RFC 4291), NAT64 (RFC 6052, RFC 8215) or 6to4 (RFC 3056) address leads to. */
function embeddedIPv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  const groups = groupsOf(address);
  const [first = 0, second = 0, third = 0] = groups;
  if (first === 0x2002) return ipv4Of(second, third);
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  const isNat64 = first === 0x64 && second === 0xff9b && (third === 1 || isZero(2, 6));
  const isMapped = isZero(0, 5) && groups[5] === 0xffff;
  const isCompatible = isZero(0, 6) && groups[6] !== 0; // not :: and ::1
  return isNat64 || isMapped || isCompatible ? ipv4Of(groups[6] ?? 0, groups[7] ?? 0) : undefined;
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address; the URL parser writes a dotted end as two groups, and all in one form. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
