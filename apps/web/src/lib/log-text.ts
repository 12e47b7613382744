// Colours and cursor movements of a terminal (ECMA-48 CSI and OSC sequences), which a browser would show as noise.
const TERMINAL_SEQUENCES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g;
// Other control characters, and the bidirectional overrides that can make a line read as what it is not (CVE-2021-42574).
const INVISIBLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

/** A log's text as a browser may show it: tabs stay, terminal sequences go, other control characters become visible. */
export function cleanLogText(text: string): string {
  return text.replace(TERMINAL_SEQUENCES, '').replace(/\r$/, '').replace(INVISIBLE, '\uFFFD');
}
