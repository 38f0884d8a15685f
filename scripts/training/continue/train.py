"""Goes on with a run of `npm run rlhf`: TRL's GRPO from its policy, paid by its reward model.

    accelerate launch --config_file one-process.yaml train.py

Every process writes its share of a batch; accelerate puts their gradients together. The mean reward on prompts of chapters that nothing was
trained on is measured before and after, and written to OUT/result.json. Started again, it goes on from the last checkpoint in OUT.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import accelerate
import datasets
import torch
import transformers
import trl
from transformers.trainer_utils import get_last_checkpoint

from reward import LearnedReward

here = Path(__file__).resolve().parent


def write(file: Path, value: dict) -> None:
    """All of it or nothing."""
    half = file.with_suffix(".half")
    half.write_text(json.dumps(value) + "\n")
    os.replace(half, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=here.parent, help="the folder that npm run rlhf left")
    parser.add_argument("--out", type=Path, default=here / "out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--beta", type=float, default=0.1, help="price of a nat of KL to where it starts")
    parser.add_argument("--group", type=int, default=8, help="completions to a prompt")
    parser.add_argument("--batch", type=int, default=32, help="completions of a process in a step")
    parser.add_argument("--held-out", type=int, default=256, help="prompts to measure on")
    given = parser.parse_args()
    if given.group < 2 or given.batch % given.group != 0:
        sys.exit(f"--batch {given.batch}: expected groups of --group {given.group} (2 or more) without a rest.")

    result = given.out / "result.json"
    done = json.loads(result.read_text()) if result.is_file() else {"steps": 0}
    if done["steps"] >= given.steps:
        print(f"{given.out} holds a run of {done['steps']} steps: {done['before']:.3f} before, {done['after']:.3f} after. More --steps go on with it.")
        return

    data = {}
    for part in ("train", "held-out"):
        file = here / f"prompts-{part}.jsonl"
        if not file.is_file():
            sys.exit(f"{file} is missing: copy the run's folder again, as a whole.")
        data[part] = datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=str(given.out / "cache"))
    settings = json.loads((here / "settings.json").read_text())
    held_out = data["held-out"].select(range(min(given.held_out, len(data["held-out"]))))

    args = trl.GRPOConfig(
        output_dir=str(given.out), seed=given.seed, max_steps=given.steps, learning_rate=given.rate, beta=given.beta,
        per_device_train_batch_size=given.batch, per_device_eval_batch_size=given.batch, num_generations=given.group,
        # One completion to a prompt is enough to measure; TRL wants two for its advantages.
        num_generations_eval=2, max_completion_length=settings["newTokens"], temperature=1.0, top_k=0, top_p=1.0,
        use_cpu=not torch.cuda.is_available(), bf16=False, gradient_checkpointing=False,
        logging_steps=10, save_steps=50, save_total_limit=2, report_to="none", disable_tqdm=True,
    )
    policy = given.run / "policy-huggingface"
    reward = LearnedReward(given.run / "reward-huggingface")
    trainer = trl.GRPOTrainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(policy), args=args, reward_funcs=reward,
        train_dataset=data["train"], eval_dataset=held_out, processing_class=transformers.AutoTokenizer.from_pretrained(policy),
    )
    reward.model.to(trainer.accelerator.device)

    def measure() -> float:
        accelerate.utils.set_seed(given.seed + 1, device_specific=True)
        return trainer.evaluate()["eval_reward"]

    # A run that was stopped knows what it measured at its beginning.
    begun = given.out / "before.json"
    last = get_last_checkpoint(str(given.out)) if given.out.is_dir() else None
    before = json.loads(begun.read_text())["reward"] if last and begun.is_file() else measure()
    if trainer.accelerator.is_main_process:
        write(begun, {"reward": before})
    accelerate.utils.set_seed(given.seed, device_specific=True)
    trainer.train(resume_from_checkpoint=last)
    after = measure()
    trainer.save_model(str(given.out / "policy"))
    if trainer.accelerator.is_main_process:
        steps, processes = trainer.state.global_step, trainer.accelerator.num_processes
        write(result, {"processes": processes, "steps": steps, "before": before, "after": after})
        print(f"Mean learned reward on {len(held_out)} held-out prompts: {before:.3f} before, {after:.3f} after (nats).")


main()
