/**
 * Levenshtein distance with unit costs over code points, by bit-parallel dynamic programming: Myers, "A fast
 * bit-vector algorithm for approximate string matching" (JACM 1999), in Hyyrö's formulation (2003), which
 * carries horizontal differences from one block of 32 rows to the next, so that a column of 32 cells costs
 * about fifteen operations on machine words.
 */

/** For each code point the rows of the current block that hold it; all zero between calls. */
const rowsOf = new Int32Array(0x110000);

let pattern = new Int32Array(64);
let text = new Int32Array(64);
/** Differences along the lower edge of a block, one per column: −1, 0 or 1. */
let edge = new Int8Array(64);

const blockRows = 32;

/** The least number of code points to insert, delete or replace to make `b` of `a`. */
export function editDistance(a: string, b: string): number {
  if (a === b) return 0;
  // The shorter string stands upright: fewer blocks.
  const upright = a.length <= b.length ? a : b;
  const along = upright === a ? b : a;
  if (upright.length === 0) return countCodePoints(along);
  if (upright.length <= blockRows) {
    const distance = inOneBlock(upright, along);
    if (distance >= 0) return distance;
  }
  if (text.length < along.length) {
    pattern = new Int32Array(along.length);
    text = new Int32Array(along.length);
    edge = new Int8Array(along.length);
  }
  const rows = readCodePoints(upright, pattern);
  const columns = readCodePoints(along, text);

  let distance = rows;
  edge.fill(1, 0, columns);
  for (let start = 0; start < rows; start += blockRows) {
    const end = Math.min(rows, start + blockRows);
    const change = passBlock(start, end, columns);
    // Only the last block's edge is the last row.
    if (end === rows) distance += change;
  }
  return distance;
}

/**
 * What most pieces need: one block, no edge to carry on, units that are code points. −1 where a surrogate shows that
 * they are not.
 */
function inOneBlock(upright: string, along: string): number {
  const rows = upright.length;
  let hasSurrogate = false;
  for (let i = 0; i < rows; i++) {
    const unit = upright.charCodeAt(i);
    if ((unit & 0xf800) === 0xd800) hasSurrogate = true;
    rowsOf[unit] |= 1 << i;
  }
  const lowest = 1 << (rows - 1);
  let distance = rows;
  let up = -1;
  let down = 0;
  for (let j = 0; j < along.length; j++) {
    const unit = along.charCodeAt(j);
    if ((unit & 0xf800) === 0xd800) hasSurrogate = true;
    const equal = rowsOf[unit];
    const verticalKnown = equal | down;
    const same = (((equal & up) + up) ^ up) | equal;
    let right = down | ~(same | up);
    const left = up & same;
    if ((right & lowest) !== 0) distance++;
    else if ((left & lowest) !== 0) distance--;
    right = (right << 1) | 1;
    up = (left << 1) | ~(verticalKnown | right);
    down = right & verticalKnown;
  }
  for (let i = 0; i < rows; i++) rowsOf[upright.charCodeAt(i)] = 0;
  return hasSurrogate ? -1 : distance;
}

/** Moves `edge` from the upper side of the block of rows to its lower side; answers the sum along it. */
function passBlock(start: number, end: number, columns: number): number {
  for (let i = start; i < end; i++) rowsOf[pattern[i]] |= 1 << (i - start);
  const lowest = 1 << (end - start - 1);
  let sum = 0;
  // Vertical differences of the column: rows where it goes up, rows where it goes down.
  let up = -1;
  let down = 0;
  for (let j = 0; j < columns; j++) {
    const entering = edge[j];
    let equal = rowsOf[text[j]];
    const verticalKnown = equal | down;
    if (entering < 0) equal |= 1;
    const same = (((equal & up) + up) ^ up) | equal;
    let right = down | ~(same | up);
    let left = up & same;

    const leaving = (right & lowest) !== 0 ? 1 : (left & lowest) !== 0 ? -1 : 0;
    edge[j] = leaving;
    sum += leaving;

    right = (right << 1) | (entering > 0 ? 1 : 0);
    left = (left << 1) | (entering < 0 ? 1 : 0);
    up = left | ~(verticalKnown | right);
    down = right & verticalKnown;
  }
  for (let i = start; i < end; i++) rowsOf[pattern[i]] = 0;
  return sum;
}

function countCodePoints(of: string): number {
  let count = 0;
  for (const _ of of) count++;
  return count;
}

function readCodePoints(from: string, into: Int32Array): number {
  let count = 0;
  for (let i = 0; i < from.length; i++) {
    const unit = from.charCodeAt(i);
    if ((unit & 0xfc00) === 0xd800) {
      const point = from.codePointAt(i)!;
      if (point > 0xffff) i++;
      into[count++] = point;
    } else into[count++] = unit;
  }
  return count;
}
