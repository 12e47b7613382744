/**
 * The runner's machine code for each architecture, made from the assembler source beside it
 * (`as runner-x64.s`, the .text section alone). runner.test.ts assembles that source again and compares.
 */
export const RUNNER: Partial<Record<NodeJS.Architecture, Uint8Array>> = {
  x64: Buffer.from(
    '534889fb488b034885c00f88c5000000488b7b08488b7310488b53184c8b5320' +
      '4c8b43284c8b4b308b4b50f6c1017403488b3ff6c1027403488b36f6c1047403' +
      '488b12f6c10874034d8b12f6c11074034d8b00f6c12074034d8b090f05488943' +
      '384989c0f64350407410b8e4000000bf01000000488d73400f05488d53704981' +
      'f801f0ffff7318488b4b604885c974074d85c0480f4fd14889d3e965ffffff49' +
      'f7d84983f8040f8458ffffff488b4b58f6c10175e24983f83f77064c0fa3c172' +
      'd6488b53684885d2740648895a40ebc74889d8eb0231c05bc3',
    'hex',
  ),
};
