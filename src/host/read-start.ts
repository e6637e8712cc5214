/** The beginning of what a stream brings, as UTF-8, all of it where that is no longer; the stream is destroyed. */
export async function readStart(
  stream: AsyncIterable<Uint8Array | string>,
  bytesMax: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length >= bytesMax) break; // this destroys the stream, and with it the connection
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(length, bytesMax));
}
