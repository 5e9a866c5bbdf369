"""Addresses of the users app: the API, then the pages."""

from django.urls import path

from monolith.users import apis, pages

urlpatterns = [
    path("api/auth/register/", apis.RegisterApi.as_view(), name="register"),
    path("api/auth/login/", apis.LoginApi.as_view(), name="login"),
    path("api/auth/logout/", apis.LogoutApi.as_view(), name="logout"),
    path("api/auth/password/", apis.PasswordApi.as_view(), name="password"),
    path("api/auth/token/", apis.TokenApi.as_view(), name="token"),
    path("api/users/", apis.UserListApi.as_view(), name="user-list"),
    path("api/users/me/", apis.MeApi.as_view(), name="me"),
    path("api/users/me/profile/", apis.ProfileApi.as_view(), name="profile"),
    path("api/users/me/addresses/", apis.AddressListApi.as_view(), name="address-list"),
    path("api/users/me/addresses/<int:pk>/", apis.AddressApi.as_view(), name="address"),
    path("api/users/<int:pk>/", apis.UserApi.as_view(), name="user"),
    path("account/", pages.account_page, name="account-page"),
    path("account/login/", pages.login_page, name="login-page"),
    path("account/logout/", pages.logout_page, name="logout-page"),
    path("account/register/", pages.register_page, name="register-page"),
]
