import type { ENTRY } from './layout.ts';

/** A place in a program that steps written before it can name. */
export class Label {
  at = 0;
}

/** The address of a field of the step at `label`: a step that is given it changes the program itself. */
export class Field {
  readonly label: Label;
  readonly field: keyof typeof ENTRY;
  readonly text: string;
  constructor(label: Label, field: keyof typeof ENTRY) {
    this.label = label;
    this.field = field;
    this.text = `&${field}`;
  }
}
