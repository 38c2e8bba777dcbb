/**
 * UTF-8 by hand. The core knows neither Node's Buffer nor the DOM's TextEncoder; both directions are short,
 * and decoding has to be strict: the bytes of a token are often part of a character, which must be seen as
 * such and never be turned into U+FFFD.
 */

/** Characters handed to String.fromCharCode at once: more arguments overflow the stack. */
const charsPerCall = 8192;

/** Bytes of a text in UTF-8, without building them. A lone surrogate counts 3, like U+FFFD. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (startsPair(text, i)) {
      // Four bytes for two units.
      length += 2;
      i++;
    } else length += 2;
  }
  return length;
}

/** UTF-8 of a text. A lone surrogate is written as U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 0x3f);
      continue;
    }
    if (startsPair(text, i)) {
      point = text.codePointAt(i)!;
      i++;
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    } else {
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      bytes[at++] = 0xe0 | (point >> 12);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return bytes;
}

/** The text of whole, valid UTF-8 (shortest forms, no surrogates); `undefined` for anything else. */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  const units: number[] = [];
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i];
    const length = sequenceLength(lead);
    if (length === 0 || i + length > bytes.length) return undefined;
    let point = length === 1 ? lead : lead & (0x7f >> length);
    for (let k = 1; k < length; k++) {
      const next = bytes[i + k];
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < smallestPoint[length] || point > 0x10ffff) return undefined;
    if (point >= 0xd800 && point < 0xe000) return undefined;
    if (point < 0x10000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    if (units.length >= charsPerCall) {
      text += String.fromCharCode(...units);
      units.length = 0;
    }
    i += length;
  }
  return text + String.fromCharCode(...units);
}

/** Bytes as a map key: one character U+0000 … U+00FF a byte. */
export function bytesKey(bytes: Uint8Array): string {
  if (bytes.length <= charsPerCall) return String.fromCharCode(...bytes);
  let key = "";
  for (let i = 0; i < bytes.length; i += charsPerCall)
    key += String.fromCharCode(...bytes.subarray(i, i + charsPerCall));
  return key;
}

export function bytesOfKey(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/**
 * Byte offset of every UTF-16 index of a text, [length + 1]: the last is the text's length in bytes.
 * The index inside a surrogate pair has the offset of the pair's start.
 */
export function byteOffsets(text: string): Int32Array {
  const offsets = new Int32Array(text.length + 1);
  let offset = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (startsPair(text, i)) {
      offsets[i + 1] = offset;
      offset += 4;
      i++;
    } else offset += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    offsets[i + 1] = offset;
  }
  return offsets;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The smallest code point that needs so many bytes: anything less is an overlong form. */
const smallestPoint = [0, 0, 0x80, 0x800, 0x10000];

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

function startsPair(text: string, i: number): boolean {
  if ((text.charCodeAt(i) & 0xfc00) !== 0xd800) return false;
  return (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}
