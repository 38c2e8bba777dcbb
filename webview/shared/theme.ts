/**
 * The editor's colours and fonts, read when something is painted and never kept: a theme may change at any time.
 * Scales begin in the editor's background and end in one strong hue; high contrast has four flat steps, whose
 * borders the view outlines.
 */
import {
  black,
  type Colour,
  contrast,
  diverging,
  mix,
  over,
  parseColour,
  readableOn,
  type Scale,
  sequential,
  smallestShare,
  white,
} from "./colour.ts";

export type ThemeKind = "light" | "dark" | "highContrast" | "highContrastLight";

export interface Theme {
  readonly kind: ThemeKind;
  readonly isDark: boolean;
  readonly isHighContrast: boolean;
  readonly reducedMotion: boolean;
  readonly background: Colour;
  /** Text: 4.5:1 on the background, in high contrast 7:1, as `muted`, `error` and `warning`. */
  readonly foreground: Colour;
  readonly muted: Colour;
  readonly error: Colour;
  readonly warning: Colour;
  /** Lines that only divide. */
  readonly border: Colour;
  /** Marks: 3:1 on the background (in high contrast 7:1), as all that follow. */
  readonly focus: Colour;
  readonly target: Colour;
  /** Of the sources A…F. */
  readonly sources: readonly Colour[];
  /** Of the seventh source and later ones. */
  readonly other: Colour;
  readonly detour: Colour;
  /** Behind what is selected. */
  readonly selection: Colour;
  /** CSS fonts for a canvas: of tokens, and of everything else. */
  readonly editorFont: string;
  readonly uiFont: string;
}

/** Steps of a scale in high contrast. */
const highContrastSteps = 4;
/** Text lies on no stronger tint than this. */
const strongestTint = 0.35;

export function readTheme(): Theme {
  const styles = getComputedStyle(document.body);
  const kind = kindOf(document.body.classList);
  const isHighContrast = kind.startsWith("highContrast");
  const isDark = kind === "dark" || kind === "highContrast";
  const value = (name: string) => styles.getPropertyValue(`--vscode-${name}`).trim();
  const [page, ink] = isDark ? [black, white] : [white, black];
  const background = opaque(value("editor-background"), page) ?? page;
  const first = (...names: readonly string[]): Colour | undefined => {
    for (const name of names) {
      const colour = opaque(value(name), background);
      if (colour !== undefined) return colour;
    }
    return undefined;
  };
  const text = (...names: readonly string[]) =>
    readableOn(first(...names) ?? ink, background, isHighContrast ? 7 : 4.5);
  const mark = (...names: readonly string[]) =>
    readableOn(first(...names) ?? ink, background, isHighContrast ? 7 : 3);
  const foreground = text("editor-foreground", "foreground");
  return {
    kind,
    isDark,
    isHighContrast,
    reducedMotion: prefersReducedMotion(),
    background,
    foreground,
    muted: text("descriptionForeground", "foreground"),
    error: text("errorForeground", "editorError-foreground"),
    warning: text("editorWarning-foreground", "charts-yellow"),
    border:
      first("contrastBorder", "panel-border", "editorGroup-border") ??
      mix(background, foreground, 0.2),
    focus: mark("focusBorder", "contrastActiveBorder"),
    target: mark("fuselab-target"),
    sources: [1, 2, 3, 4, 5, 6].map((number) => mark(`fuselab-source${number}`)),
    other: readableOn(mix(background, foreground, 0.5), background, isHighContrast ? 7 : 3),
    detour: mark("fuselab-detour"),
    selection:
      first("editor-selectionBackground", "list-activeSelectionBackground") ??
      mix(background, foreground, 0.25),
    editorFont: fontOf(value("editor-font-size"), value("editor-font-family"), "monospace"),
    uiFont: fontOf(value("font-size"), value("font-family"), "sans-serif"),
  };
}

/** Of a model's letter: `T`, `A`, `B`, … */
export function colourOf(theme: Theme, letter: string): Colour {
  if (letter === "T") return theme.target;
  return theme.sources[letter.charCodeAt(0) - 65] ?? theme.other;
}

/** 0 is the background, 1 the hue. */
export function heat(theme: Theme, hue: Colour): Scale {
  return sequential(theme.background, hue, stepsOf(theme));
}

/** −1 is the first source's colour (less), 1 the second's (more), 0 the background. */
export function gainScale(theme: Theme): Scale {
  return diverging(theme.background, theme.sources[0], theme.sources[1], stepsOf(theme));
}

/**
 * A tint to lay text on: at most 35 % of the hue, and never so much that the text loses its contrast. High contrast has
 * none; there the figure has to be seen in a bar or an outline.
 */
export function textTint(theme: Theme, hue: Colour, share: number): Colour {
  const { background, foreground } = theme;
  if (theme.isHighContrast) return background;
  const wanted = mix(background, hue, strongestTint * Math.min(1, Math.max(0, share)));
  if (contrast(foreground, wanted) >= 4.5) return wanted;
  const back = smallestShare((at) => contrast(foreground, mix(wanted, background, at)) >= 4.5);
  return mix(wanted, background, back);
}

/**
 * Calls `repaint` in the frame after the theme, the fonts or the pixel density changed, also where only single
 * colours of a theme did. Lasts as long as the page.
 */
export function observeTheme(repaint: () => void): void {
  let waits = false;
  const later = (): void => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      repaint();
    });
  };
  const observer = new MutationObserver(later);
  observer.observe(document.body, { attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributeFilter: ["style", "class"] });
  matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", later);
  const onDensity = (): void => {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      "change",
      () => {
        later();
        onDensity();
      },
      { once: true },
    );
  };
  onDensity();
}

export function prefersReducedMotion(): boolean {
  return (
    document.body.classList.contains("vscode-reduce-motion") ||
    matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}

const stepsOf = ({ isHighContrast }: Theme) => (isHighContrast ? { steps: highContrastSteps } : {});

function kindOf(classes: DOMTokenList): ThemeKind {
  if (classes.contains("vscode-high-contrast-light")) return "highContrastLight";
  if (classes.contains("vscode-high-contrast")) return "highContrast";
  return classes.contains("vscode-light") ? "light" : "dark";
}

/** Any CSS colour over a background; `undefined` for what is none, or quite transparent. */
function opaque(value: string, background: Colour): Colour | undefined {
  const colour = parseColour(value) ?? parseColour(normalised(value));
  if (colour === undefined || colour.alpha === 0) return undefined;
  return over(colour, colour.alpha, background);
}

let pen: CanvasRenderingContext2D | null | undefined;

/** The browser writes any colour it knows as `#rrggbb` or `rgba(…)`. */
function normalised(value: string): string {
  if (value === "" || !CSS.supports("color", value)) return "";
  pen ??= document.createElement("canvas").getContext("2d");
  if (pen === null) return "";
  pen.fillStyle = value;
  return String(pen.fillStyle);
}

function fontOf(size: string, family: string, otherwise: string): string {
  return `${size === "" ? "13px" : size} ${family === "" ? otherwise : family}`;
}
