// node --import tsx --import recordKeys.mjs: writes down what every random key of the process is used for.
import { register } from "node:module";

register("./recordKeysHook.mjs", import.meta.url);

const uses = new Map(); // key -> { draws, derives }: how often it was drawn with, and how often keys were made of it

globalThis.keyUse = (name, [high, low]) => {
  const key = `${high} ${low}`;
  const own = uses.get(key) ?? { draws: 0, derives: 0 };
  uses.set(key, own);
  if (name === "randomBits") own.draws++;
  else own.derives++;
};

/** Keys that were drawn with more than once, or drawn with and taken apart; and forgets all. */
globalThis.reusedKeys = () => {
  const all = [...uses.entries()];
  uses.clear();
  return {
    drawn: all.filter(([, { draws }]) => draws > 0).length,
    reused: all.filter(([, { draws, derives }]) => draws > 1 || (draws > 0 && derives > 0)),
  };
};
