"""Writes test/golden/gpt2: a random tiny GPT-2 saved by the real transformers package, with the logits it computes.

    .rlhf-lab/bench-venv/bin/python test/golden/make/gpt2.py      (torch and transformers as pinned in bench/requirements-engine.txt)

Two folders, since transformers writes two layouts: `causal` is a GPT2LMHeadModel (names begin with "transformer."), `body`
the same weights as a GPT2Model (no prefix). expected.json holds token ids and the logits of the first.
"""

import json
from pathlib import Path

import torch
import transformers

folder = Path(__file__).parent.parent / "gpt2"
torch.manual_seed(20260101)
config = transformers.GPT2Config(
    vocab_size=50, n_positions=16, n_embd=16, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=1, initializer_range=0.3
)
model = transformers.GPT2LMHeadModel(config).eval()
with torch.no_grad():
    # Biases and gains start at 0 and 1; moved, so that forgetting one is noticed.
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.add_(0.3 * torch.randn_like(parameter))
    tokens = torch.randint(config.vocab_size, (3, 9))
    logits = model(tokens).logits
model.save_pretrained(folder / "causal")
model.transformer.save_pretrained(folder / "body")
for extra in folder.glob("*/generation_config.json"):
    extra.unlink()
expected = {
    "made_by": f"test/golden/make/gpt2.py, torch {torch.__version__}, transformers {transformers.__version__}",
    "tokens": tokens.tolist(),
    "logits": [[[round(value, 6) for value in row] for row in rows] for rows in logits.tolist()],
}
(folder / "expected.json").write_text(json.dumps(expected) + "\n")
