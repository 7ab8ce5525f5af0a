"""The form of an action: the inputs that it takes before it is planned."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input as TextualInput
from textual.widgets import Static

from opsboard.adapter import Form, Input
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, StylesChanged
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.form_field import FormField, TextField
from opsboard.ui.widgets.option_field import OptionField


class FormScreen(BaseScreen):
    """Asks for the inputs of *form*, which start with *values*; :attr:`submitted` are the answers.

    Only Ctrl+S and Enter at the last input end it with values, and only where all are right. Even
    then nothing is done: it is planned. *preset* has the values of the row under the cursor, which
    the help of the inputs shows; *gone* returns why the target cannot be acted on any more.
    """

    SCOPES: ClassVar = (BindingScope.FORM, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.FORM)

    def __init__(
        self,
        context: AppContext,
        action: str,
        about: str,
        form: Form,
        values: Mapping[str, str],
        *,
        preset: Mapping[str, str] = MappingProxyType({}),
        gone: Callable[[], str] = str,
    ) -> None:
        super().__init__(context)
        self._preset, self._gone = preset, gone
        self._action, self._about, self._form = action, about, form
        self.submitted: Mapping[str, str] | None = None
        self._begun = form.filled({k: v for k, v in values.items() if k in _names(form)})

    def compose_body(self) -> ComposeResult:
        """Yield caption and fields."""
        yield Caption(self.context, "form", f"{self._action}  {self._about}")
        with VerticalScroll(can_focus=False):
            for one in map(self._with_its_row, self._form.inputs):
                yield _field_class(one)(self.context, one, self._begun[one.name])
            if not self._form.inputs:
                yield Static("  it has no inputs; Ctrl+S plans it", markup=False)

    def _with_its_row(self, one: Input) -> Input:
        """Return *one*, with the value that the row under the cursor has for it in its help."""
        if one.name not in self._preset:
            return one
        text = f"The row under the cursor says {self._preset[one.name]}."
        return one.model_copy(update={"help": f"{one.help} {text}".strip()})

    @on(BoardChanged)
    def _tell_whether_gone(self) -> None:
        """Say so where what it is about has gone meanwhile."""
        gone = bool(self._gone())
        self.query_one(Caption).set_state("gone from the board" if gone else "", wrong=gone)

    def on_mount(self) -> None:
        """Begin in the first field."""
        if fields := self._fields():
            self._enter(fields[0])

    # --- focus -----------------------------------------------------------------------------------

    def _fields(self) -> list[FormField]:
        return [node for node in self.query(Vertical) if isinstance(node, FormField)]

    def _field(self) -> FormField | None:
        focused: Widget | None = self.focused
        nodes = focused.ancestors_with_self if focused is not None else ()
        return next((node for node in nodes if isinstance(node, FormField)), None)

    def _enter(self, field: FormField) -> None:
        editor = next(widget for widget in field.query(Widget) if widget.focusable)
        self.set_focus(editor, scroll_visible=False)
        field.scroll_visible(animate=False, force=True)

    def _go(self, step: int) -> bool:
        """Go to the next field, or the one before; return whether there is one."""
        fields, field = self._fields(), self._field()
        at = (fields.index(field) if field else -1) + step
        if not 0 <= at < len(fields):
            return False
        self._enter(fields[at])
        return True

    # --- values ----------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        """What is filled in."""
        return {field.input.name: field.value for field in self._fields()}

    @on(FormField.ValueChanged)
    def _check(self, event: FormField.ValueChanged) -> None:
        event.field.show_error(event.field.input.fault(event.field.value))

    @on(TextualInput.Submitted)
    def _accepted(self, event: TextualInput.Submitted) -> None:
        event.stop()
        self.do_accept()

    @on(StylesChanged)
    def _looks_change(self) -> None:
        for field in self.query(OptionField):
            field.redraw()

    # --- acting ----------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Say that only yes and no are toggled."""
        if action.id == "form.toggle":
            field = self._field() if self.is_mounted else None
            return "" if field and field.input.type == "boolean" else "this input is not yes or no"
        return super().disabled_reason(action)

    def do_accept(self) -> None:
        """Go on to the next input, or plan with what is filled in."""
        if not self._go(+1):
            self.do_submit()

    def do_submit(self) -> None:
        """End with the values; go to the first input that is wrong, if any is."""
        if gone := self._gone():
            self.show_notice(gone, wrong=True)
            return
        values = self.values
        faults = self._form.faults(values)
        wrong = [field for field in self._fields() if field.input.name in faults]
        for field in self._fields():
            field.show_error(faults.get(field.input.name, ""))
        if wrong:
            self._enter(wrong[0])
            return
        self.submitted = values
        self.dismiss()

    def do_toggle(self) -> None:
        """Switch between yes and no."""
        if field := self._field():
            field.toggle()

    def do_down(self) -> None:
        """Choose the next one, or go to the next input."""
        field = self._field()
        if field is None or not field.move_by(+1):
            self._go(+1)

    def do_up(self) -> None:
        """Choose the one before, or go to the input before."""
        field = self._field()
        if field is None or not field.move_by(-1):
            self._go(-1)

    def do_next(self) -> None:
        """Go to the next input, after the last one to the first."""
        if not self._go(+1) and (fields := self._fields()):
            self._enter(fields[0])

    def do_previous(self) -> None:
        """Go to the input before, before the first one to the last."""
        if not self._go(-1) and (fields := self._fields()):
            self._enter(fields[-1])


def _field_class(one: Input) -> type[TextField] | type[OptionField]:
    return OptionField if one.type in {"choice", "boolean"} else TextField


def _names(form: Form) -> frozenset[str]:
    return frozenset(one.name for one in form.inputs)
