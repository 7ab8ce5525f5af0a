"""What a container registry holds."""

from opsboard.frozen import Frozen, frozen
from opsboard.records.base import Kind, Record
from opsboard.text.sanitize import Text


@frozen
class Label(Frozen):
    """A label or annotation."""

    key: Text
    value: Text


@frozen
class Image(Record):
    """An image in a repository of a registry, by the digest that its tags lead to.

    *registry* and *repository* are as in a reference: ``registry.example:5000/shop/cart``. *tags*
    are those that lead to it now; an image that has lost them is kept for as long as the registry
    holds it. *platforms* are such as ``linux/amd64``; *size* is in bytes, of one platform, as it is
    pulled.

    *revision* is what the image says of its commit, as it is written. *commit* is the full SHA in
    it, empty where there is none; then *note* says what would mend that. *inherited* says that the
    text is also on the image that this one is built on, and so may be of that one. *origin* is the
    address of the source code, *base* the image that it is built on, as the image tells them.
    *labels* are those of the first platform.
    """

    kind: Kind = Kind.IMAGE
    registry: Text
    repository: Text
    digest: Text
    tags: tuple[Text, ...] = ()
    platforms: tuple[Text, ...] = ()
    size: int = 0
    commit: Text = ""
    revision: Text = ""
    inherited: bool = False
    origin: Text = ""
    base: Text = ""
    note: Text = ""
    labels: tuple[Label, ...] = ()
