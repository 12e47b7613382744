import { VERSION } from '../../agent/version.ts';
import { print } from '../terminal.ts';
import { defineVerb, none } from '../verb.ts';

export const version = defineVerb({
  usage: '',
  summary: 'print the version',
  options: {},
  optionHelp: {},
  run: (_, positionals) => {
    none(positionals);
    print(`plimsoll ${VERSION}`);
    return Promise.resolve(0);
  },
});
