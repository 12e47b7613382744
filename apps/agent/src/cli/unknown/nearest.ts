const MOST = 2;

/**
 * The known word that was most likely meant: at most two typing mistakes away, and fewer than half of the letters. Of several that
 * are equally far, one that begins with what was typed, then one with the same first letter.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const most = Math.min(MOST, Math.floor(typed.length / 2));
  let best: { word: string; mistakes: number; likeness: number } | undefined;
  for (const word of known) {
    const mistakes = distance(typed, word);
    if (mistakes > most) continue;
    const likeness = word.startsWith(typed) ? 2 : word[0] === typed[0] ? 1 : 0;
    const isNearer = best === undefined || mistakes < best.mistakes || (mistakes === best.mistakes && likeness > best.likeness);
    if (isNearer) best = { word, mistakes, likeness };
  }
  return best?.word;
}

/** Damerau and Levenshtein's, in its restricted form: letters added, left out, changed, or two neighbours exchanged. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MOST) return Math.abs(a.length - b.length);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isExchanged ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Number.POSITIVE_INFINITY;
}
