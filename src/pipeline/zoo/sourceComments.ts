/**
 * Parts JavaScript and TypeScript source into code and comments. A lexer of the few forms in which a comment
 * could be mistaken (strings, templates, regular expressions), not a parser: a slash begins a regular
 * expression where the token before it cannot end an operand, which misreads one after `if (…)`.
 */

export type CommentKind = "doc" | "block" | "line";

export interface Comment {
  readonly kind: CommentKind;
  /** UTF-16 offsets of the comment with its marks, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

const forms = {
  space: /\s+/y,
  line: /\/\/[^\n]*/y,
  block: /\/\*.*?(?:\*\/|$)/sy,
  string: /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/sy,
  /** A template up to its end or to the first substitution. */
  template: /`(?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/sy,
  /** What follows a substitution. */
  templateRest: /\}(?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/sy,
  regularExpression: /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y,
  word: /[\p{L}\p{N}_$]+/uy,
} as const;

/** Words after which an operand follows, so that a slash there begins a regular expression. */
const operatorWords = new Set(
  "return typeof case in of delete void throw new else do instanceof yield await".split(" "),
);

/** The comments of `source` in their order. Whatever the text, the scan ends and spans do not overlap. */
export function commentsOf(source: string): Comment[] {
  const comments: Comment[] = [];
  /** Braces open inside each template substitution that is open. */
  const substitutions: number[] = [];
  let operandBefore = false;
  let at = 0;

  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const text = form.exec(source)?.[0];
    if (text !== undefined) at += text.length;
    return text;
  };
  const takeTemplate = (form: RegExp): boolean => {
    const text = take(form);
    if (text?.endsWith("${")) substitutions.push(0);
    operandBefore = !text?.endsWith("${");
    return text !== undefined;
  };
  const takeComment = (): boolean => {
    const start = at;
    const text = take(forms.line) ?? take(forms.block);
    if (text === undefined) return false;
    const doc = text.startsWith("/**") && text.length > 5;
    comments.push({
      kind: text.startsWith("//") ? "line" : doc ? "doc" : "block",
      start,
      end: at,
    });
    return true;
  };
  const takeSign = (): void => {
    const sign = source[at] as string;
    const inside = substitutions.length - 1;
    if (sign === "}" && substitutions[inside] === 0) {
      substitutions.pop();
      if (takeTemplate(forms.templateRest)) return;
    }
    if (inside >= 0 && sign === "{") substitutions[inside] = (substitutions[inside] ?? 0) + 1;
    if (inside >= 0 && sign === "}") substitutions[inside] = (substitutions[inside] ?? 0) - 1;
    operandBefore = sign === ")" || sign === "]" || sign === "}";
    at++;
  };

  while (at < source.length) {
    if (take(forms.space) !== undefined || takeComment()) continue;
    if (take(forms.string) !== undefined) operandBefore = true;
    else if (source[at] === "`") takeTemplate(forms.template);
    else if (!operandBefore && take(forms.regularExpression) !== undefined) operandBefore = true;
    else {
      const word = take(forms.word);
      if (word === undefined) takeSign();
      else operandBefore = !operatorWords.has(word);
    }
  }
  return comments;
}

/**
 * `source` without the comments of the given kinds. A line that held nothing else goes too, space before a
 * line's end goes, and of several blank lines one stays.
 */
export function withoutComments(source: string, kinds: readonly CommentKind[]): string {
  const mark = "\u0000";
  let marked = "";
  let from = 0;
  for (const { kind, start, end } of commentsOf(source)) {
    if (!kinds.includes(kind)) continue;
    marked += source.slice(from, start) + mark;
    from = end;
  }
  marked += source.slice(from);
  return marked
    .split("\n")
    .flatMap((line) => {
      const code = line.replaceAll(mark, "").trimEnd();
      return code === "" && line.includes(mark) ? [] : [code];
    })
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "");
}
