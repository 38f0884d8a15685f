"""The learned reward of the run that left this folder, as TRL takes it: a function of completions.

It has two parts, and is their sum less a constant (the mean of what it learned from): what each token adds, by a GPT-2 with one label
(../reward-huggingface), and what each word adds, by a table (words.json in it).
"""

import json
import re
import sys
from pathlib import Path

import torch
import transformers

WORDS = re.compile(r"[a-z]+(?:['’][a-z]+)*")


class LearnedReward:
    """Rewards in nats. Ends with a sentence where the folder cannot be read."""

    __name__ = "learned_reward"  # TRL reports it by its name

    def __init__(self, folder: Path):
        table = folder / "words.json"
        try:
            read = json.loads(table.read_text(encoding="utf-8"))
            self.words = {word: float(score) for word, score in read["words"].items()}
            self.offset = float(read["offset"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            sys.exit(f"{table}: expected the table of words that npm run rlhf writes, got {error!r}. Copy the run's folder again.")
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
            self.model = transformers.AutoModelForTokenClassification.from_pretrained(folder).eval()
        except Exception as error:  # safetensors has an exception of its own for a file that is cut short
            sys.exit(f"{folder}: expected the reward model that npm run rlhf writes, got {error}. Copy the run's folder again.")

    @torch.no_grad()
    def __call__(self, prompts, completion_ids, **_) -> list[float]:
        device = next(self.model.parameters()).device
        starts = [self.tokenizer(prompt)["input_ids"] for prompt in prompts]
        rows = [[*start, *completion] for start, completion in zip(starts, completion_ids)]
        length = max(map(len, rows))
        # Padding on the right: what comes later is not seen.
        tokens = torch.tensor([row + [self.tokenizer.pad_token_id] * (length - len(row)) for row in rows], device=device)
        scores = self.model(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits[:, :, 0].tolist()
        texts = self.tokenizer.batch_decode(completion_ids, skip_special_tokens=True)
        return [
            sum(score[len(start) : len(row)]) + sum(self.words.get(word, 0.0) for word in WORDS.findall(text.lower())) - self.offset
            for score, start, row, text in zip(scores, starts, rows, texts)
        ]
