import { expect, test } from 'vitest';
import { parseListenAddress, showListenAddress } from '../../src/serve/address.ts';

test.each([
  ['127.0.0.1:9810', { kind: 'port', host: '127.0.0.1', port: 9810 }, 'http://127.0.0.1:9810/'],
  ['[::1]:9810', { kind: 'port', host: '::1', port: 9810 }, 'http://[::1]:9810/'],
  ['[::]:80', { kind: 'port', host: '::', port: 80 }, 'http://[::]:80/'],
  ['0.0.0.0:9810', { kind: 'port', host: '0.0.0.0', port: 9810 }, 'http://0.0.0.0:9810/'],
  ['localhost:0', { kind: 'port', host: 'localhost', port: 0 }, 'http://localhost:0/'],
  [':9810', { kind: 'port', host: '127.0.0.1', port: 9810 }, 'http://127.0.0.1:9810/'],
  [
    'unix:/run/bootstrap/http.sock',
    { kind: 'socket', path: '/run/bootstrap/http.sock' },
    'unix:/run/bootstrap/http.sock',
  ],
])('%s is an address', (text, address, shown) => {
  const parsed = parseListenAddress(text);
  expect(parsed).toEqual(address);
  expect(parsed && showListenAddress(parsed)).toBe(shown);
});

test.each([
  '',
  '9810',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:98 10',
  '::1:9810',
  '[127.0.0.1:9810',
  '[hello]:9810',
  '300.1.1.1:9810',
  'http://127.0.0.1:9810',
  'user@localhost:9810',
  'a/b:9810',
  'unix:',
  'unix:http.sock',
])('"%s" is none', (text) => {
  expect(parseListenAddress(text)).toBeUndefined();
});
