import { LINK, removeLink } from '../../command-link.ts';
import { print } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

export const unlink = defineVerb({
  usage: '',
  summary: `remove ${LINK}, which \`npm start\` makes`,
  options: {},
  optionHelp: {},
  run(_, positionals, context) {
    none(positionals);
    removeLink();
    print(context, `Removed ${LINK}. The next \`npm start\` makes it again.`);
    return Promise.resolve(0);
  },
});
