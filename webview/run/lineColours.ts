/** Colours of the two trainings and of the fusion loss, from the theme, strong enough to be told from the background. */
import { css, parseColour, readableOn } from "../shared/colour.ts";
import { readTheme } from "../shared/theme.ts";

/**
 * Writes `--run-fused`, `--run-clm` and `--run-fusion`, and `--run-error` of what failed. They repeat the dash, the
 * shape or the word, and never stand alone.
 */
export function writeLineColours(root: HTMLElement): void {
  const theme = readTheme();
  const styles = getComputedStyle(document.body);
  const chart = (name: string, otherwise: string): string => {
    const own = parseColour(styles.getPropertyValue(`--vscode-charts-${name}`).trim());
    const colour = own ?? parseColour(otherwise) ?? theme.foreground;
    return css(readableOn(colour, theme.background, theme.isHighContrast ? 7 : 3));
  };
  root.style.setProperty("--run-error", css(theme.error));
  root.style.setProperty("--run-fused", css(theme.target));
  root.style.setProperty("--run-clm", chart("orange", "#d18616"));
  root.style.setProperty("--run-fusion", chart("purple", "#b180d7"));
}
