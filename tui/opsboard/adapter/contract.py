"""An adapter: a kind of system that sources can be made of."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from opsboard.adapter.action_spec import ActionSpec
from opsboard.adapter.context import Context, Discovery, LoginInputs
from opsboard.adapter.source import Source
from opsboard.records import Kind, Record
from opsboard.system.host_environ import HostEnviron

if TYPE_CHECKING:
    from pydantic import BaseModel

    from opsboard.adapter.settings import SourceSettings
    from opsboard.kinds import RecordKind

GROUP: Final = "opsboard.adapters"
"""The entry-point group in which adapters are found."""

S = TypeVar("S", bound="SourceSettings")


class Adapter(ABC, Generic[S]):
    """A kind of system that sources can be made of. Never instantiated: a namespace of facts."""

    name: ClassVar[str]
    """The word for it in config: ``github``."""

    title: ClassVar[str]
    """The name for it on screen: ``GitHub Actions``."""

    settings: ClassVar[type["SourceSettings"]]
    """The pydantic model of its table in the config file."""

    kinds: ClassVar[Collection["Kind | RecordKind"]]
    """The kinds of record that it yields as changes.

    One of its own is declared here, by a :class:`opsboard.kinds.RecordKind`; one that the board or
    another adapter declares is named: ``(BACKUP, Kind.BUILD)``.
    """

    log_kinds: ClassVar[frozenset[Kind]] = frozenset()
    """The kinds of record that have a log."""

    compared_kinds: ClassVar[frozenset[Kind]] = frozenset()
    """The kinds of record that are compared side by side: see :meth:`.Source.comparand`."""

    actions: ClassVar[tuple[ActionSpec, ...]] = ()
    """The actions on its records."""

    enriches: ClassVar[frozenset[str]] = frozenset()
    """The types of identity that its sources know more of, where another source states them.

    Such as ``image``, for a host that keeps attestations of images: see :meth:`Source.enrich`.
    """

    holds: ClassVar[frozenset[str]] = frozenset()
    """The types of identity of which its sources can tell whether they have them.

    Such as ``image``, for a registry: see :meth:`Source.holds`.
    """

    recipe: ClassVar[type["BaseModel"] | None] = None
    """Where it can train a model: the pydantic model of how, as ``[[retrain]]`` tells it.

    Its fields are text. Its sources take :data:`~opsboard.adapter.RETRAIN` requests then.
    """

    @classmethod
    def kind_names(cls) -> frozenset[Kind]:
        """Return the names of all :attr:`kinds`."""
        return frozenset(one if isinstance(one, Kind) else one.name for one in cls.kinds)

    @classmethod
    def own_kinds(cls) -> tuple["RecordKind", ...]:
        """Return those of :attr:`kinds` that are declared here."""
        return tuple(one for one in cls.kinds if not isinstance(one, Kind))

    @classmethod
    def disabled_reason(cls, action: ActionSpec, record: Record, settings: S) -> str:
        """Return why *action* makes no sense for *record*; by default as its spec says."""
        return action.disabled_reason(record, settings)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        """Find sources in what the user already has. Quick, and without network.

        By default there are none: each source has to be configured.
        """
        return ()

    @classmethod
    @abstractmethod
    def connect(cls, settings: S, context: Context) -> AbstractAsyncContextManager[Source]:
        """Return a context that holds a source. No request is made before it is used."""

    @classmethod
    def login_inputs(cls, settings: S, host_environ: HostEnviron) -> LoginInputs:
        """Return where the login comes from, beside the secrets that *settings* declare.

        The last known board is cached under a hash of these inputs, so that one login never sees
        what another one saw; as long as none of them changes, it is painted before this adapter is
        imported. No network, no command is run. By default: nothing else. Override it where the
        login comes from a variable or file that the settings do not name::

            file = host_environ.home / ".nightly"
            return LoginInputs(variables=("NIGHTLY_TOKEN",), files=(file,))
        """
        return LoginInputs()
