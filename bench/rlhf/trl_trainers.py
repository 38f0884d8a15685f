"""The peer: TRL's trainers, each as its documentation has it used, on a GPT-2 and data of ours, two threads.

A trainer's loop cannot be called step by step. So `train` runs in a thread, and a callback holds it at the end of every
step until the bench asks for more: what is timed goes from one end of a step to another, everything between included.
"""

import threading
import time
from pathlib import Path

import datasets
import torch
import transformers
import trl

from peer import serve

torch.set_num_threads(2)
datasets.disable_progress_bars()
transformers.utils.logging.set_verbosity_error()

PROMPT, COMPLETION, ROWS, GROUP = 8, 16, 32, 8


class Gate(transformers.TrainerCallback):
    """Lets as many steps pass as were asked for."""

    def __init__(self):
        self.allowed, self.done, self.times = threading.Semaphore(0), threading.Semaphore(0), []

    def on_train_begin(self, args, state, control, **_):
        self.allowed.acquire()

    def on_step_end(self, args, state, control, **_):
        self.done.release()
        self.allowed.acquire()


def vowels(completions: list[str], **_) -> list[float]:
    """The reward: the share of vowels in what was written."""
    return [sum(text.count(letter) for letter in "aeiou") / max(1, len(text)) for text in completions]


def settings(folder: Path, plain: bool, **more) -> dict:
    """No reports, no evaluation, no checkpoints. `plain` switches off what TRL does to save GPU memory and what costs time here."""
    return dict(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=ROWS,
        gradient_accumulation_steps=1,
        max_steps=1_000_000,
        learning_rate=1e-5,
        lr_scheduler_type="constant",
        use_cpu=True,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        seed=0,
    ) | (dict(bf16=False, gradient_checkpointing=False) if plain else {}) | more


def make(kind: str, folder: Path, plain: bool):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, padding_side="left")
    data = datasets.load_dataset("json", data_files=str(folder / f"{kind}.jsonl"), split="train", cache_dir=str(folder / "cache"))
    common = dict(model=model, train_dataset=data, processing_class=tokenizer)
    online = dict(num_generations=GROUP, max_completion_length=COMPLETION, temperature=1.0, beta=0.05)
    match kind:
        case "rloo":
            return trl.RLOOTrainer(args=trl.RLOOConfig(**settings(folder, plain, **online)), reward_funcs=vowels, **common)
        case "grpo":
            return trl.GRPOTrainer(args=trl.GRPOConfig(**settings(folder, plain, **online)), reward_funcs=vowels, **common)
        case "dpo":
            return trl.DPOTrainer(args=trl.DPOConfig(**settings(folder, plain, max_length=32)), **common)
        case "sft":
            return trl.SFTTrainer(args=trl.SFTConfig(**settings(folder, plain, max_length=32)), **common)
    raise ValueError(f"no trainer is called {kind}")


class Run:
    def __init__(self, trainer):
        self.gate, self.error = Gate(), None
        trainer.add_callback(self.gate)
        self.trainer = trainer
        threading.Thread(target=self.train, daemon=True).start()

    def train(self):
        try:
            self.trainer.train()
        except BaseException as error:  # noqa: BLE001: whatever it is, the bench must hear of it
            self.error = error
        self.gate.done.release()

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.gate.allowed.release()
            self.gate.done.acquire()
            if self.error is not None:
                raise self.error


run: dict[str, Run] = {}


def setup(kind: str, folder: str, plain: bool) -> dict:
    run["trainer"] = Run(make(kind, Path(folder), plain))
    run["trainer"].steps(1)
    return {"trl": trl.__version__, "steps": run["trainer"].trainer.state.global_step}


def steps(count: int) -> int:
    run["trainer"].steps(count)
    return run["trainer"].trainer.state.global_step


if __name__ == "__main__":
    serve({"setup": setup, "steps": steps})
