"""Forms of the accounts room."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Name and password; a wrong pair is answered by one sentence, whichever of the two is wrong."""

    error_messages = {
        "invalid_login": _("The name and the password do not fit together. Capital letters count."),
        "inactive": _("The name and the password do not fit together. Capital letters count."),
    }
    username = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "class": "form-control"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "form-control"}),
    )


class LanguageForm(forms.Form):
    """The language of one person's pages."""

    language = forms.ChoiceField(
        label=_("Language of your pages"),
        required=False,
        choices=[("", _("as the browser says")), *settings.CONSOLE_LANGUAGES],
        widget=forms.RadioSelect,
    )
