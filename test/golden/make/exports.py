"""What the real packages read in a folder that test/export/fixture.ts wrote: datasets, transformers and TRL, without a network.

    python test/golden/make/exports.py FOLDER     (torch, transformers, trl as pinned in bench/requirements-rlhf.txt)

Prints JSON. test/golden/exports.json holds its answer and the hashes of the files it read; test/export asks it again where the
bench's environment is, and in any case compares hashes and numbers. RLHF_LAB_UPDATE=1 npx mocha test/export writes it anew.
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1", TRANSFORMERS_VERBOSITY="error")

import datasets
import pyarrow.json
import tokenizers
import torch
import transformers
import trl
from trl.data_utils import is_conversational

folder = Path(sys.argv[1])
policy, reward = folder / "policy", folder / "reward"
inputs = json.loads((folder / "inputs.json").read_text())
torch.set_num_threads(1)
datasets.disable_progress_bars()


def load(name: str) -> datasets.Dataset:
    return datasets.load_dataset("json", data_files=str(folder / f"{name}.jsonl"), split="train", cache_dir=str(folder / "cache"))


def loaded(name: str) -> dict:
    data = load(name)
    return {"rows": len(data), "columns": sorted(data.column_names), "conversational": is_conversational(data[0]), "first": data[0]}


def train(name: str, config, trainer, more_config={}, **more) -> dict:
    """One optimiser step of TRL on exported data, from the exported policy: the loss it reports, and how far the weights went."""
    args = config(
        output_dir=str(folder / "out"), per_device_train_batch_size=2, max_steps=1, learning_rate=1e-3, bf16=False, use_cpu=True,
        logging_steps=1, report_to="none", save_strategy="no", disable_tqdm=True, gradient_checkpointing=False, seed=0, **more_config,
    )
    made = trainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(policy), args=args, train_dataset=load(name),
        processing_class=transformers.AutoTokenizer.from_pretrained(policy), **more,
    )
    before = [p.detach().clone() for p in made.model.parameters()]
    made.train()
    moved = max((p - q).abs().max().item() for p, q in zip(made.model.parameters(), before))
    return {"loss": made.state.log_history[0]["loss"], "moved": moved}


def odd(name: str) -> dict:
    """The tokenizers package alone on texts of odd characters: ids and back."""
    made = tokenizers.Tokenizer.from_file(str(folder / name / "tokenizer.json"))
    ids = [made.encode(text).ids for text in inputs["oddTexts"]]
    return {"ids": ids, "decoded": [made.decode(row) for row in ids]}


tokenizer = transformers.AutoTokenizer.from_pretrained(policy)
model = transformers.AutoModelForCausalLM.from_pretrained(policy).eval()
judge = transformers.AutoModelForSequenceClassification.from_pretrained(reward, num_labels=1).eval()
ids = [tokenizer(text)["input_ids"] for text in inputs["texts"]]
batch = tokenizer(inputs["texts"], padding=True, padding_side="right", return_tensors="pt")
torch.manual_seed(0)
with torch.no_grad():
    logits = model(torch.tensor([ids[0]])).logits[0]
    rewards = judge(**batch).logits[:, 0]
    written = model.generate(torch.tensor([ids[0]]), max_new_tokens=4)
chat = tokenizer.apply_chat_template(inputs["messages"], tokenize=False)
asked = tokenizer.apply_chat_template(inputs["messages"][:-1], tokenize=False, add_generation_prompt=True)
names = [f"{kind}-{form}" for kind in ("preference", "unpaired", "demonstration", "prompt") for form in ("texts", "messages")]
answer = {
    "classes": [type(model).__name__, type(judge).__name__],
    "special": [tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id],
    "generation": [model.generation_config.pad_token_id, model.generation_config.eos_token_id],
    "length": list(written.shape),
    "ids": ids,
    "decoded": [tokenizer.decode(row) for row in ids],
    "odd": {name: odd(name) for name in ("bytePairs", "letters")},
    "odd_rows": [load("odd")["prompt"][:], pyarrow.json.read_json(folder / "odd.jsonl")["prompt"].to_pylist()],
    "logits": [round(value, 5) for value in logits.flatten().tolist()],
    "rewards": [round(value, 5) for value in rewards.tolist()],
    "chat": [chat, asked],
    "data": {name: loaded(name) for name in names},
    "training": {
        "DPO": train("preference-texts", trl.DPOConfig, trl.DPOTrainer, {"max_length": 40}),
        "DPO, messages": train("preference-messages", trl.DPOConfig, trl.DPOTrainer, {"max_length": 40}),
        "KTO": train("unpaired-texts", trl.KTOConfig, trl.KTOTrainer, {"max_length": 40}),
        "SFT": train("demonstration-texts", trl.SFTConfig, trl.SFTTrainer, {"max_length": 40}),
        "RLOO": train("prompt-texts", trl.RLOOConfig, trl.RLOOTrainer, {"num_generations": 2, "max_completion_length": 4},
                      reward_funcs=str(reward)),
    },
}
print(json.dumps(answer))
