"""The families of stories: what was changed, and what came of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from opsboard.demo.world.stories.cluster_families import (
    config_changed,
    image_removed,
    rescheduled,
    scaled,
    secret_rotated,
    shared_config_changed,
)
from opsboard.demo.world.stories.model_families import (
    alias_moved,
    alias_moved_back,
    data_changed,
    raw_data_changed,
    retrained_on_changed_data,
    training_code_changed,
)
from opsboard.demo.world.stories.plot import StoryFamily
from opsboard.demo.world.stories.release_families import (
    released,
    released_and_a_pod_crashes,
    rolled_back,
)

FAMILIES: Final[Mapping[str, StoryFamily]] = MappingProxyType(
    {
        "release": released,
        "release, seen at a pod": released_and_a_pod_crashes,
        "rollback to an old revision": rolled_back,
        "scaled": scaled,
        "config map": config_changed,
        "shared config map": shared_config_changed,
        "secret": secret_rotated,
        "image removed": image_removed,
        "schedule": rescheduled,
        "alias": alias_moved,
        "alias, seen at drift": alias_moved_back,
        "retrained on changed data": retrained_on_changed_data,
        "data changed": data_changed,
        "raw data changed": raw_data_changed,
        "training code": training_code_changed,
    }
)
