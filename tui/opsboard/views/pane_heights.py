"""How high the rows of panes are drawn: each as high as it needs, up to its share."""

from collections.abc import Sequence


def share_heights(needs: Sequence[int], room: int, least: int) -> list[int]:
    """Return the heights of rows that need so many lines each; together they fill *room*.

    What one row does not need goes to those that need more, so that nothing is cut while something
    else is empty. No row has fewer than *least* lines where there are as many. What nobody needs is
    the last one's: it stays empty, and no other row moves when one needs more.
    """
    if not needs:
        return []
    left = max(room, len(needs))
    heights = [min(max(need, least), left // len(needs)) for need in needs]
    left -= sum(heights)
    while left > 0:
        hungry = [at for at, need in enumerate(needs) if need > heights[at]]
        if not hungry:
            break
        share = max(1, left // len(hungry))
        for at in hungry:
            more = min(share, needs[at] - heights[at], left)
            heights[at] += more
            left -= more
    heights[-1] += max(0, left)
    return heights
