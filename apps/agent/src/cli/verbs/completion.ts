import { SCRIPTS } from '../completion/scripts.ts';
import { defineVerb, exactlyOne, UsageError } from '../verb.ts';

export const completion = defineVerb({
  usage: 'bash|zsh|fish',
  summary: 'print what completes words of plimsoll in a shell: source <(plimsoll completion bash)',
  options: {},
  optionHelp: {},
  examples: ['completion bash', 'completion fish'],
  run(_, positionals, context) {
    const shell = exactlyOne(positionals, 'a shell: bash, zsh or fish');
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined) throw new UsageError(`"${shell}" is none of ${Object.keys(SCRIPTS).join(', ')}`);
    context.stdout.write(script);
    return Promise.resolve(0);
  },
});
