import { NothingHere } from '../components/nothing-here.tsx';

/** Of addresses without a page. Next's own has a style element without a nonce, which the Content-Security-Policy refuses. */
export default NothingHere;
