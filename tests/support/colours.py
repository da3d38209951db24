"""Colours as people see them: contrast, difference, and simulated colour blindness.

Contrast is that of WCAG 2. The difference is CIEDE2000 (Sharma, Wu and Dalal 2005). Protanopia and
deuteranopia are simulated on linear sRGB with the matrices of Machado, Oliveira and Fernandes
(2009) for severity 1.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

SIGHTS: dict[str, Vector] = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def linear_rgb(color: str) -> Vector:
    """Return the linear components of ``#rrggbb``."""
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of a colour."""
    return float(linear_rgb(color) @ np.array([0.2126, 0.7152, 0.0722]))


def difference(first: str, second: str, sight: str = "normal") -> float:
    """Return CIEDE2000 of two colours as someone of a sight perceives them."""
    return delta_e(*(lab(linear_rgb(color), sight) for color in (first, second)))


def lab(rgb: Vector, sight: str = "normal") -> Vector:
    """Return L*, a*, b* of a linear colour as someone of a sight perceives it."""
    relative = _TO_XYZ @ np.clip(SIGHTS[sight] @ rgb, 0, 1) / _WHITE
    f = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def delta_e(first: Vector, second: Vector) -> float:
    """Return CIEDE2000 of two colours in L*, a*, b*."""
    mean_chroma = (math.hypot(*first[1:]) + math.hypot(*second[1:])) / 2
    g = 0.5 * (1 - math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)))
    l_1, c_1, h_1 = _polar(first, g)
    l_2, c_2, h_2 = _polar(second, g)
    h_step, h_mean = h_2 - h_1, h_1 + h_2
    if not c_1 * c_2:
        h_step = 0.0
    elif abs(h_step) > 180:
        h_step -= math.copysign(360, h_step)
        h_mean += 360 if h_mean < 360 else -360
    h_mean = h_mean / 2 if c_1 * c_2 else h_mean
    c_mean, l_term = (c_1 + c_2) / 2, ((l_1 + l_2) / 2 - 50) ** 2
    t = (
        1
        - 0.17 * _cos(h_mean - 30)
        + 0.24 * _cos(2 * h_mean)
        + 0.32 * _cos(3 * h_mean + 6)
        - 0.20 * _cos(4 * h_mean - 63)
    )
    l_part = (l_2 - l_1) / (1 + 0.015 * l_term / math.sqrt(20 + l_term))
    c_part = (c_2 - c_1) / (1 + 0.045 * c_mean)
    h_part = 2 * math.sqrt(c_1 * c_2) * math.sin(math.radians(h_step / 2))
    h_part /= 1 + 0.015 * c_mean * t
    angle = 60 * math.exp(-(((h_mean - 275) / 25) ** 2))
    rotation = -2 * math.sqrt(c_mean**7 / (c_mean**7 + 25**7)) * math.sin(math.radians(angle))
    return math.sqrt(l_part**2 + c_part**2 + h_part**2 + rotation * c_part * h_part)


def _polar(color: Vector, g: float) -> tuple[float, float, float]:
    """Return lightness, chroma and hue in degrees, with a* stretched by ``g``."""
    a = (1 + g) * color[1]
    return color[0], math.hypot(a, color[2]), math.degrees(math.atan2(color[2], a)) % 360


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))
