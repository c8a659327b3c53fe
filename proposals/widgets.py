# SPDX-License-Identifier: AGPL-3.0-or-later
"""Controls of forms that stand on long lists."""

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """The choices that Django would draw, without groups and without two templates for each: filters have dozens."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = (option for _group, group, _place in widget["optgroups"] for option in group)
        drawn = format_html_join(
            "",
            '\n  <option value="{}"{}>{}</option>\n',
            ((str(option["value"]), flatatt(option["attrs"]), option["label"]) for option in options),
        )
        return format_html('<select name="{}"{}>{}\n</select>', widget["name"], flatatt(widget["attrs"]), drawn)
