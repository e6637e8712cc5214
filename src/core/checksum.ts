// The offset and the prime of FNV-1a for 32 bits (RFC 9923), here for words where that has bytes.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const WORD_BYTES = 4;
/** So many sums side by side: none waits for the product of another. */
const LANES = 4;

/** A number that tells damage, and guards against nobody: a change within one word always changes it. */
export function checksum(bytes: Uint8Array): number {
  const isAligned = bytes.byteOffset % WORD_BYTES === 0;
  const { buffer, byteOffset, length } = isAligned ? bytes : new Uint8Array(bytes);
  const rounds = Math.floor(length / (WORD_BYTES * LANES));
  const words = new Int32Array(buffer, byteOffset, rounds * LANES);
  let first = OFFSET ^ length;
  let second = OFFSET;
  let third = OFFSET;
  let fourth = OFFSET;
  for (let at = 0; at < words.length; at += LANES) {
    first = mixed(first ^ (words[at] ?? 0));
    second = mixed(second ^ (words[at + 1] ?? 0));
    third = mixed(third ^ (words[at + 2] ?? 0));
    fourth = mixed(fourth ^ (words[at + 3] ?? 0));
  }
  let sum = first;
  for (const each of [second, third, fourth, ...bytes.subarray(words.byteLength)])
    sum = mixed(sum ^ each);
  return sum >>> 0;
}

// A product takes no bit to a lower place: the shift does.
function mixed(word: number): number {
  const product = Math.imul(word, PRIME);
  return product ^ (product >>> HALF_BITS);
}

const HALF_BITS = 15;
