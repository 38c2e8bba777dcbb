/** Numbers as these two views write them. A share never stands without what it is a share of. */

const minus = "−";

/** `1,150` */
export const count = (value: number): string => value.toLocaleString("en-US");

/** `412 of 493 (83.6 %)` */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? "–" : ((100 * part) / whole).toFixed(1);
  return `${count(part)} of ${count(whole)} (${percent} %)`;
}

/** Of a share from 0 to 1 whose whole is named beside it: `2.1 %`, `0.04 %`. */
export function percent(part: number): string {
  const value = 100 * part;
  return `${value === 0 || value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} %`;
}

/** Three significant digits: `3.02`, `0.0123`, `1.20e-4`; what is not finite is said so. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -3) return signed(value.toExponential(2));
  return size >= 3
    ? signed(count(Math.round(value)))
    : signed(value.toFixed(Math.max(0, 2 - size)));
}

/** Bits per byte: `2.364`; an en dash where there is none. */
export const bits = (value: number | null): string => (value === null ? "–" : value.toFixed(3));

/** A difference of bits per byte, with its sign: `−0.0308`. */
export const difference = (value: number): string =>
  `${value < 0 ? minus : "+"}${Math.abs(value).toFixed(4)}`;

/** At a tick, `apart` from the next: as many decimals as tell them apart. */
export function axisNumber(value: number, apart?: number): string {
  const size = apart ?? Math.abs(value);
  if (value === 0) return "0";
  if (Math.abs(value) >= 1e6 || size < 1e-3) {
    return signed(
      value
        .toExponential(1)
        .replace(/\.0(?=e)/, "")
        .replace("e+", "e"),
    );
  }
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(size || 1) + 1e-9)));
  return signed(
    value.toLocaleString("en-US", {
      minimumFractionDigits: apart === undefined ? 0 : decimals,
      maximumFractionDigits: decimals,
    }),
  );
}

/** Seconds at a tick: `30 s`, `5 min`, `2 h`, `1.5 d`. */
export function durationTick(seconds: number): string {
  if (seconds === 0) return "0";
  const [size, unit] =
    seconds % 86_400 === 0
      ? [86_400, "d"]
      : seconds % 3600 === 0
        ? [3600, "h"]
        : seconds % 60 === 0
          ? [60, "min"]
          : [1, "s"];
  return `${axisNumber(seconds / Number(size))} ${unit}`;
}

/** `42 s`, `4:10 min`, `3:05 h`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  const two = (part: number): string => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))} h`;
}

/** `412 B`, `36.2 kB`, `1.9 GB` */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** `2026-11-21 11:47:03`, in the reader's time zone. */
export function timeOfDay(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const signed = (text: string): string => text.replace(/^-/, minus);
