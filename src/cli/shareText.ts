/** `412 of 493 (83.6 %)`: no share without what it is a share of. */
export function shareText(part: number, whole: number): string {
  const [few, many] = [part, whole].map((count) => count.toLocaleString("en-US"));
  const percent = whole === 0 ? "–" : ((100 * part) / whole).toFixed(1);
  return `${few} of ${many} (${percent} %)`;
}
