import { VERSION } from '../../version.ts';
import { print } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

export const version = defineVerb({
  usage: '',
  summary: 'print the version',
  options: {},
  optionHelp: {},
  run: (_, positionals, context) => {
    none(positionals);
    print(context, `plimsoll ${VERSION}`);
    return Promise.resolve(0);
  },
});
