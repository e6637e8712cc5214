/** A JSON object, nothing known of its fields yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object that a text holds, or undefined where it holds none. */
export function parseJsonObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) ? value : undefined;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
