"""The users API: accounts, sessions, tokens, profiles and addresses."""

from django.contrib.auth import login, logout, update_session_auth_hash
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, permissions, status
from rest_framework.authentication import TokenAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from monolith.common.pagination import PagePagination
from monolith.users import selectors, services
from monolith.users.filters import UserFilter
from monolith.users.models import Address, Profile, User
from monolith.users.serializers import (
    AddressSerializer,
    CredentialsSerializer,
    MeSerializer,
    PasswordChangeSerializer,
    ProfileSerializer,
    RegisterSerializer,
    TokenSerializer,
    UserDetailSerializer,
    UserListSerializer,
)


class RegisterApi(APIView):
    permission_classes = (permissions.AllowAny,)
    authentication_classes = ()
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    @extend_schema(request=RegisterSerializer, responses={201: MeSerializer})
    def post(self, request: Request) -> Response:
        form = RegisterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.user_register(**form.validated_data)
        return Response(MeSerializer(user).data, status=status.HTTP_201_CREATED)


class CredentialsApi(APIView):
    """What login and token share: open to all, limited in rate, JSON only."""

    permission_classes = (permissions.AllowAny,)
    authentication_classes = ()
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    def get_authenticate_header(self, request: Request) -> str:
        """Name a scheme, so that wrong credentials are answered 401 and not 403."""
        return TokenAuthentication.keyword

    def read_user(self, request: Request) -> User:
        form = CredentialsSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        return form.validated_data["user"]


class LoginApi(CredentialsApi):
    @extend_schema(request=CredentialsSerializer, responses=MeSerializer)
    def post(self, request: Request) -> Response:
        user = self.read_user(request)
        login(request, user)
        return Response(MeSerializer(user).data)


class TokenApi(CredentialsApi):
    @extend_schema(request=CredentialsSerializer, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        token = services.token_for(user=self.read_user(request))
        return Response(TokenSerializer({"token": token}).data)


class LogoutApi(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        logout(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordApi(APIView):
    @extend_schema(request=PasswordChangeSerializer, responses=PasswordChangeSerializer)
    def post(self, request: Request) -> Response:
        form = PasswordChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        token = services.password_change(user=request.user, **form.validated_data)
        if request.session.session_key:
            update_session_auth_hash(request, request.user)
        return Response(PasswordChangeSerializer({"token": token}).data)


class MeApi(generics.RetrieveUpdateAPIView):
    serializer_class = MeSerializer
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> User:
        return self.request.user


class ProfileApi(generics.RetrieveUpdateAPIView):
    serializer_class = ProfileSerializer
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> Profile:
        return self.request.user.profile

    def perform_update(self, serializer: ProfileSerializer) -> None:
        services.profile_update(profile=serializer.instance, **serializer.validated_data)


class AddressListApi(generics.ListCreateAPIView):
    serializer_class = AddressSerializer
    pagination_class = None
    queryset = Address.objects.none()

    def get_queryset(self) -> QuerySet[Address]:
        return selectors.addresses_of(user=self.request.user)

    def perform_create(self, serializer: AddressSerializer) -> None:
        serializer.instance = services.address_create(
            user=self.request.user, **serializer.validated_data
        )


class AddressApi(generics.RetrieveUpdateDestroyAPIView):
    serializer_class = AddressSerializer
    http_method_names = ("get", "patch", "delete", "head", "options")
    queryset = Address.objects.none()

    def get_queryset(self) -> QuerySet[Address]:
        return selectors.addresses_of(user=self.request.user)

    def perform_update(self, serializer: AddressSerializer) -> None:
        services.address_update(address=serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: Address) -> None:
        services.address_delete(address=instance)


class UserListApi(generics.ListAPIView):
    permission_classes = (permissions.IsAdminUser,)
    serializer_class = UserListSerializer
    pagination_class = PagePagination
    filterset_class = UserFilter

    def get_queryset(self) -> QuerySet[User]:
        return selectors.users_with_spending()


class UserApi(generics.RetrieveAPIView):
    """One user: any for staff, only oneself for others."""

    serializer_class = UserDetailSerializer
    queryset = User.objects.none()

    def get_queryset(self) -> QuerySet[User]:
        return selectors.users_visible_to(viewer=self.request.user)
