import { describe, expect, test } from 'vitest';
import {
  reachOf,
  refuseAddress,
  refuseForm,
  refuseLiteral,
} from '../../src/host/address-policy.ts';
import { ALLOWED_BY_DEFAULT, ipRanges } from '../../src/model/address.ts';

const why = (address: string) => {
  const reach = reachOf(address);
  return reach.kind === 'never' ? reach.why : reach.kind;
};

describe('how an address may be asked', () => {
  test.each([
    [
      'near',
      [
        '127.0.0.1',
        '127.255.255.254',
        '::1',
        '10.1.2.3',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.0.1',
        'fc00::1',
        'fd12:3456::1',
      ],
    ],
    [
      'near',
      [
        '::ffff:127.0.0.1',
        '::ffff:7f00:1',
        '::127.0.0.1',
        '64:ff9b::10.0.0.1',
        '64:ff9b:1::c0a8:1',
        '2002:7f00:1::',
        '2002:0a00:0001:ffff::1',
      ],
    ],
    [
      'far',
      [
        '93.184.216.34',
        '172.15.255.255',
        '172.32.0.1',
        '192.169.0.1',
        '11.0.0.1',
        '2606:2800:220:1::1',
        '::ffff:93.184.216.34',
        '64:ff9b::5db8:d822',
        '2002:5db8:d822::1',
        '2003::7f00:1',
        '64:ff9a::7f00:1',
      ],
    ],
    [
      'a link-local address',
      [
        '169.254.0.1',
        '169.254.255.255',
        'fe80::1',
        'fe80::1%eth0',
        'febf::1',
        '::ffff:169.254.1.1',
        '64:ff9b::a9fe:101',
        '2002:a9fe:0101::',
      ],
    ],
    [
      'a metadata address',
      [
        '169.254.169.254',
        '::ffff:169.254.169.254',
        '64:ff9b::169.254.169.254',
        'fd00:ec2::254',
        '100.100.100.200',
        '168.63.129.16',
      ],
    ],
    ['an unspecified address', ['0.0.0.0', '0.1.2.3', '::', '::ffff:0:0', '64:ff9b::', '2002::']],
    [
      'a multicast or broadcast address',
      ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255', '::ffff:224.0.0.1'],
    ],
    ['no IP address', ['', 'localhost', '127.1', '0x7f000001', '1.2.3.4.5', 'fe80:::1']],
  ])('%s', (reach, addresses) => {
    for (const address of addresses) expect([address, why(address)]).toEqual([address, reach]);
  });
});

test('a URL is refused by its scheme or its user, whoever named it', () => {
  for (const url of ['http://example.com/', 'https://example.com/'])
    expect(refuseForm(new URL(url))).toBeUndefined();
  for (const url of [
    'file:///etc/passwd',
    'ftp://x/',
    'javascript:1',
    'http://user@x/',
    'https://:password@x/',
  ]) {
    expect(refuseForm(new URL(url)), url).toBeDefined();
  }
});

test('a literal address is judged with its scheme, a name is not judged yet', () => {
  const verdicts = [
    'http://localhost/',
    'http://1.1.1.1/',
    'https://1.1.1.1/',
    'http://[::1]/',
    'http://[2606::1]/',
    'https://[fe80::1]/',
    'http://0x7f.1/',
  ].map((url) => refuseLiteral(new URL(url), ALLOWED_BY_DEFAULT) === undefined);
  expect(verdicts).toEqual([true, false, true, true, false, false, true]);
});

describe('what callback-allow says', () => {
  const allowances = {
    default: ALLOWED_BY_DEFAULT,
    private: { https: false, private: true, ranges: [] },
    https: { https: true, private: false, ranges: [] },
    'https, private, 203.0.113.7': { ...ALLOWED_BY_DEFAULT, ranges: ipRanges(['203.0.113.7']) },
    '10.20.0.0/16, 2001:db8::/33': {
      https: false,
      private: false,
      ranges: ipRanges(['10.20.0.0/16', '2001:db8::/33']),
    },
    '0.0.0.0/0, ::/0': { https: false, private: false, ranges: ipRanges(['0.0.0.0/0', '::/0']) },
  };
  const asked = `http 127.0.0.1, https 127.0.0.1, http 10.20.255.1, http 10.21.0.1, http 203.0.113.7, http 203.0.113.8,
 https 203.0.113.8, http ::ffff:203.0.113.7, http 2001:db8:7fff::1, http 2001:db8:8000::1, https 169.254.169.254, https fe80::1`;
  const near = 'http 127.0.0.1, https 127.0.0.1, http 10.20.255.1, http 10.21.0.1';
  const listed = (text: string): readonly string[] => text.split(/,\s*/);
  test.each<[keyof typeof allowances, string]>([
    ['default', `${near}, https 203.0.113.8`],
    ['private', near],
    ['https', 'https 127.0.0.1, https 203.0.113.8'],
    [
      'https, private, 203.0.113.7',
      `${near}, http 203.0.113.7, https 203.0.113.8, http ::ffff:203.0.113.7`,
    ],
    ['10.20.0.0/16, 2001:db8::/33', 'http 10.20.255.1, http 2001:db8:7fff::1'],
    ['0.0.0.0/0, ::/0', asked.replace(/, https 169.*/, '')],
  ])('%s', (allowance, expected) => {
    const isAllowed = (each: string): boolean => {
      const [scheme = '', address = ''] = each.split(' ');
      return refuseAddress(address, `${scheme}:`, allowances[allowance]) === undefined;
    };
    expect(listed(asked).filter(isAllowed)).toEqual(listed(expected));
  });
});
