import {
  productSet as setProduct,
  productUpgrade as upgradeProduct,
} from '../../app/imperative-product.ts';
import {
  productGet as getOfProduct,
  productList as listProducts,
} from '../../app/imperative-reads.ts';
import { productTest as testProduct } from '../../app/imperative-test.ts';
import type { DesiredOptions } from '../options.ts';
import { refuseArity } from '../verb-arity.ts';
import {
  answer,
  whileBraked,
  carryOut,
  carryOutLong,
  NO_SPAWN,
  openVerb,
  refuse,
} from '../verb.ts';

/** `product.set P KEY VALUE`: records a wish. */
export async function productSet(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = {
    verb: 'product.set',
    required: ['product', 'key', 'value'],
    optional: [],
  } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const [product = '', key = '', value = ''] = words;
  const error = await carryOut(session, (request) => setProduct(request, { product, key, value }));
  return error === undefined ? 0 : refuse(session, error);
}

/** `product.get P KEY`: prints a recorded value. */
export async function productGet(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'product.get', required: ['product', 'key'], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const [product = '', key = ''] = words;
  return answer(session, await getOfProduct(session.host, session.site, { product, key }));
}

/** `product.list`: a line a product. */
export async function productList(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'product.list', required: [], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const listed = await listProducts(session.host, session.site);
  if (!listed.ok) return refuse(session, listed.error);
  session.streams.out(listed.value);
  return 0;
}

/** `product.upgrade P REVISION [CALLBACK]`, or with the hidden word `product.upgrade P REVISION nospawn [CALLBACK]`. */
export async function productUpgrade(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const isForeground = words[2] === NO_SPAWN;
  const plain = isForeground ? words.toSpliced(2, 1) : words;
  const arity = {
    verb: 'product.upgrade',
    required: ['product', 'revision'],
    optional: ['callback'],
  } as const;
  const misused = refuseArity(session, arity, plain);
  if (misused !== undefined) return misused;
  const [product = '', revision = '', callback] = plain;
  return await carryOutLong(session, {
    words: [product, revision],
    isForeground,
    callback,
    told: { verb: 'product.upgrade', product, version: revision },
    verb: (request) => upgradeProduct(request, { product, revision }),
  });
}

/** `product.test P TEST`: runs the product's test-script; what it prints is printed. */
export async function productTest(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'product.test', required: ['product', 'test'], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const [product = '', test = ''] = words;
  const { host, streams } = session;
  const error = await whileBraked(
    session,
    async (request) =>
      await testProduct(host, request, {
        product,
        test,
        onLine: (stream, line) => (stream === 'stdout' ? streams.out : streams.err)(`${line}\n`),
      }),
  );
  return error === undefined ? 0 : refuse(session, error);
}
