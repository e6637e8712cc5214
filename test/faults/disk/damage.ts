// Ways in which a file may be damaged, all of them, in a fixed order.

/** What is found in a file's place. */
export type Damaged = Buffer | 'folder';

/** A way to damage a file. */
export interface Damage {
  readonly how: string;
  readonly result: Damaged;
}

/** How thorough: every so manieth cut and flip is tried. */
export interface Thoroughness {
  readonly cutEvery: number;
  readonly flipEvery: number;
}

/** A file cut off at each byte, with a bit of each byte flipped, or with something else altogether in its place. */
export function damagesOf(bytes: Buffer, every: Thoroughness): readonly Damage[] {
  return [...wholesale(bytes), ...cuts(bytes, every), ...flips(bytes, every)];
}

function wholesale(bytes: Buffer): readonly Damage[] {
  const newer = bytes.toString('latin1').replaceAll(/(bootstrap\.[a-z]+)\/1/g, '$1/2');
  const others: readonly Damage[] = [
    { how: 'empty', result: Buffer.alloc(0) },
    { how: 'a newline only', result: Buffer.from('\n') },
    { how: 'zeros', result: Buffer.alloc(bytes.length) },
    { how: 'zeros at its end', result: Buffer.concat([bytes, Buffer.alloc(512)]) },
    { how: 'its second half zeros', result: halfZeros(bytes) },
    { how: 'twice itself', result: Buffer.concat([bytes, bytes]) },
    {
      how: 'another program’s bytes',
      result: Buffer.from('\x7fELF\x02\x01\x01\x00\xff\xfe', 'latin1'),
    },
    { how: 'JSON of another shape', result: Buffer.from('[null]\n') },
    { how: 'a folder', result: 'folder' },
  ];
  const isVersioned = !bytes.equals(Buffer.from(newer, 'latin1'));
  return isVersioned
    ? [...others, { how: 'a newer format', result: Buffer.from(newer, 'latin1') }]
    : others;
}

function halfZeros(bytes: Buffer): Buffer {
  const half = Math.floor(bytes.length / 2);
  return Buffer.concat([bytes.subarray(0, half), Buffer.alloc(bytes.length - half)]);
}

function cuts(bytes: Buffer, { cutEvery }: Thoroughness): readonly Damage[] {
  return Array.from({ length: Math.floor((bytes.length - 1) / cutEvery) }, (_, index) => {
    const length = (index + 1) * cutEvery;
    return { how: `cut to ${length} bytes`, result: Buffer.from(bytes.subarray(0, length)) };
  });
}

function flips(bytes: Buffer, { flipEvery }: Thoroughness): readonly Damage[] {
  return Array.from({ length: Math.floor(bytes.length / flipEvery) }, (_, index) => {
    const at = index * flipEvery;
    const bit = index % 8;
    const result = Buffer.from(bytes);
    result.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
    return { how: `bit ${bit} of byte ${at} flipped`, result };
  });
}
