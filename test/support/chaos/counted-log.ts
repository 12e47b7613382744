import { ON_TERM } from './commands.ts';

const LINE = /^\S+ stdout F (?<incarnation>\d+) (?:(?<number>\d+)|end (?<end>\d+))$/;

/**
 * What is wrong in the log of a counting container whose incarnations have ended with these exit codes: a line that is torn, missing or
 * there twice. After SIGKILL nobody knows how many lines there were.
 */
export function problemsOfLog(log: string, exitCodes: readonly number[]): string[] {
  const problems: string[] = [];
  const counted = exitCodes.map(() => ({ next: 0, end: null as number | null }));
  for (const line of log.split('\n').slice(0, -1)) {
    const { incarnation, number, end } = LINE.exec(line)?.groups ?? {};
    const count = counted[Number(incarnation) - 1];
    if (count === undefined || count.end !== null) {
      problems.push(`its log has the line: ${line}`);
    } else if (end !== undefined) {
      count.end = Number(end);
    } else if (Number(number) === count.next) {
      count.next++;
    } else {
      problems.push(`its log has ${number} where ${count.next} is due, in incarnation ${incarnation}`);
      count.next = Number(number) + 1;
    }
  }
  if (!log.endsWith('\n')) problems.push('its log ends within a line');
  counted.forEach(({ next, end }, i) => {
    if (end === null && exitCodes[i] === ON_TERM) problems.push(`its log has no end of incarnation ${i + 1}`);
    if (end !== null && end !== next) problems.push(`its log has ${next} of ${end} lines of incarnation ${i + 1}`);
  });
  return problems;
}
