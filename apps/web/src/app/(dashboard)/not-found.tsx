import { NothingHere } from '../../components/nothing-here.tsx';

export default NothingHere;
