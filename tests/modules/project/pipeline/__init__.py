"""What drivers use of the package."""

from .actors import Tally
from .steps import load

__all__ = ["Tally", "load"]
