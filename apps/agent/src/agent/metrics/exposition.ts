/** https://prometheus.io/docs/instrumenting/exposition_formats, the text format. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One metric, and how it is told of one row. Null: this row has none, and gets no line. */
export interface Metric<Row> {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  /** Labels of its own beside the row's. */
  labels?: Readonly<Record<string, string>>;
  value: (row: Row) => string | null;
}

/** A row with its labels as renderLabels wrote them: they are the same in each of its metrics. */
export interface LabelledRow<Row> {
  labels: string;
  row: Row;
}

/** Every line of one metric, together as the format wants them; '' where no row has it. */
export function renderMetric<Row>(metric: Metric<Row>, rows: readonly LabelledRow<Row>[]): string {
  const { name, type, help, value } = metric;
  const own = renderLabels(metric.labels ?? {});
  let lines = '';
  for (const { labels, row } of rows) {
    const text = value(row);
    if (text === null) continue;
    const all = own === '' || labels === '' ? own + labels : `${own},${labels}`;
    lines += all === '' ? `${name} ${text}\n` : `${name}{${all}} ${text}\n`;
  }
  return lines === '' ? '' : `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines}`;
}

/** `id="/plimsoll/acme",name=""` */
export function renderLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabelValue(value)}"`)
    .join(',');
}

export function escapeLabelValue(value: string): string {
  return value.toWellFormed().replace(/[\\"\n]/g, (character) => (character === '\n' ? String.raw`\n` : `\\${character}`));
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', String.raw`\n`);
}
