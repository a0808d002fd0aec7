"""Sign in, sign out, choose a language."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.accounts import signing_in
from tocsin.accounts.forms import LanguageForm, SignInForm
from tocsin.accounts.policy import StaffRequest, allowed, needs

# (action that must be allowed, where such a person begins), best first
HOMES = (
    ("case.read", "cases:queue"),
    ("campaign.pass_on", "campaigns:list"),
    ("switches.set", "switches:page"),
    ("statistics.read", "statistics:figures"),
)


class SignIn(LoginView):
    """The sign-in page. A signed-in person goes straight on; `next` is followed only inside the console."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """The page that was asked for before, if it is a local path of the console."""
        wanted = super().get_redirect_url()
        return wanted if wanted.startswith("/console/") else ""

    def get_default_redirect_url(self) -> str:
        """Each role begins where it works: not everybody has a queue."""
        found = (name for action, name in HOMES if allowed(self.request.user, action))
        return reverse(next(found, "accounts:language"))

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]  # our own form
        """Begin the session."""
        signing_in.sign_in(self.request, form.get_user())
        return redirect(self.get_success_url())


@require_POST
@needs("console.enter")
def sign_out(request: StaffRequest) -> HttpResponse:
    """End the session and show the sign-in page."""
    signing_in.sign_out(request)
    messages.info(request, _("You are signed out."))
    return redirect("accounts:login")


@require_http_methods(["GET", "POST"])
@needs("console.enter")
def language(request: StaffRequest) -> HttpResponse:
    """Choose the language of one's own pages."""
    form = LanguageForm(
        request.POST if request.method == "POST" else None, initial={"language": request.user.language}
    )
    if request.method == "POST" and form.is_valid():
        signing_in.set_language(request.user, form.cleaned_data["language"])
        return redirect("accounts:language")
    return render(request, "accounts/language.html", {"form": form})
