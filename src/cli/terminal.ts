/**
 * Progress for people: on a terminal a bar a task with rate and time left, redrawn in place; elsewhere plain
 * lines, a few a minute. It goes to stderr, so that stdout is the answer alone. Also plain text tables.
 */
import { withoutControls } from "./failure.ts";

export interface Progress {
  /** `done` of `of` units of the task `name`. A task that is done leaves one line behind, with the note. */
  update(name: string, done: number, of: number, note?: string, unit?: string): void;
  /** A line that stays. */
  say(text: string): void;
  /** Takes the bars away. */
  end(): void;
}

interface Task {
  readonly started: number;
  /** How much was done when it was first heard of: what a resumed task found says nothing about its rate. */
  readonly first: number;
  done: number;
  of: number;
  note: string;
  unit: string;
  said: number;
}

/** Milliseconds between two drawings, and between two plain lines of a task. */
const pauses = { draw: 100, line: 10_000 };

export function createProgress(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const tasks = new Map<string, Task>();
  const live = stream.isTTY === true;
  let drawn = 0;
  let lastDraw = 0;

  const clear = (): void => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    const width = Math.max(40, (stream.columns ?? 80) - 1);
    const lines = [...tasks].map(([name, task]) => barLine(name, task, now(), width));
    clear();
    for (const line of lines) stream.write(`${line}\n`);
    drawn = lines.length;
    lastDraw = now();
  };
  const say = (text: string): void => {
    clear();
    stream.write(`${withoutControls(text)}\n`);
    if (live && tasks.size > 0) draw();
  };

  return {
    update(name, done, of, note = "", unit = "") {
      const task = tasks.get(name) ?? {
        started: now(),
        first: done,
        done,
        of,
        note,
        unit,
        said: now(),
      };
      Object.assign(task, { done, of, note, unit });
      tasks.set(name, task);
      if (done >= of) {
        tasks.delete(name);
        say(doneLine(name, task, now()));
      } else if (live && now() - lastDraw >= pauses.draw) draw();
      else if (!live && now() - task.said >= pauses.line) {
        task.said = now();
        stream.write(`${withoutControls(plainLine(name, task, now()))}\n`);
      }
    },
    say,
    end() {
      clear();
      tasks.clear();
    },
  };
}

function barLine(name: string, task: Task, now: number, width: number): string {
  const cells = 16;
  const filled = Math.round((cells * task.done) / Math.max(1, task.of));
  const bar = "█".repeat(filled) + "░".repeat(cells - filled);
  return withoutControls(`${pad(name, 24)} ${bar} ${figures(task, now)}`).slice(0, width);
}

function plainLine(name: string, task: Task, now: number): string {
  return `${name}: ${figures(task, now)}`;
}

function doneLine(name: string, task: Task, now: number): string {
  const note = task.note === "" ? "" : ` (${task.note})`;
  return `${name}: done in ${duration((now - task.started) / 1000)}${note}`;
}

function figures({ started, first, done, of, note, unit }: Task, now: number): string {
  const seconds = (now - started) / 1000;
  const rate = seconds > 0.5 ? (done - first) / seconds : 0;
  const left = rate > 0 ? `, ${duration((of - done) / rate)} left` : "";
  const speed = rate > 0 ? `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s` : "";
  return `${Math.floor((100 * done) / Math.max(1, of))} % (${done}/${of}${unit === "" ? "" : ` ${unit}`})${speed}${left}${note === "" ? "" : `  ${note}`}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `512 B`, `3.4 MB`, `1.2 GB`, in powers of ten. */
export function byteSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Columns of equal width; the first is text, the others are numbers and stand to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? "")].length)),
  );
  const cell = (text: string, column: number): string => {
    const space = " ".repeat((widths[column] ?? 0) - [...text].length);
    return column === 0 ? text + space : space + text;
  };
  return rows.map((row) => withoutControls(row.map(cell).join("  ").trimEnd())).join("\n");
}

function pad(text: string, width: number): string {
  const characters = [...text];
  return characters.length > width
    ? `${characters.slice(0, width - 1).join("")}…`
    : text.padEnd(width);
}
