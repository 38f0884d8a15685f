"""The peer of the engine bench: GPT-2's layout in plain PyTorch, eager, two threads.

Pre-norm blocks, learned positions, tanh GELU, a tied head, attention by PyTorch's own scaled_dot_product_attention.
"""

import sys

import torch
from torch import nn
from torch.nn import functional as F

from peer import serve

torch.set_num_threads(2)


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).split(width, dim=2)
        q, k, v = (t.view(rows, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(rows, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self, vocabulary: int, context: int, width: int, layers: int, heads: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.T


state: dict = {}


def setup(batch: int, length: int, vocabulary: int, **size: int) -> None:
    torch.manual_seed(0)
    model = Transformer(vocabulary=vocabulary, context=length, **size)
    tokens = torch.randint(vocabulary, (batch, length + 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    state.update(model=model, tokens=tokens, optimizer=optimizer)


def loss_of(model: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    logits = model(tokens[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())


def train(steps: int) -> float:
    """Full training steps: loss, gradients, Adam. The loss is read in every step, as ours is."""
    for _ in range(steps):
        state["optimizer"].zero_grad()
        loss = loss_of(state["model"], state["tokens"])
        loss.backward()
        state["optimizer"].step()
        value = loss.item()
    return value


@torch.no_grad()
def log_probs(times: int) -> float:
    """Log-probabilities of given tokens, [B, T]."""
    for _ in range(times):
        logits = state["model"](state["tokens"][:, :-1])
        logp = F.log_softmax(logits, -1).gather(-1, state["tokens"][:, 1:, None]).squeeze(-1)
        value = logp.numpy()[0, 0].item()
    return value


if __name__ == "__main__":
    serve({"setup": setup, "train": train, "log_probs": log_probs, "version": lambda: [torch.__version__, sys.version]})
