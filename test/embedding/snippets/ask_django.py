"""Asks the view of snippet.py for a token, as nobody and as a user, in a Django without a database."""

import json
import sys

import django
from django.conf import settings

secret, name = sys.argv[1:]
settings.configure(
    ALLOWED_HOSTS=["localhost"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    NATTER_TOKEN_SECRET=secret,
)
django.setup()

from django.contrib.auth.models import AnonymousUser, User
from django.test import RequestFactory

from snippet import chat_token


def ask(user):
    request = RequestFactory().get("/chat-token")
    request.user = user
    response = chat_token(request)
    return {"status": response.status_code, "body": json.loads(response.content or "null")}


print(json.dumps([ask(AnonymousUser()), ask(User(pk=42, username=name))]))
