import { randomInt } from 'node:crypto';

const ADJECTIVES =
  `able amber brisk bold bright calm clear cool crisp deep eager early easy fair fleet fond free fresh gentle glad
  golden grand green hardy idle jolly keen kind light lively lucky mellow merry mild neat nimble noble open pale placid proud quick
  quiet ready rosy sage salty sandy silent silver smooth snug sober soft spry steady still stout sunny swift tidal true upright
  vivid warm wide windy wise young`.split(/\s+/);

/** Things afloat and about the sea. */
const NOUNS = `anchor anvil atoll barge barque bay beacon bight bollard boom bosun bowline breaker brig buoy cable capstan
  clipper coral cove current cutter deck delta dinghy dock dolphin eddy estuary ferry fjord fleet galley gannet gull halyard
  harbour haven heron hull inlet island jetty kelp ketch keel kite lagoon lantern ledge lighthouse lugger mainsail marina mast
  mooring narwhal oar orca osprey otter pearl pelican petrel pier pilot plover port prow puffin quay rudder sail schooner seal
  sextant shoal skiff sloop sound spar spinnaker spray strait tern tide tiller trawler tug wake wharf yawl`.split(/\s+/);

/** `steady-puffin`: a name for a container that was given none. After a few that are taken, with a number behind. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${pick(ADJECTIVES)}-${pick(NOUNS)}${attempt < 8 ? '' : `-${randomInt(2, 1000 * attempt)}`}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'calm';
}
