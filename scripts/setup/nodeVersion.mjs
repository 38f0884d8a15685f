// Imported first, and written in old JavaScript, so that an old Node gets this far and says what is wrong.
import { sentences } from "./sentences.mjs";

var needed = [20, 19];
var have = process.versions.node.split(".").map(Number);

if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  console.error(sentences.oldNode.say(needed.join("."), process.versions.node));
  process.exit(1);
}
