"""Handwritten digits: MNIST, or as much of it as fits into the package.

The default is 16,000 digits of MNIST that come with the package: 10,000 to train, 1,000 to choose,
5,000 to judge, every one as MNIST has it. It is there in every notebook without a download, it is
the same for all readers, and an error on it can be put beside the published ones. The other data
set that needs no network, the 1,797 digits of scikit-learn, is smaller, has pictures of 8 x 8 by 13
people, so that a random split is by the same hands, and would be one more package to install.

Who has all 70,000, from `torchvision.datasets.MNIST` or as IDX files, passes their `folder`.

**Writers.** Nobody who wrote a digit of the test file wrote one of the training file, so `test` is
by other hands than `train` and `dev`. Those two are of one file, which does not say who wrote what:
they may share writers. Half of either file is by employees of the US Census Bureau, half by high
school students.

**Drawings.** `centred` makes a picture of what a person draws, as MNIST made its own.

**Licence.** See the file LICENSE beside the data: CC BY-SA 3.0.

Source: LeCun, Cortes and Burges 1998, "The MNIST database of handwritten digits"; LeCun et al.
1998, https://doi.org/10.1109/5.726791, section III.A.
"""

from lecture_utils.data.digits.drawn import BOX, SIZE, Frame, centred, frame, framed
from lecture_utils.data.digits.idx import read_idx
from lecture_utils.data.digits.mnist_files import COUNTS, SPLITS, Digits, load, pack

__all__ = [
    "BOX",
    "COUNTS",
    "SIZE",
    "SPLITS",
    "Digits",
    "Frame",
    "centred",
    "frame",
    "framed",
    "load",
    "pack",
    "read_idx",
]
