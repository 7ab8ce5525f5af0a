"""How high panes that stand one below the other are drawn: each as high as it needs, if it can."""

from collections.abc import Sequence


def share_heights(needs: Sequence[int], room: int, least: int, focused: int = -1) -> list[int]:
    """Return the heights of panes that need so many lines each; together they take *room* at most.

    None has more than it needs: what is left stays empty, below them all. Where there is less than
    all of them need, each has *least* lines (or what it needs, if that is less), the *focused* one
    up to half of the room, and the others share what is left: nothing is cut while something else
    is empty. Where not even that is there, all have the same.
    """
    if not needs:
        return []
    left = max(room, len(needs))
    heights = [min(need, least, left // len(needs)) for need in needs]
    left -= sum(heights)
    if 0 <= focused < len(needs):
        more = max(0, min(needs[focused], room // 2) - heights[focused])
        heights[focused] += min(left, more)
        left -= min(left, more)
    while left > 0:
        hungry = [at for at, need in enumerate(needs) if need > heights[at]]
        if not hungry:
            break
        share = max(1, left // len(hungry))
        for at in hungry:
            more = min(share, needs[at] - heights[at], left)
            heights[at] += more
            left -= more
    return heights
