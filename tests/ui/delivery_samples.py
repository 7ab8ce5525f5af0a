"""Delivery histories that do not depend on the time of day: a seeded year, and an empty one."""

from opsboard.delivery.read_delivery import DeliveryHistory
from tests.delivery.recorded_world import BAD, RecordedWorld, at, sha

UNTIL = 40 * 24.0
"""The hour as of which the history is."""


def delivered() -> DeliveryHistory:
    """Return forty days of two services and a model: with failures, gaps, and one that goes on."""
    world = RecordedWorld()
    for name in ("cart", "checkout"):
        world.runs(0, "v1", name=name)
    for number in range(2, 12):
        hours = number * 70.0
        world.commits(hours - 3 * number, f"Change {number}")
        world.runs(
            hours, f"v{number}", name="checkout", actor="dana",
            head=sha(f"Change {number}"),
        )  # fmt: skip
    world.runs(771, "v11", BAD, name="checkout")
    world.runs(773, "v10", name="checkout", actor="ada")
    world.runs(840, "v12", BAD, name="checkout")
    world.runs(842, "v13", name="checkout")
    world.runs(900, "v2", name="cart")
    world.runs(910, "v2", BAD, name="cart")
    world.misses(500, 536)
    world.alias(0, "5")
    world.drifts(700, 0.3, "5")
    world.alias(790, "6")
    world.alias(800, "5")
    return world.history(UNTIL)


def nothing_delivered() -> DeliveryHistory:
    """Return a history in which nothing was deployed."""
    return DeliveryHistory(at(UNTIL), recorded_since=at(0))
