"""An adapter written for an earlier opsboard: it imports a name that is gone."""

from opsboard.adapter import Adapter, Offer

__all__ = ["Adapter", "Offer"]
