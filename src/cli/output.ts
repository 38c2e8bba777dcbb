/** Answers on stdout: text for people, one JSON value for programs. */

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Typed arrays are written as plain lists, NaN and the infinities as null, as JSON has no word for them. */
export function printJson(value: unknown): void {
  print(
    JSON.stringify(
      value,
      (_, part) => (ArrayBuffer.isView(part) ? Array.from(part as Int32Array) : part),
      2,
    ),
  );
}
