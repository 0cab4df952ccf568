"""What the models of images share: the check of what they are given.

Shapes: images and features are (B, C, H, W), batch, channels, height, width.
"""

from __future__ import annotations

from torch import Tensor


def check_images(
    images: Tensor, channels: int, size: tuple[int, int] | None = None, least: int = 1
) -> None:
    """Refuse what is no batch of images that the model can see, with a way out.

    Args:
        images: (B, C, H, W), floats.
        channels: C that the model is made for.
        size: H and W, where the model can take no others.
        least: what H and W are at least.

    Raises:
        ValueError: another number of axes or channels, another size, whole numbers, no image.
    """
    if images.ndim != 4 or images.shape[1] != channels:
        raise ValueError(
            f"images must be (B, {channels}, H, W); got {tuple(images.shape)}. One image (C, H, W) "
            "becomes a batch by images.unsqueeze(0), one grey channel becomes three by "
            "images.expand(-1, 3, -1, -1)"
        )
    if not images.is_floating_point():
        raise ValueError(f"images must be floats; got {images.dtype}: pass images.float() / 255")
    if images.shape[0] == 0:
        raise ValueError("images holds none; pass a batch of at least one")
    height, width = images.shape[-2:]
    if size is not None and (height, width) != size:
        raise ValueError(
            f"images must be {size[0]} x {size[1]}; got {height} x {width}. Pad them by "
            "torch.nn.functional.pad, or resize them by torch.nn.functional.interpolate"
        )
    if height < least or width < least:
        raise ValueError(f"images must be at least {least} x {least}; got {height} x {width}")
