/** Text with its commands, `plimsoll …` between backticks or in `$(…)`, as a person types them on this host: `npx plimsoll …`. */
export function withCommandName(text: string, command: string): string {
  return text.replaceAll(/(`|\$\()plimsoll /g, `$1${command} `);
}
