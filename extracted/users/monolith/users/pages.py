"""HTML pages of the account: it walks into orders, payments and products."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from monolith.users import selectors
from monolith.users.forms import RegisterForm

login_page = LoginView.as_view(template_name="users/login.html", redirect_authenticated_user=True)
logout_page = LogoutView.as_view()


@require_safe
@login_required
def account_page(request: HttpRequest) -> HttpResponse:
    customer = selectors.user_for_account_page(user_id=request.user.pk)
    return render(request, "users/account.html", {"customer": customer})


@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: HttpRequest) -> HttpResponse:
    form = RegisterForm(request.POST or None)
    if form.is_valid() and (user := form.register()):
        login(request, user)
        return redirect("account-page")
    return render(request, "users/register.html", {"form": form})
