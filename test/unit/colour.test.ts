/** Colours: WCAG's contrast, OKLab against published values, and what every scale promises. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Colour,
  contrast,
  css,
  diverging,
  lightness,
  luminance,
  mix,
  over,
  paletteOf,
  parseColour,
  readableOn,
  sequential,
} from "../../webview/shared/colour.ts";
import { themeKinds, themeVariables } from "../support/editorThemes.ts";

const colour = (text: string): Colour => {
  const { alpha: _, ...parsed } = parseColour(text) ?? assert.fail(text);
  return parsed;
};
const near = (actual: number, expected: number, within: number) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);

test("a theme's ways to write a colour are read, and nothing else", () => {
  assert.deepEqual(parseColour("#0f8"), { r: 0, g: 1, b: 136 / 255, alpha: 1 });
  assert.deepEqual(parseColour("#00FF8880"), { r: 0, g: 1, b: 136 / 255, alpha: 128 / 255 });
  assert.deepEqual(parseColour(" rgba(255, 0, 51, 0.5) "), { r: 1, g: 0, b: 0.2, alpha: 0.5 });
  assert.deepEqual(parseColour("rgb(255 0 51 / 50%)"), { r: 1, g: 0, b: 0.2, alpha: 0.5 });
  for (const text of ["", "red", "#12345", "rgb(1,2)", "url(x)", "#ggg"]) {
    assert.equal(parseColour(text), undefined, text);
  }
  assert.equal(css({ r: 1, g: 0.5, b: 0 }), "rgb(255 128 0)");
});

test("contrast is WCAG's", () => {
  near(contrast(colour("#000"), colour("#fff")), 21, 1e-9);
  near(contrast(colour("#767676"), colour("#fff")), 4.54, 0.005);
  near(contrast(colour("#fff"), colour("#767676")), 4.54, 0.005);
  assert.equal(contrast(colour("#abc"), colour("#abc")), 1);
  near(luminance(colour("#f00")), 0.2126, 1e-9);
});

test("lightness and mixing are OKLab's", () => {
  // CSS Color Module Level 4 prints these of sRGB's corners.
  near(lightness(colour("#f00")), 0.62796, 1e-4);
  near(lightness(colour("#0f0")), 0.86644, 1e-4);
  near(lightness(colour("#00f")), 0.45201, 1e-4);
  near(lightness(colour("#fff")), 1, 1e-6);
  assert.equal(css(mix(colour("#000"), colour("#fff"), 0.5)), "rgb(99 99 99)");
  assert.equal(css(mix(colour("#123456"), colour("#fedcba"), 0)), css(colour("#123456")));
  assert.equal(css(mix(colour("#123456"), colour("#fedcba"), 1)), css(colour("#fedcba")));
});

test("what is translucent is laid over its background", () => {
  assert.equal(css(over(colour("#fff"), 0.25, colour("#000"))), "rgb(64 64 64)");
});

describe("scales", () => {
  for (const kind of themeKinds) {
    const variables = themeVariables(kind);
    const background = colour(variables["--vscode-editor-background"]);
    const hue = colour(variables["--vscode-fuselab-detour"]);

    test(`${kind}: a sequential scale goes from the background to the hue and never back`, () => {
      const scale = sequential(background, hue);
      assert.equal(css(scale(0)), css(background));
      assert.equal(css(scale(1)), css(hue));
      assert.equal(css(scale(-3)), css(background));
      assert.equal(css(scale(7)), css(hue));
      const steps = Array.from({ length: 101 }, (_, i) => contrast(scale(i / 100), background));
      for (let i = 1; i < steps.length; i++) assert.ok(steps[i] >= steps[i - 1], `at ${i} %`);
    });

    test(`${kind}: our colours are seen on the background`, () => {
      const least = kind.startsWith("highContrast") ? 7 : 3;
      for (const [name, value] of Object.entries(variables)) {
        if (!name.startsWith("--vscode-fuselab-")) continue;
        const ratio = contrast(colour(value), background);
        assert.ok(ratio >= least, `${name} has ${ratio.toFixed(2)}:1`);
      }
    });
  }

  const [paper, ink, other] = [colour("#fff"), colour("#06c"), colour("#c60")];

  test("a diverging scale has the background at 0 and is as strong on either side", () => {
    const scale = diverging(paper, ink, other);
    assert.equal(css(scale(0)), css(paper));
    assert.equal(css(scale(-1)), css(ink));
    assert.equal(css(scale(1)), css(other));
    assert.equal(css(scale(-0.5)), css(mix(paper, ink, 0.5)));
  });

  test("four steps are four flat colours of equal width", () => {
    const scale = sequential(paper, ink, { steps: 4 });
    const seen = Array.from({ length: 100 }, (_, i) => css(scale((i + 0.5) / 100)));
    assert.equal(new Set(seen).size, 4);
    for (let i = 0; i < 4; i++) assert.equal(new Set(seen.slice(i * 25, i * 25 + 25)).size, 1);
    assert.equal(seen[0], css(paper));
    assert.equal(seen[99], css(ink));
  });

  test("a palette holds the scale's colours as pixels", () => {
    const scale = sequential(paper, ink);
    const palette = paletteOf(scale, 1, 0, 5);
    assert.equal(palette.length, 20);
    assert.deepEqual([...palette.subarray(0, 4)], [0, 102, 204, 255]);
    assert.deepEqual([...palette.subarray(16)], [255, 255, 255, 255]);
    assert.equal(`rgb(${palette.subarray(8, 11).join(" ")})`, css(scale(0.5)));
  });
});

test("text is moved just far enough to be read", () => {
  const grey = colour("#999");
  for (const background of ["#fff", "#000", "#777", "#1f1f1f"].map(colour)) {
    const text = readableOn(grey, background, 4.5);
    assert.ok(contrast(text, background) >= 4.5);
    if (contrast(grey, background) < 4.5) assert.ok(contrast(text, background) < 4.7);
    else assert.deepEqual(text, grey);
  }
});
