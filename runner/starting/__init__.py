"""What is settled before a run begins, whoever asks for it: environment, secrets, which tasks are meant.

And what it was asked for, as that is recorded for whoever continues it.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.hints import Any
from runner.masks import Mask


def recorded(options: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """The options of a run without secrets; `withheld` are params whose `assignments` hold one."""
    words = options["assignments"]
    secret = [word for word in words if mask and mask.text(word) != word]
    kept = {
        **options,
        "assignments": [word for word in words if word not in secret],
        "withheld": [word.partition("=")[0] for word in secret],
    }
    return mask.value(kept)[0] if mask else kept
