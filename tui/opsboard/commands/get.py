"""``opsboard get``: what there is of one kind, as a table, as JSON or YAML, or as names.

The board's own kinds, and the saved views of the config, are read as for ``status``. Any other word
is looked for among what the servers list (:mod:`opsboard.commands.get_listing`), as after ``:`` on
the board. A view that is called like something that is listed is an error: a script is not to get
one or the other by what a server happens to list.
"""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.board.state import Board
from opsboard.collect.session import Session
from opsboard.commands.act_targets import full_name, names_of
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.get_listing import UnknownListingError, get_listing
from opsboard.commands.json_versions import render
from opsboard.commands.report_style import style_of
from opsboard.commands.selection import SelectedRecords, select
from opsboard.commands.setup import (
    LoadedConfig,
    read_config,
    sources_to_ask,
    warn,
)
from opsboard.commands.status_text import table_report
from opsboard.config.problems import ConfigError, ConfigFault
from opsboard.config.resolved_source import ResolvedSource
from opsboard.kinds.pane_spec import PaneSpec, opened_by
from opsboard.records import Kind, Record
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.text.suggestions import did_you_mean
from opsboard.views.filter import FilterError
from opsboard.views.listing_directory import ListingDirectory
from opsboard.views.listing_view import not_listed
from opsboard.views.panes import ListingView, SavedView, panes
from opsboard.views.saved_views import read_views

_OF_ALL: Final = frozenset({Kind.SERVICE, Kind.ALERT, Kind.ACTIVITY})
"""Kinds that no adapter yields: they are made of what all sources have."""


def _what_there_is() -> str:
    tables = ", ".join(pane.id for pane in panes())
    return f"there are {tables}, and what servers list, as after `:` on the board"


def run(options: Namespace) -> int:
    """Print what there is; return the exit code."""
    setup = read_config(options)
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    session = headless_session(setup, sources)
    try:
        return _get(options, setup, session, sources)
    except FilterError as error:
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    except ConfigError as error:
        for problem in error.problems:
            warn(str(problem))
        return ExitCode.USAGE
    except UnknownListingError as error:
        if error.of_view:
            near = not_listed(error.word, error.words)
        else:
            known = [word for pane in panes() for word in _words(pane)]
            near = did_you_mean(error.word, [*known, *error.words]) or _what_there_is()
        warn("; ".join(filter(None, (str(error), near, *error.notes))))
        return ExitCode.UNREACHABLE if error.notes else ExitCode.USAGE
    finally:
        session.close()


def _get(
    options: Namespace, setup: LoadedConfig, session: Session, sources: Sequence[ResolvedSource]
) -> int:
    view = _view(setup, options.kind)  # first: one may have taken the word of a pane
    pane = next((pane for pane in panes() if options.kind in _words(pane)), None)
    if isinstance(view, PaneSpec):
        pane = view
    if pane is None:
        listing_view = view if isinstance(view, ListingView) else None
        notes, selected = _listed(options, setup, session, listing_view)
    else:
        select(Board(), [pane], options.filter, datetime.now(UTC))  # before any source is asked
        collect_once(session.feed, session.board, options.wait_fresh)
        if view is not None:
            _check_only_view(setup, session, options.kind)
        (selected,) = select(session.board, [pane], options.filter, datetime.now(UTC))
        notes = _incomplete(session.board, pane.kind, sources)
    for note in notes:
        warn(note)
    chosen, missing = _named(selected, options.name)
    for word in missing:
        warn(f"{selected.pane.title}: nothing is called {word!r}")
    sys.stdout.write(_text(options, setup, chosen))
    if notes:
        return ExitCode.UNREACHABLE
    return ExitCode.FAILED if missing else ExitCode.OK


def _listed(
    options: Namespace, setup: LoadedConfig, session: Session, view: ListingView | None
) -> tuple[Sequence[str], SelectedRecords]:
    """Return what servers list, as *view* shows it, and in notes what of it is missing."""
    word = options.kind if view is None else view.listing
    found = get_listing(session, word, options.filter, options.wait_fresh, view)
    if view is not None:
        _check_only_view(setup, session, options.kind)
    for note in found.view_notes:
        warn(note)
    return found.notes, found.selected


def _view(setup: LoadedConfig, word: str) -> SavedView | None:
    """Return the saved view that *word* opens. Raises :exc:`ConfigError` where it is wrong."""
    rules = setup.config.settings.views
    read = read_views(rules)
    for fault in read.faults:
        rule = rules[int(fault.path[1])]
        if word in {rule.name, *rule.alias}:
            raise ConfigError([setup.config.locate(fault)])
    return opened_by(word, read.views)


def _check_only_view(setup: LoadedConfig, session: Session, word: str) -> None:
    """Raise :exc:`ConfigError` where servers list something by the *word* of a view, too."""
    listed = ListingDirectory(asyncio.run(session.feed.listing_types())).find(word)
    if listed is None:
        return
    rules = setup.config.settings.views
    at = next(at for at, rule in enumerate(rules) if word in {rule.name, *rule.alias})
    key = "name" if rules[at].name == word else "alias"
    whose = ", ".join(one.source for one in listed.offered)
    said = f"{word!r} is this view, and what is listed by {whose}: nobody knows which is meant"
    fault = ConfigFault(("views", str(at), key), said, "give the view another name")
    raise ConfigError([setup.config.locate(fault)])


def _words(pane: PaneSpec) -> tuple[str, ...]:
    return (*pane.words, str(pane.kind))


def _incomplete(board: Board, kind: Kind, sources: Sequence[ResolvedSource]) -> Sequence[str]:
    """Return what is to be told of sources that may have more records of *kind*."""
    yielding = {one.name for one in sources if kind in one.adapter.kind_names() | _OF_ALL}
    return [
        f"{one.name} is {one.health.condition}: {one.health.message}"
        for one in board.sources()
        if not one.is_complete and one.name in yielding
    ]


def _named(
    selected: SelectedRecords, words: Sequence[str]
) -> tuple[SelectedRecords, Sequence[str]]:
    """Return those that *words* name, all without any; and the words that name nothing."""
    if not words:
        return selected, ()
    named = [record for record in selected.records if _called(record) & {*words}]
    known = {name for record in named for name in _called(record)}
    chosen = SelectedRecords(selected.pane, named, selected.total, selected.fault)
    return chosen, [word for word in words if word not in known]


def _called(record: Record) -> set[str]:
    return {*names_of(record), full_name(record)}


def _text(options: Namespace, setup: LoadedConfig, chosen: SelectedRecords) -> str:
    if options.output == "table":
        return table_report(chosen, datetime.now(UTC), style_of(options, setup))
    if options.output == "name":
        return "".join(f"{full_name(record)}\n" for record in chosen.records)
    fields = {"pane": chosen.pane.id, "records": [_plain(one, chosen) for one in chosen.records]}
    if options.output == "json":
        return render("opsboard.get", fields)
    import yaml  # noqa: PLC0415 - only for this

    text: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=False)
    return text


def _plain(record: Record, chosen: SelectedRecords) -> dict[str, Any]:
    """Return *record* as JSON; of a listing, its cells under the names of their columns."""
    plain = as_json(record)
    if record.kind is Kind.LISTED:
        now = datetime.now(UTC)
        columns = [column for column in chosen.pane.columns if column.field == "cells"]
        plain["cells"] = {column.title: column.show(record, now).text for column in columns}
    return plain
