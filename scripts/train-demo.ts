// npm run train:demo: a two-layer character model learns Moby Dick in about a minute. Shows its loss, what it writes
// before and after, and leaves a checkpoint, a learning curve and a Hugging Face folder behind. `-- --resume` goes on
// from the checkpoint; a finished run is never overwritten.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key, liveLossFigure, lossFigure, notebookHost, split } from "rlhf-lab";
import { loadCorpus, unigramEntropy } from "rlhf-lab/data";
import { generator, saveGpt2, saveGpt2Tokenizer, type TransformerParams, transformer } from "rlhf-lab/models";
import { adamW, backend, cosineSchedule, countParams, disposeTree, tf } from "rlhf-lab/tensor";
import { languageModelEvaluation, trainLanguageModel } from "rlhf-lab/train";
import { callerPath } from "./callerPath.js";
import { atLeast, beginRun, inOneSentence, numberOf, parse } from "./training/settings.js";

const { values: options } = parse({
  options: {
    steps: { type: "string", default: "1500" },
    seed: { type: "string", default: "0" },
    folder: { type: "string", default: join(dirname(fileURLToPath(import.meta.url)), "../.rlhf-lab/train-demo") },
    resume: { type: "boolean", default: false },
    characters: { type: "string", default: "55" },
  },
});
await inOneSentence(async () => {
  const steps = numberOf("steps", options.steps, "a whole number of at least 1", atLeast(1));
  const seed = numberOf("seed", options.seed, "a whole number of at least 0", atLeast(0));
  // How many it writes before and after; tests ask for few, as the graph that writes 55 takes longer than 100 steps.
  const characters = numberOf(
    "characters",
    options.characters,
    "a whole number from 1 to 55",
    (n) => atLeast(1)(n) && n <= 55,
  );
  const folder = callerPath(options.folder);
  const { resume } = options;
  for (const said of beginRun(folder, "checkpoint.safetensors", { seed, steps }, resume)) console.log(`${said}\n`);
  const [corpusKey, trainKey, sampleKey] = split(key(seed), 3);

  const corpus = loadCorpus(corpusKey);
  const { tokenizer } = corpus;
  const model = transformer({
    vocabulary: tokenizer.vocabularySize,
    context: 64,
    width: 64,
    layers: 2,
    heads: 4,
    deviation: 0.08,
  });
  const optimizer = adamW({
    rate: cosineSchedule(6e-3, steps, { final: 3e-4, warmup: Math.ceil(steps / 20) }),
    maxNorm: 1,
    beta2: 0.98,
  });
  const fresh = model.init(split(trainKey)[0]);
  const unigram = unigramEntropy(corpus.validation);
  const { name, why } = backend();
  console.log(
    `Moby Dick: ${corpus.train.length} characters to learn from, ${corpus.validation.length} of other chapters`,
  );
  console.log(`to measure on. The model has ${countParams(fresh)} parameters. Engine: ${name}${why && ` (${why})`}.`);
  console.log(`Guessing by frequency alone costs ${unigram.toFixed(3)} nats per character.\n`);
  console.log(`Before: ${write(fresh)}\n`);

  const start = performance.now();
  const { state, history } = await trainLanguageModel(trainKey, {
    model,
    optimizer,
    train: corpus.train,
    validation: corpus.validation,
    batch: 32,
    length: 64,
    steps,
    folder,
    checkpointEvery: Math.max(1, Math.min(250, Math.floor(steps / 6))),
    resume,
    label: "training",
    onRecord: notebookHost() ? liveLossFigure({ reference: { "frequencies alone": unigram } }) : undefined,
  });
  const seconds = (performance.now() - start) / 1000;

  const validationLoss = languageModelEvaluation(model, corpus.validation, { length: 64 })(state.params);
  console.log(`\nAfter:  ${write(state.params)}\n`);
  console.log(
    `Validation loss ${validationLoss.toFixed(3)} nats per character after ${history.at(-1)?.step ?? steps} steps, ${seconds.toFixed(0)} s.`,
  );

  const figure = lossFigure(history, { reference: { "frequencies alone": unigram } });
  writeFileSync(join(folder, "loss-figure.json"), JSON.stringify(figure));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  saveGpt2(join(folder, "gpt2"), model.config, state.params, tokenizer.special);
  saveGpt2Tokenizer(join(folder, "gpt2"), tokenizer, model.config);
  console.log(
    `Written to ${folder}: checkpoint.safetensors, metrics.jsonl, loss-figure.json (plotly), tokenizer.json, gpt2/.`,
  );

  /** Three sentences of 60 characters, from the same prompts and the same randomness each time. */
  function write(params: TransformerParams): string {
    const prompts = ["The whale", "I thought", "Captain A"].map((text) => tokenizer.encode(text));
    const tokens = tf.tensor2d(prompts, undefined, "int32");
    const rollout = generator(model, { newTokens: characters, temperature: 0.8 })(sampleKey, params, { tokens });
    const rows = rollout.tokens.arraySync();
    disposeTree(rollout);
    tokens.dispose();
    return rows.map((row) => JSON.stringify(tokenizer.decode(row))).join("\n        ");
  }
});
