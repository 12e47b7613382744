/** Characters that take two cells of a terminal (Unicode Standard Annex 11: wide and fullwidth), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const PLAIN = /^[ -~]*$/;
/** What joins the character before it, or is not shown. */
const NO_CELL = /^[\p{M}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

/** How many cells of a terminal a line takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + cells(grapheme), 0);
}

/** The beginning of a line that takes so many cells, with an ellipsis where it is cut. */
export function fitTo(text: string, width: number): string {
  if (text.length <= width && PLAIN.test(text)) return text;
  let taken = 0;
  let fitting = '';
  for (const grapheme of graphemes(text)) {
    taken += cells(grapheme);
    if (taken > width) return `${fitting}…`;
    // An ellipsis takes a cell, should there be more.
    if (taken < width) fitting += grapheme;
  }
  return text;
}

/** The same for the end of a line: the last parts of paths distinguish them. */
export function fitEndTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = 1;
  let fitting = '';
  for (const grapheme of graphemes(text).toReversed()) {
    taken += cells(grapheme);
    if (taken > width) break;
    fitting = grapheme + fitting;
  }
  return `…${fitting}`;
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** What is seen as one character. */
function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function cells(grapheme: string): number {
  if (NO_CELL.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
