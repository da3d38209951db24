"""Judges a log: asks evidence what it needs and lets the store aggregate it.

Only this package and the notebook import both.
"""

from tracker.analysis.assessment import assess, plan
from tracker.analysis.study import Study, studies

__all__ = ["Study", "assess", "plan", "studies"]
