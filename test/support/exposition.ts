/** One line of Prometheus's text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  /** As it stands there. */
  value: string;
}

/** The samples of a text; throws where a line is none. */
export function parseExposition(text: string): Sample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const match = /^([a-z_]+)(?:\{((?:[a-zA-Z_]+[\w]*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', value = ''] = match;
    return {
      name,
      value,
      labels: Object.fromEntries(
        Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key, escaped]) => [key, JSON.parse(`"${escaped}"`)]),
      ) as Record<string, string>,
    };
  });
}

/** `1.5` seconds as 1500000000n. Digits are moved, nothing is rounded. */
export function nsOfSeconds(seconds: string): bigint {
  const [whole = '', fraction = ''] = seconds.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}
