"""Writes test/golden/text-rewards.json: BLEU and ROUGE of made-up texts by the packages themselves. Needs sacrebleu (made with
2.6.0) and rouge-score (made with 0.1.2) from PyPI.

Usage: python text_rewards.py > ../text-rewards.json

Texts are stored once, cases name them by their places. BLEU case: [candidates, references of each, options, score, brevity penalty,
matched, total]. ROUGE case: [candidate, reference, stemmed, then precision and recall of 1, 2, L, Lsum].
"""

import json
import random

import sacrebleu
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU

draw = random.Random(6)
words = "the a whale sea Whale ship was is not very good bad ran running runs hunted hunting 3 10 1,000 2.5 it's old-man U.S. x-2".split()
marks = [" ", " ", " ", " ", " ", ", ", ". ", "; ", " - ", "-", "! ", " (", ") ", "/", "\n", "\n", "\n", "\n", "  ", " & ", "&amp;", '"', "'", "--"]
odd = ["", " ", ".", "...", "1.", ".5", "3-4", "a-\nb", "tab\there ", "&quot;Call me Ishmael.&quot;", "&lt;s&gt; 5 &gt; 4,", "déjà vu, Œuvre!",
       "naïve… “quoted” text", "$5.00, please", "50% of 1,000.00", "[a] {b} <c> ~ `d` ^ _e", "no\u00a0break here", "fin.\n", "the the the the the",
       "Kelvin K and İstanbul", "x\u001dy \u2003 z", "<skipped>word", "😀. 😀, ok", "a\n\nb\n", "\na"]


def text() -> str:
    out = ""
    for _ in range(draw.randint(1, 9)):
        out += draw.choice(words) + draw.choice(marks)
    return out.rstrip() if draw.random() < 0.8 else out


texts = odd + [text() for _ in range(8)]
while len(texts) < len(odd) + 75:
    # An earlier text with its words cut, moved or swapped, so that something matches.
    old = draw.choice(texts[len(odd):]).split(" ")
    i, j = sorted(draw.randrange(len(old) + 1) for _ in range(2))
    middle = draw.choice([old[i:j], [], old[i:j][::-1], old[i:j] * 2, [draw.choice(words)]])
    texts.append(" ".join(old[:i] + middle + old[j:]))
place = range(len(texts))
r8 = lambda x: float(f"{x:.9g}")

bleu = []
for k in range(330):
    n = 1 if k % 2 else draw.randint(1, 5)
    refs = draw.randint(1, 3)
    # The candidate is sometimes one of the references.
    candidates = [draw.choice(place) for _ in range(n)]
    references = [[c if draw.random() < 0.15 else draw.choice(place) for _ in range(refs)] for c in candidates]
    options = {}
    if draw.random() < 0.3:
        options["tokenize"] = "none"
    if draw.random() < 0.3:
        options["lowercase"] = True
    if draw.random() < 0.6:
        options["smooth_method"] = draw.choice(["floor", "add-k", "none", "exp"])
    if options.get("smooth_method") in ("floor", "add-k") and draw.random() < 0.5:
        options["smooth_value"] = draw.choice([0, 0.01, 0.5, 2])
    if draw.random() < 0.2:
        options["max_ngram_order"] = draw.choice([1, 2, 6])
    if draw.random() < 0.5:
        options["effective_order"] = True
    stats = BLEU(**{**options, "smooth_method": "none", "smooth_value": None})
    streams = [[texts[r[i]] for r in references] for i in range(refs)]
    s = BLEU(**options).corpus_score([texts[c] for c in candidates], streams)
    raw = stats.corpus_score([texts[c] for c in candidates], streams)
    bleu.append([candidates, references, options, r8(s.score), r8(s.bp), raw.counts, raw.totals])

rouge = []
kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
scorers = [rouge_scorer.RougeScorer(kinds, use_stemmer=stemmed) for stemmed in (False, True)]
for k in range(300):
    c, t, stemmed = draw.choice(place), draw.choice(place), k % 3 == 0
    s = scorers[stemmed].score(texts[t], texts[c])
    rouge.append([c, t, int(stemmed), *[round(v, 6) for kind in kinds for v in (s[kind].precision, s[kind].recall)]])

# ROUGE-Lsum of few different words in several lines, where the choice among longest subsequences and double counting matter:
# [candidate, reference, hits], a letter a word, "|" between lines.
lsum = []
while len(lsum) < 80:
    c, t = ["|".join("".join(draw.choice("abcd") for _ in range(draw.randint(2, 6))) for _ in range(draw.randint(1, 3))) for _ in range(2)]
    spell = lambda text: "\n".join(" ".join(line) for line in text.split("|"))
    precision = scorers[0].score(spell(t), spell(c))["rougeLsum"].precision
    lsum.append([c, t, round(precision * len(c.replace("|", "")))])

tokens = [sacrebleu.metrics.bleu._get_tokenizer("13a")()(line.rstrip()) for line in odd]
out = {
    "desc": "BLEU (corpus) and ROUGE of generated texts; 13a tokens of the first texts",
    "source": f"sacrebleu {sacrebleu.__version__} and rouge-score 0.1.2 (PyPI)",
    "made_by": "test/golden/make/text_rewards.py",
    "texts": texts, "tokens13a": tokens, "bleu": bleu, "rouge": rouge, "lsum": lsum,
}
lines = []
for key, value in out.items():
    if key in ("bleu", "rouge", "lsum"):
        body = ",\n".join(json.dumps(case, separators=(",", ":")) for case in value)
        lines.append(f"{json.dumps(key)}: [\n{body}\n]")
    else:
        lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=True)}")
print("{\n" + ",\n".join(lines) + "\n}")
