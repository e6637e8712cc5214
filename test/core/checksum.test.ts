import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksum } from '../../src/core/checksum.ts';

describe('the checksum', () => {
  test('is that of a text, wherever it lies in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(7), (bytes, offset) => {
        const moved = new Uint8Array(bytes.length + offset);
        moved.set(bytes, offset);
        expect(checksum(moved.subarray(offset))).toBe(checksum(bytes));
      }),
    );
  });

  test('is another one for any other byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, place, difference) => {
          const other = bytes.slice();
          const at = place % bytes.length;
          other[at] = (bytes[at] ?? 0) ^ difference;
          expect(checksum(other)).not.toBe(checksum(bytes));
        },
      ),
    );
  });

  test('is another one where the same bit of two words is another', () => {
    const bytes = Buffer.alloc(64, 'abc');
    for (let bit = 0; bit < 32; bit++) {
      const other = Buffer.from(bytes);
      for (const word of [0, 4]) {
        const at = word * 4 + Math.floor(bit / 8);
        other[at] = (other[at] ?? 0) ^ (1 << (bit % 8));
      }
      expect(checksum(other), String(bit)).not.toBe(checksum(bytes));
    }
  });

  test('is another one for a longer or a shorter text, and for one whose parts changed places', () => {
    const lines = Array.from({ length: 100 }, (_, number) => `line ${number}\n`);
    const sums = [...lines.keys()].map((at) => checksum(Buffer.from(lines.slice(at).join(''))));
    const moved = [...lines.keys()].map((at) =>
      checksum(Buffer.from([...lines.slice(at), ...lines.slice(0, at)].join(''))),
    );
    expect(new Set([...sums, ...moved.slice(1)]).size).toBe(2 * lines.length - 1);
  });

  test('is a number of 32 bits', () => {
    expect([
      checksum(new Uint8Array(0)),
      checksum(Buffer.from('a')),
      checksum(Buffer.alloc(99)),
    ]).toSatisfy((sums: readonly number[]) => sums.every((sum) => sum >= 0 && sum < 2 ** 32));
  });
});
