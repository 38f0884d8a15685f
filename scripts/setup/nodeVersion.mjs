// Imported first, and written in old JavaScript, so that an old Node gets this far and says what is wrong.
var needed = [20, 19];
var have = process.versions.node.split(".").map(Number);

if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  console.error(
    "rlhf-lab needs Node >= " +
      needed.join(".") +
      ", this is " +
      process.versions.node +
      ": install a newer one from nodejs.org or with your version manager, then run the command again.",
  );
  process.exit(1);
}
