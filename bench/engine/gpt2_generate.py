"""The peer of the generation bench: transformers' `generate` with a GPT-2 loaded from a folder, two threads."""

import torch
import transformers

from peer import serve

torch.set_num_threads(2)
state: dict = {}


def setup(folder: str, batch: int, prompt: int) -> None:
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel.from_pretrained(folder).eval()
    tokens = torch.randint(model.config.vocab_size, (batch, prompt))
    state.update(model=model, tokens=tokens, mask=torch.ones_like(tokens))


@torch.no_grad()
def generate(times: int, new_tokens: int) -> list[int]:
    """Samples from the model's own distribution, with its key-value cache, never stopping early."""
    for _ in range(times):
        out = state["model"].generate(
            state["tokens"],
            attention_mask=state["mask"],
            do_sample=True,
            top_k=0,
            max_new_tokens=new_tokens,
            min_new_tokens=new_tokens,
            pad_token_id=0,
            use_cache=True,
        )
    return list(out.shape)


def logits(tokens: list[list[int]]) -> list:
    with torch.no_grad():
        return state["model"](torch.tensor(tokens)).logits.tolist()


if __name__ == "__main__":
    serve({"setup": setup, "generate": generate, "logits": logits})
