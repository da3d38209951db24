"""Hours of a study: the volume of its work with assistance."""

from __future__ import annotations

from tracker.analysis.study import Study
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.hours_saved import Volume, recent_volume


def volume_of(study: Study) -> Volume | None:
    """Return today's volume of work with assistance; None where there is none to show.

    That of fewer than five developers is not shown, unless the log has no more or is the reader's
    own.
    """
    if study.volume_days is None:
        return None
    volume = recent_volume(study.moments, study.quality, study.volume_days)
    is_own = study.question.selection.developer is not None
    if is_own or study.log_developers < MIN_DEVELOPERS_SHOWN:
        return volume
    return volume if volume.developers >= MIN_DEVELOPERS_SHOWN else None
