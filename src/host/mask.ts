/** Changes a line so that no secret shows in it; of a line that was cut, the end may be the begin of one. */
export type Mask = (line: string, options: { readonly isCut: boolean }) => string;

const MASKED = '***';
// Shorter texts stand in too many innocent places: masking them would tell more than it hides.
const SECRET_CHARS_MIN = 4;

/** The mask for these secrets, in the forms in which programs print them: as they are (line by line), in JSON, in a URL, as base64. */
export function maskOf(secrets: readonly string[]): Mask {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SECRET_CHARS_MIN)
    // The longest first: one may be part of another.
    .toSorted((a, b) => b.length - a.length);
  if (forms.length === 0) return (line) => line;
  return (line, { isCut }) => {
    let masked = line;
    for (const form of forms) masked = masked.replaceAll(form, MASKED);
    return isCut ? withoutBegin(masked, forms) : masked;
  };
}

function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/);
  return [
    ...lines,
    ...lines.map((line) => JSON.stringify(line).slice(1, -1)),
    ...lines.map(encodeURIComponent),
    JSON.stringify(secret).slice(1, -1),
    base64Of(secret),
    // As `base64 FILE` prints it, with the newline that the file ends with.
    base64Of(`${secret}\n`),
  ];
}

// Without its padding, and without the last characters, which depend on what follows.
function base64Of(text: string): string {
  const whole = Buffer.from(text).toString('base64').replace(/=+$/, '');
  return whole.slice(0, Math.max(SECRET_CHARS_MIN, whole.length - 2));
}

function withoutBegin(line: string, forms: readonly string[]): string {
  for (const form of forms)
    for (let length = form.length - 1; length >= SECRET_CHARS_MIN; length -= 1)
      if (line.endsWith(form.slice(0, length))) return line.slice(0, -length) + MASKED;
  return line;
}
