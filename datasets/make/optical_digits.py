"""Writes datasets/optical-digits-8x8.json from scikit-learn's copy of the test set of UCI's optical digits.

Usage: python -m venv venv && venv/bin/pip install scikit-learn && venv/bin/python datasets/make/optical_digits.py
No seed: nothing is drawn. The sums that a test checks are printed.
"""

import json
from pathlib import Path

from sklearn.datasets import load_digits

INK = "0123456789abcdefg"  # 0 to 16

digits = load_digits()
images = ["".join(INK[int(level)] for level in image) for image in digits.data]
record = {
    "title": "1,797 handwritten digits, 8 x 8 pixels of ink 0 to 16",
    "source": "E. Alpaydin and C. Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, doi:10.24432/C50P49 (test set); the copy that scikit-learn ships as load_digits",
    "ink": INK,
    "labels": "".join(str(label) for label in digits.target),
    "images": images,
}
place = Path(__file__).resolve().parents[1] / "optical-digits-8x8.json"
text = json.dumps(record, indent=1)
place.write_text(text + "\n", encoding="utf8")
print(place.name, len(images), "images, sum of ink", int(digits.data.sum()), [int((digits.target == d).sum()) for d in range(10)])
