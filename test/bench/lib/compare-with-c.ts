import { CStarter, NoCompiler } from './c-starter.ts';
import type { CoreStarter } from './core-starter.ts';
import { medianRatio, milliseconds, summarize } from './statistics.ts';

const WARM_UP = 100;

/** Start to exit in core alone, beside the same syscalls made by a C program, by turns. */
export async function compareWithC(rounds: number, ours: CoreStarter): Promise<void> {
  try {
    await using c = new CStarter(ours.core.directory, ours.request, ours.madeAhead);
    const series = { ours: [] as number[], c: [] as number[] };
    for (let round = -WARM_UP; round < rounds; round++) {
      const [own, theirs] = [await ours.round(), await c.round()];
      if (round < 0) continue;
      series.ours.push(own);
      series.c.push(theirs);
    }
    console.log(`\ncore alone, and the same syscalls from C\n  ${'ours'.padEnd(16)}${milliseconds(summarize(series.ours))}`);
    console.log(
      `  ${'C'.padEnd(16)}${milliseconds(summarize(series.c))}   ratio ${medianRatio(series.ours, series.c).toFixed(2)}`,
    );
  } catch (error) {
    if (!(error instanceof NoCompiler)) throw error;
    console.log(`\nno C compiler here, so no ratio to C: ${error.message}`);
  }
}
