/** Whether this is `npm run test:full`, with what takes too long for every run: long forms of the tests that have a short one. */
export const FULL = process.env['PLIMSOLL_TEST_FULL'] === '1';
