"""Takes TensorFlow's C++ library and the headers of its C interface out of its Python package.

usage: python unpack.py PACKAGE.whl FOLDER     makes FOLDER/lib and FOLDER/include
"""

import os
import re
import shutil
import sys
import zipfile

LIBRARY = re.compile(r"tensorflow/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$")
HEADER = re.compile(r"tensorflow/(include/(?:tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c|xla/tsl/platform)/.+\.h)$")
NOTICES = re.compile(r"tensorflow/(THIRD_PARTY_NOTICES\.txt)$")

package, folder = sys.argv[1:]
with zipfile.ZipFile(package) as wheel:
    for entry in wheel.infolist():
        library = LIBRARY.match(entry.filename)
        kept = library or HEADER.match(entry.filename) or NOTICES.match(entry.filename)
        if not kept:
            continue
        place = os.path.join(folder, "lib" if library else "", kept.group(1))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with wheel.open(entry) as source, open(place, "wb") as target:  # reading to the end checks the checksum
            shutil.copyfileobj(source, target, 1 << 20)
