"""LeNet-5: convolution and subsampling by turns, as the paper has it and as it is built today.

Shapes: images (B, 1, H, W), in the paper's 32 x 32 with the digit in the middle; scores (B, 10),
the highest is the answer.

Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document
recognition", https://doi.org/10.1109/5.726791, section II.B.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images

C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
"""Which of the 6 maps of S2 each of the 16 maps of C3 sees: table I of the paper."""

_DRAWN = """
..###.. ...#... .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..##... ##...## ##...## ...###. ##..... .##.... ##...## ##...## ##...##
##...## .###... ##...## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## #.##... .....## .....## .##.##. ##..... ##..... .....## ##...## ##...##
##...## ..##... .....## .....## .#..##. ######. ##..... ....##. .##.##. ##...##
##...## ..##... ....##. ..####. ##..##. ##...## ######. ....##. ..###.. .######
##...## ..##... ...##.. .....## ##..##. .....## ##...## ...##.. .##.##. .....##
##...## ..##... ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
##...## ..##... .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ..##... ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
.##.##. ..##... ##..... ##...## ....##. ##...## .##.##. ..##... ##...## ....##.
..###.. .#####. ####### .#####. ....##. .#####. ..###.. ..##... .#####. .####..
"""


def prototypes() -> Tensor:
    """The ten digits (10, 84) as drawings of 7 x 12, +1 ink and -1 paper, row by row.

    The paper's are letters of a typeface (its figure 3); these are drawn anew on the same grid.
    """
    rows = [line.split() for line in _DRAWN.split("\n") if line]  # 12 rows of 10 pieces
    ink = [[char == "#" for row in rows for char in row[digit]] for digit in range(10)]
    return 2.0 * torch.tensor(ink).float() - 1.0


class Squash(nn.Module):
    """The scaled tanh, 1.7159 tanh(2/3 a), which is 1 at 1 and -1 at -1.

    Source: LeCun et al. 1998, equation 6 and appendix A.
    """

    def forward(self, a: Tensor) -> Tensor:
        """The same shape, every value between -1.7159 and 1.7159."""
        return 1.7159 * torch.tanh(2 / 3 * a)


class Subsample(nn.Module):
    """Half the size: the sum of 2 x 2 times a coefficient plus a bias, both learned, one a map.

    Args:
        maps: how many there are, C.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.ones(maps, 1, 1) / 4)
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H / 2, W / 2); what is left over at an odd edge is dropped."""
        total = 4 * nn.functional.avg_pool2d(x, 2)
        return self.coefficient * total + self.bias


class TableConv(nn.Module):
    """A convolution in which each map sees only some maps: one 5 x 5 kernel for each connection.

    Args:
        inputs: number of maps that come in.
        table: for each map that goes out, the maps that it sees.
    """

    def __init__(self, inputs: int, table: tuple[tuple[int, ...], ...] = C3_TABLE) -> None:
        super().__init__()
        if not all(seen and seen == tuple(sorted(set(seen) & {*range(inputs)})) for seen in table):
            raise ValueError(f"table must name maps from 0 to {inputs - 1} in order; got {table}")
        pairs = [(j, i) for j, seen in enumerate(table) for i in seen]
        within = torch.tensor([2.4 / (25 * len(table[j])) for j, _ in pairs])[:, None, None]
        self.weight = nn.Parameter(within * (2 * torch.rand(len(pairs), 5, 5) - 1))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        connected = torch.tensor([[i in seen for i in range(inputs)] for seen in table])
        self.register_buffer("connected", connected, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, maps, H - 4, W - 4)."""
        out, inputs = self.connected.shape
        kernel = self.weight.new_zeros(out, inputs, 5, 5)
        kernel = kernel.masked_scatter(self.connected[..., None, None], self.weight)
        return nn.functional.conv2d(x, kernel, self.bias)


class RBF(nn.Module):
    """Ten fixed points: y_i = sum_j (x_j - w_ij)^2, how far x is from the drawing of digit i.

    Source: LeCun et al. 1998, equation 7.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("points", prototypes())

    def forward(self, x: Tensor) -> Tensor:
        """Penalties (B, 10), the lowest is the answer, of x (B, 84)."""
        return (x.unsqueeze(-2) - self.points).square().sum(dim=-1)


class LeNet5(nn.Module):
    """The network of 1998, with its 60,000 weights; the 840 of the RBF units are not learned."""

    def __init__(self) -> None:
        super().__init__()
        self.C1, self.S2 = nn.Conv2d(1, 6, 5), Subsample(6)
        self.C3, self.S4 = TableConv(6), Subsample(16)
        self.C5, self.F6 = nn.Conv2d(16, 120, 5), nn.Linear(120, 84)
        self.squash, self.output = Squash(), RBF()
        start(self)

    def code(self, images: Tensor) -> Tensor:
        """What F6 makes of images (B, 1, 32, 32): (B, 84), a drawing of 7 x 12 to be read."""
        check_images(images, 1, (32, 32))
        x = self.squash(self.C1(images))  # (B, 6, 28, 28)
        x = self.squash(self.S2(x))  # (B, 6, 14, 14)
        x = self.squash(self.C3(x))  # (B, 16, 10, 10)
        x = self.squash(self.S4(x))  # (B, 16, 5, 5)
        x = self.squash(self.C5(x)).flatten(1)  # (B, 120)
        return self.squash(self.F6(x))

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, 10), penalties with a minus, of images (B, 1, 32, 32)."""
        return -self.output(self.code(images))


def start(model: nn.Module) -> None:
    """The paper's first weights: uniform up to 2.4 over the inputs of a unit (appendix A).

    A `TableConv` is made so.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = 2.4 / module.weight[0].numel()
            nn.init.uniform_(module.weight, -bound, bound)
            nn.init.uniform_(module.bias, -bound, bound)


def rejecting_loss(scores: Tensor, digits: Tensor, rubbish: float = 1.0) -> Tensor:
    """The paper's loss: y_D + log(e^-j + sum_i e^-y_i), with the penalties y = -scores.

    Cross entropy among the ten digits and an eleventh class that is always j away, so that the
    penalty of a wrong digit is pushed no further once it is much above j.

    Source: LeCun et al. 1998, equation 9 (MAP criterion). The paper gives no value of j.

    Args:
        scores: (B, 10), what `LeNet5` gives.
        digits: (B,), the right ones.
        rubbish: j, greater than 0.

    Returns:
        The mean over the batch.
    """
    if not rubbish > 0:
        raise ValueError(f"rubbish must be greater than 0; got {rubbish}")
    eleventh = scores.new_full((len(scores), 1), -rubbish)
    return nn.functional.cross_entropy(torch.cat([scores, eleventh], dim=1), digits)


class LeNet(nn.Module):
    """LeNet as it is built today: every map sees every map, plain means, linear scores.

    61,706 weights. C3 has 2,416 where the paper's table left 1,516, the subsampling has none.

    Args:
        activation: makes the nonlinearity behind every layer.
        pooling: makes what halves the size.
    """

    def __init__(
        self, activation: type[nn.Module] = nn.ReLU, pooling: type[nn.Module] = nn.AvgPool2d
    ) -> None:
        super().__init__()
        self.C1, self.S2 = nn.Conv2d(1, 6, 5, padding=2), pooling(2)
        self.C3, self.S4 = nn.Conv2d(6, 16, 5), pooling(2)
        self.C5, self.F6 = nn.Linear(400, 120), nn.Linear(120, 84)
        self.activation, self.output = activation(), nn.Linear(84, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, 10) of images (B, 1, 28, 28), as MNIST has them."""
        check_images(images, 1, (28, 28))
        x = self.S2(self.activation(self.C1(images)))  # (B, 6, 14, 14)
        x = self.S4(self.activation(self.C3(x)))  # (B, 16, 5, 5)
        x = self.activation(self.C5(x.flatten(1)))  # (B, 400) -> (B, 120)
        return self.output(self.activation(self.F6(x)))
